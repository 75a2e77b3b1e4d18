"""Two kernel clients at once on the same directories, by each version of NFS."""

from lib import nfs3
from lib.report import check, equal

from kernel_one import label

MANY = 50_000
IN_FLIGHT = 64


def fill(scene, entry, count):
    """So many empty files, by a raw client that keeps requests in flight."""
    raw, root = scene.client()
    with raw:
        directory = raw.lookup(root, entry.encode())
        waiting = 0
        for number in range(count):
            raw.send_nfs(nfs3.Proc.CREATE, nfs3.create_arguments(directory, b"entry-%d" % number, mode=0o644))
            waiting += 1
            if waiting == IN_FLIGHT:
                take(raw)
                waiting -= 1
        for _ in range(waiting):
            take(raw)


def take(raw):
    status = nfs3.rpc.results_of(raw.receive_record()).u32()
    check(status == 0, f"CREATE: {nfs3.status_of(status)!r}")


def listed_while_changing(scene, version):
    a, b = scene.two(version)
    path, entry = scene.directory("many", version)
    fill(scene, entry, MANY)
    churning, listings = b.start("churn", directory=path, seconds=20, tag="b"), []
    while not churning.done.is_set() or len(listings) < 2:
        a.call("forget_cache")
        listings.append(a.call("list_checked", directory=path, prefix="entry-", count=MANY))
    changes = churning.wait()
    check(min(changes) > 3, f"only {changes} were created, renamed, removed")
    raw, root = scene.client()
    with raw:
        directory = raw.lookup(root, entry.encode())
        for plus in (False, True):
            names = [e.name for e in raw.list(directory, plus=plus, count=32768)]
            equal(len(names), len(set(names)), "entries that are listed once")
            equal(len(names), MANY + changes[0] - changes[2], "entries")
    return f"{len(listings)} listings while {sum(changes)} changes were made"


def rename_storms(scene, version):
    a, b = scene.two(version)
    path, _ = scene.directory("storm", version)
    a.call("prepare_storm", root=path, tokens=40)
    storms = [guest.start("rename_storm", root=path, seconds=12, tag=guest.name, names=40, own=10) for guest in (a, b)]
    results = [storm.wait() for storm in storms]
    owned = results[0][2] + results[1][2]
    for guest in (a, b):
        guest.call("forget_cache")
        left = guest.call("check_storm", root=path, owned=owned)
    check(all(worked > 20 for worked, _, _ in results), f"too few renames worked: {[r[:2] for r in results]}")
    return f"{results[0][0]} + {results[1][0]} renames, {left} files left"


def folder_storms(scene, version):
    a, b = scene.two(version)
    path, _ = scene.directory("folders", version)
    a.call("prepare_folders", root=path, count=12)
    storms = [guest.start("folder_storm", root=path, seconds=8, tag=guest.name, count=12) for guest in (a, b)]
    results = [storm.wait() for storm in storms]
    for guest in (a, b):
        guest.call("forget_cache")
        guest.call("check_folders", root=path, count=12)
    check(all(worked > 5 for worked, _ in results), f"too few renames worked: {results}")
    return f"{results[0][0]} + {results[1][0]} renames"


def removed_by_the_other(scene, version):
    """To NFSv3 a file that was removed is stale, whoever has it open; of NFSv4 it lives until it is closed."""
    a, b = scene.two(version)
    path, entry = scene.directory("stale", version)
    a.call("write_file", path=f"{path}/f", seed=1, size=8192)
    uncached = a.mount(scene.server, directory="/mnt/uncached", options="noac,lookupcache=none", version=version)
    file = f"{uncached}/{entry}/f"
    a.call("open_file", path=file)
    equal(a.call("read_opened", path=file, size=8192), 8192, "read before the removal")
    b.call("listing", path=path)
    b.call("remove", path=f"{path}/f")
    b.call("write_file", path=f"{path}/f", seed=2, size=100)  # the name is there again, the file is not
    a.call("forget_cache")
    stale = version == "3"
    equal(a.call("stat_opened", path=file), "ESTALE" if stale else 0, "fstat after the removal")
    equal(a.call("read_opened", path=file, size=8192), "ESTALE" if stale else 8192, "read after the removal")
    a.call("close_opened", path=file)
    a.call("check_file", path=file, seed=2, size=100)
    a.call("unmount", directory=uncached)


def seen_by_the_other(scene, version):
    """Close-to-open: what one client has closed, the other sees when it opens."""
    a, b = scene.two(version)
    path, _ = scene.directory("shared", version)
    for turn in range(6):
        writer, reader = (a, b) if turn % 2 == 0 else (b, a)
        writer.call("write_file", path=f"{path}/f", seed=turn, size=100_000 + turn)
        reader.call("check_file", path=f"{path}/f", seed=turn, size=100_000 + turn)


WORK = [
    ("what one closed the other sees", seen_by_the_other),
    ("a file that the other removes while it is open", removed_by_the_other),
    ("50,000 entries listed once each while another creates and removes", listed_while_changing),
    ("rename storms", rename_storms),
    ("directories moved into each other", folder_storms),
]


def of(version):
    return [(f"{label('two kernels', version)}: {name}", lambda scene, test=test: test(scene, version)) for name, test in WORK]


TESTS = of("3")
