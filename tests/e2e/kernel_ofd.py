"""Locks that belong to opens instead of processes (F_OFD_SETLK), between two clients and beside POSIX locks."""

from lib.report import check


def owned_by_opens(a, b, path):
    """`path` is the same file in both clients; a tag names an open of it."""
    def may(guest, how, start, length, tag="", shared=False):
        return guest.call("try_lock", path=path, how=how, start=start, length=length, tag=tag, shared=shared)

    check(may(a, "ofd", 0, 10, "one"), "nobody had it")
    check(not may(b, "ofd", 5, 5), "two clients have the same bytes")
    check(may(b, "ofd", 10, 10), "bytes beside it were not to be had")
    check(not may(b, "fcntl", 0, 5, "process"), "a process of the other client has the same bytes")
    check(not may(a, "ofd", 0, 10, "two"), "two opens of one process have the same bytes")
    check(not may(a, "fcntl", 0, 5, "process"), "the process has bytes that its own open has locked")
    # What closes one of its opens takes a process's locks away, and leaves those of its other opens alone.
    a.call("close_locked", path=path, tag="two")
    check(not may(b, "ofd", 0, 5), "another open's close unlocked it")
    a.call("close_locked", path=path, tag="one")
    check(may(b, "ofd", 0, 10), "its close did not unlock it")
    b.call("unlock", path=path, how="ofd")

    check(may(a, "fcntl", 0, 10, "process"), "nobody had it")
    check(not may(b, "ofd", 0, 10), "an open has what a process of another client has")
    check(not may(a, "ofd", 0, 10, "one"), "an open has what its own process has")
    a.call("unlock", path=path, tag="process")
    check(may(b, "ofd", 0, 10, shared=True) and may(a, "ofd", 0, 10, "one", shared=True), "readers exclude each other")
    check(not may(a, "fcntl", 0, 10, "process"), "a writer beside readers")
    b.call("unlock", path=path, how="ofd")
    check(not may(b, "ofd", 9, 1), "a writer beside a reader")
    a.call("unlock", path=path, how="ofd", tag="one")
    check(may(b, "ofd", 9, 1), "what was unlocked is not free")
    for guest, tag in ((a, "one"), (a, "process"), (b, ""), (b, "process")):
        guest.call("close_locked", path=path, tag=tag)
