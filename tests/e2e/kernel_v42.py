"""Kernel clients over NFSv4.2: what is new in it. What it has in common with 4.1 is in kernel_v4.py."""

import kernel_v4
from lib.report import equal

VERSION = "4.2"


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


TESTS = [
    ("kernel 4.2: a punched hole, SEEK_HOLE, SEEK_DATA", guest_does("holes")),
    ("kernel 4.2: a hole in a small file", guest_does("small_holes")),
    ("kernel 4.2: fallocate reserves and grows", guest_does("room")),
    ("kernel 4.2: fallocate -p, setfattr, getfattr", guest_does("by_tools")),
    ("kernel 4.2: user.* set, read, listed, removed", guest_does("attributes")),
    ("kernel 4.2: more user.* than one answer carries", guest_does("many_attributes")),
    ("kernel 4.2: user.* between two clients", seen_by_the_other),
    ("kernel 4.2: modes and the umask", guest_does("masked")),
    ("kernel 4.2: told of locks by CB_NOTIFY_LOCK, to and fro", told_of_locks),
]
