"""One kernel client: programs and POSIX semantics on a mounted export."""

from lib.report import check


def simple(call, directory="work", **arguments):
    def test(scene):
        path, _ = scene.directory(directory)
        scene.guest("A").call(call, **{parameter: path for parameter in path_parameters(call)}, **arguments)
    return test


def path_parameters(call):
    return ("at",) if call in ("node_types", "files", "links", "directories", "times", "space", "sparse") else ("directory",)


def odd_names(scene):
    path, entry = scene.directory("names")
    count = scene.guest("A").call("make_odd_names", directory=path)
    scene.guest("A").call("move_odd_names", directory=path)
    scene.guest("A").call("forget_cache")
    scene.guest("A").call("check_odd_names", directory=path)
    raw, root = scene.client()
    with raw:
        listed = raw.list(raw.lookup(root, entry.encode()), plus=True)
    check(len({e.name for e in listed}) == count, f"{len(listed)} entries by a raw client, wanted {count}")


def negotiated(scene):
    options = scene.guest("A").call("mounted_with", directory="/mnt/e2e")
    for wanted in ("vers=3", "proto=tcp", "rsize=1048576", "wsize=1048576", "namlen=255"):
        check(wanted in options, f"{wanted} is not among {options}")


TESTS = [
    ("kernel: what the client took from FSINFO", negotiated),
    ("kernel: files, appended, truncated, mapped, sparse", simple("files")),
    ("kernel: hard and symbolic links, removed while open", simple("links")),
    ("kernel: directories, renames, errors in their order", simple("directories")),
    ("kernel: times in nanoseconds, moved by what must move them", simple("times")),
    ("kernel: space as df sees it", simple("space")),
    ("kernel: all node types", simple("node_types")),
    ("kernel: names of odd bytes and 255 bytes", odd_names),
    ("kernel: names that are too long", simple("too_long_names")),
    ("kernel: untar 2,000 files and compare", simple("untar")),
    ("kernel: git clone, fsck, gc", simple("clone")),
    ("kernel: sqlite3, rollback journal, integrity_check", simple("sqlite", journal="delete")),
    ("kernel: sqlite3, truncated journal, integrity_check", simple("sqlite", journal="truncate")),
    ("kernel: fio verifies cached random writes of odd sizes", simple("fio_cached")),
    ("kernel: fio verifies direct reads and writes of two jobs", simple("fio_direct")),
    ("kernel: fio verifies 1 MiB writes", simple("fio_large")),
    ("kernel: a sparse file of 5 GiB", simple("sparse", size=5 << 30)),
]
