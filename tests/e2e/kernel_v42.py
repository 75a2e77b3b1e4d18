"""Kernel clients over NFSv4.2: what is new in it. What it has in common with 4.1 is in kernel_v4.py."""

import kernel_v4
from lib.report import check, equal

VERSION = "4.2"
TIMED_BYTES = 64 << 20


def guest_does(call):
    def test(scene):
        guest, _ = scene.mounted("A", VERSION)
        guest.call(call, at=scene.directory("two", VERSION)[0])
    return test


def seen_by_the_other(scene):
    """An attribute that one client sets is there for the other, over a restart of the file's cache."""
    a, b = scene.two(VERSION)
    path = scene.directory("shared", VERSION)[0] + "/file"
    a.call("write_file", path=path, seed=1, size=10)
    a.call("set_attribute", path=path, name="user.from", value="A")
    equal(b.call("get_attribute", path=path, name="user.from"), "A", "what B sees")
    b.call("set_attribute", path=path, name="user.from", value="B")
    a.call("forget_cache")
    equal(a.call("get_attribute", path=path, name="user.from"), "B", "what A sees")


def told_of_locks(scene):
    """Callbacks speak the version of the session that they come by."""
    return kernel_v4.told_of_locks(scene, VERSION)


def server_does(call, operation):
    """It is the server that is asked to, by this operation."""
    def test(scene):
        guest, mount = scene.mounted("A", VERSION)
        path = scene.directory("copies", VERSION)[0]
        before = guest.call("operation_counts", directory=mount)
        told = guest.call(call, at=path)
        asked = guest.call("operation_counts", directory=mount)[operation] - before[operation]
        check(asked > 0, f"{operation} was never asked for")
        return f"{asked} {operation}" + (f", {told:.1f} ms" if told else "")
    return test


def copied(scene):
    """A long copy whose offsets are odd goes on by itself, and the client waits for CB_OFFLOAD."""
    before = scene.server.status()["nfs4_copies"]["finished"]
    told = server_does("copied", "COPY")(scene)
    finished = scene.server.status()["nfs4_copies"]["finished"] - before
    check(finished > 0, "no copy went on by itself")
    return f"{told}, {finished} by itself"


def large_clone(scene):
    told = server_does("cloned_large", "CLONE")(scene)
    check(float(told.split()[-2]) < 1000, f"a clone of 10 GiB: {told}")
    return told


def timed_copies(scene):
    """Seconds for the same bytes: shared, through the server's memory, and through the client."""
    guest, _ = scene.mounted("A", VERSION)
    times = guest.call("copy_times", at=scene.directory("timed", VERSION)[0], size=TIMED_BYTES)
    check(times["clone"] < times["client"], f"sharing is no faster than copying: {times}")
    return f"{TIMED_BYTES >> 20} MiB: " + ", ".join(f"{name} {seconds} s" for name, seconds in times.items())


TESTS = [
    ("kernel 4.2: a punched hole, SEEK_HOLE, SEEK_DATA", guest_does("holes")),
    ("kernel 4.2: a hole in a small file", guest_does("small_holes")),
    ("kernel 4.2: fallocate reserves and grows", guest_does("room")),
    ("kernel 4.2: fallocate -p, setfattr, getfattr", guest_does("by_tools")),
    ("kernel 4.2: user.* set, read, listed, removed", guest_does("attributes")),
    ("kernel 4.2: more user.* than one answer carries", guest_does("many_attributes")),
    ("kernel 4.2: user.* between two clients", seen_by_the_other),
    ("kernel 4.2: modes and the umask", guest_does("masked")),
    ("kernel 4.2: cp --reflink=always, both files written after", server_does("cloned", "CLONE")),
    ("kernel 4.2: ranges cloned", server_does("cloned_ranges", "CLONE")),
    ("kernel 4.2: a clone of 10 GiB takes milliseconds", large_clone),
    ("kernel 4.2: copy_file_range", copied),
    ("kernel 4.2: a copy by the server beside one through the client", timed_copies),
    ("kernel 4.2: told of locks by CB_NOTIFY_LOCK, to and fro", told_of_locks),
]
