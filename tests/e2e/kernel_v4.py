"""Kernel clients over NFSv4.0, 4.1 and 4.2: what version 3 is tested with, and locks between two clients."""

import time

import kernel_ofd
import kernel_one
import kernel_two
from lib.report import Skip, check, equal

# Who waits for a lock is told that it is free since 4.1; a client of 4.0 asks at least so often.
PROMPT_SECONDS = {"4.2": 1.5, "4.1": 1.5, "4.0": 35}
VERSIONS = ("4.2", "4.1", "4.0")


def handed_over(version, how):
    """Two clients never have it at once, and who waits gets it."""
    def test(scene):
        a, b = scene.two(version)
        path = scene.directory("contended", version)[0] + "/file"
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


def told_of_locks(scene, version="4.1"):
    """Locks go to and fro between two clients, each of which is told when its turn has come."""
    a, b = scene.two(version)
    path, before, slowest, turns = scene.directory("told", version)[0] + "/file", callbacks(scene), 0, 6
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
    equal(grown["answered"], turns + grown["recalls"] + grown["queries"], "answers")
    equal([grown[name] for name in ("failed", "timed_out", "lost", "dropped")], [0, 0, 0, 0], "what went wrong")
    check(slowest < PROMPT_SECONDS[version], f"it came after {slowest:.1f} s")
    return f"within {slowest * 1000:.0f} ms"


def tried_to_call(scene):
    """A client of 4.0 answers CB_NULL at the address that it gave."""
    scene.two("4.0")
    for _ in range(50):
        now = callbacks(scene)
        if now["probes"] > now["probes_failed"]:
            return f"{now['probes']} tried, {now['probes_failed']} in vain"
        time.sleep(0.2)
    check(False, f"no client answers: {now}")


def of_opens(version):
    def test(scene):
        kernel_ofd.owned_by_opens(*scene.two(version), scene.directory("opens", version)[0] + "/file")
    return test


def of(version):
    return kernel_one.of(version) + kernel_two.of(version) + [
        (f"kernel {version}: flock between two clients", handed_over(version, "flock")),
        (f"kernel {version}: fcntl between two clients", handed_over(version, "fcntl")),
        (f"kernel {version}: locks of opens (F_OFD_SETLK), and beside those of processes", of_opens(version)),
    ]


TESTS = [test for version in VERSIONS for test in of(version)] + [
    ("kernel 4.1: told of locks by CB_NOTIFY_LOCK, to and fro", told_of_locks),
    ("kernel 4.0: answers CB_NULL at its callback address", tried_to_call),
]
