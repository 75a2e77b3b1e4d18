"""Kernel clients over NFSv4.0 and 4.1: what version 3 is tested with, and locks between two clients."""

import time

from lib.report import Skip, check, equal

# Who waits for a lock is told that it is free since 4.1; a client of 4.0 asks at least so often.
PROMPT_SECONDS = {"4.1": 1.5, "4.0": 35}
VERSIONS = ("4.1", "4.0")


def mounted(scene, name, version):
    guest = scene.guest(name)
    mounts = guest.__dict__.setdefault("v4_mounts", set())
    directory = f"/mnt/v{version}"
    if version not in mounts:
        guest.call("mount", export=scene.server.path(), directory=directory, port=scene.server.port,
                   mount_port=scene.server.mount_port, version=version)
        mounts.add(version)
    return guest, directory


def simple(call, version, parameter="directory", **arguments):
    def test(scene):
        guest, directory = mounted(scene, "A", version)
        _, entry = scene.directory("v4")
        guest.call(call, **{parameter: f"{directory}/{entry}"}, **arguments)
    return test


def negotiated(version):
    def test(scene):
        guest, directory = mounted(scene, "A", version)
        options = guest.call("mounted_with", directory=directory)
        for wanted in (f"vers={version}", "proto=tcp", "rsize=1048576", "wsize=1048576"):
            check(wanted in options, f"{wanted} is not among {options}")
    return test


def handed_over(version, how):
    """Two clients never have it at once, and who waits gets it."""
    def test(scene):
        (a, directory), (b, _) = mounted(scene, "A", version), mounted(scene, "B", version)
        _, entry = scene.directory("contended")
        path = f"{directory}/{entry}/file"
        check(a.call("try_lock", path=path, how=how), "nobody had it")
        check(not b.call("try_lock", path=path, how=how), "two have it")
        waiting = b.start("wait_lock", path=path, how=how)
        check(not waiting.done.wait(1.5), "it did not wait")
        released = time.monotonic()
        a.call("unlock", path=path, how=how)
        waiting.wait(60)
        waited = time.monotonic() - released
        check(waited < PROMPT_SECONDS[version], f"it came after {waited:.1f} s")
        check(not a.call("try_lock", path=path, how=how), "two have it")
        b.call("unlock", path=path, how=how)
        return f"after {waited:.1f} s"
    return test


def callbacks(scene):
    """The server's counters."""
    if not hasattr(scene.server, "status"):
        raise Skip("this server has no counters of callbacks")
    return scene.server.status()["nfs4_callbacks"]


def told_of_locks(scene):
    """Locks go to and fro between two clients, each of which is told when its turn has come."""
    (a, directory), (b, _) = mounted(scene, "A", "4.1"), mounted(scene, "B", "4.1")
    _, entry = scene.directory("told")
    path, before, slowest, turns = f"{directory}/{entry}/file", callbacks(scene), 0, 6
    check(a.call("try_lock", path=path), "nobody had it")
    check(not b.call("try_lock", path=path), "two have it")
    holder, waiter = a, b
    for _ in range(turns):
        waiting = waiter.start("wait_lock", path=path)
        check(not waiting.done.wait(1.5), "it did not wait")
        released = time.monotonic()
        holder.call("unlock", path=path)
        waiting.wait(60)
        slowest = max(slowest, time.monotonic() - released)
        holder, waiter = waiter, holder
    holder.call("unlock", path=path)
    now = callbacks(scene)
    grown = {name: now[name] - before[name] for name in now}
    equal(grown["lock_notices"], turns, "clients told")
    equal(grown["answered"], turns, "answers")
    equal([grown[name] for name in ("failed", "timed_out", "lost", "dropped")], [0, 0, 0, 0], "what went wrong")
    check(slowest < PROMPT_SECONDS["4.1"], f"it came after {slowest:.1f} s")
    return f"within {slowest * 1000:.0f} ms"


def tried_to_call(scene):
    """A client of 4.0 answers CB_NULL at the address that it gave."""
    mounted(scene, "A", "4.0")
    for _ in range(50):
        now = callbacks(scene)
        if now["probes"] > now["probes_failed"]:
            return f"{now['probes']} tried, {now['probes_failed']} in vain"
        time.sleep(0.2)
    check(False, f"no client answers: {now}")


def of(version):
    return [
        (f"kernel {version}: what the client took from the server", negotiated(version)),
        (f"kernel {version}: files, appended, truncated, mapped, sparse", simple("files", version, "at")),
        (f"kernel {version}: hard and symbolic links, removed while open", simple("links", version, "at")),
        (f"kernel {version}: directories, renames, errors in their order", simple("directories", version, "at")),
        (f"kernel {version}: times in nanoseconds, moved by what must move them", simple("times", version, "at")),
        (f"kernel {version}: untar 2,000 files and compare", simple("untar", version)),
        (f"kernel {version}: sqlite3, rollback journal, integrity_check", simple("sqlite", version, journal="delete")),
        (f"kernel {version}: fio verifies cached random writes of odd sizes", simple("fio_cached", version)),
        (f"kernel {version}: flock between two clients", handed_over(version, "flock")),
        (f"kernel {version}: fcntl between two clients", handed_over(version, "fcntl")),
    ]


TESTS = [test for version in VERSIONS for test in of(version)] + [
    ("kernel 4.1: told of locks by CB_NOTIFY_LOCK, to and fro", told_of_locks),
    ("kernel 4.0: answers CB_NULL at its callback address", tried_to_call),
]
