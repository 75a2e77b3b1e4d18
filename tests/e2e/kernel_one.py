"""One kernel client: programs and POSIX semantics on a mounted export, by each version of NFS."""

from lib.report import check


def simple(call, directory="work", **arguments):
    def test(scene, version):
        guest, _ = scene.mounted("A", version)
        path, _ = scene.directory(directory, version)
        guest.call(call, **{parameter: path for parameter in path_parameters(call)}, **arguments)
    return test


def path_parameters(call):
    return ("at",) if call in ("node_types", "files", "links", "directories", "times", "space", "sparse") else ("directory",)


def odd_names(scene, version):
    guest, _ = scene.mounted("A", version)
    path, entry = scene.directory("names", version)
    text = version != "3"  # NFSv4 has names in UTF-8 only
    count = guest.call("make_odd_names", directory=path, text=text)
    guest.call("move_odd_names", directory=path, text=text)
    guest.call("forget_cache")
    guest.call("check_odd_names", directory=path, text=text)
    if text:
        guest.call("refused_names", directory=path)
    raw, root = scene.client()
    with raw:
        listed = raw.list(raw.lookup(root, entry.encode()), plus=True)
    check(len({e.name for e in listed}) == count, f"{len(listed)} entries by a raw client, wanted {count}")


def negotiated(scene, version):
    guest, directory = scene.mounted("A", version)
    options = guest.call("mounted_with", directory=directory)
    for wanted in (f"vers={version}", "proto=tcp", "rsize=1048576", "wsize=1048576", "namlen=255"):
        check(wanted in options, f"{wanted} is not among {options}")


WORK = [
    ("what the client took from the server", negotiated),
    ("files, appended, truncated, mapped, sparse", simple("files")),
    ("hard and symbolic links, removed while open", simple("links")),
    ("directories, renames, errors in their order", simple("directories")),
    ("times in nanoseconds, moved by what must move them", simple("times")),
    ("space as df sees it", simple("space")),
    ("all node types", simple("node_types")),
    ("names of odd bytes and 255 bytes", odd_names),
    ("names that are too long", simple("too_long_names")),
    ("untar 2,000 files and compare", simple("untar")),
    ("git clone, fsck, gc", simple("clone")),
    ("sqlite3, rollback journal, integrity_check", simple("sqlite", journal="delete")),
    ("sqlite3, truncated journal, integrity_check", simple("sqlite", journal="truncate")),
    ("fio verifies cached random writes of odd sizes", simple("fio_cached")),
    ("fio verifies direct reads and writes of two jobs", simple("fio_direct")),
    ("fio verifies 1 MiB writes", simple("fio_large")),
    ("a sparse file of 5 GiB", simple("sparse", size=5 << 30)),
]


def label(kind, version):
    return kind if version == "3" else f"{kind} {version}"


def of(version):
    return [(f"{label('kernel', version)}: {name}", lambda scene, test=test: test(scene, version)) for name, test in WORK]


TESTS = of("3")
