"""Kernel clients over NFSv4.0 and 4.1: what version 3 is tested with, and locks between two clients."""

import time

from lib.report import check

PROMPT_SECONDS = 35  # without CB_NOTIFY_LOCK, which the server does not send yet, a client asks at least so often
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
        check(waited < PROMPT_SECONDS, f"it came after {waited:.1f} s")
        check(not a.call("try_lock", path=path, how=how), "two have it")
        b.call("unlock", path=path, how=how)
        return f"after {waited:.1f} s"
    return test


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


TESTS = [test for version in VERSIONS for test in of(version)]
