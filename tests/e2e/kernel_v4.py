"""Kernel clients over NFSv4.0 and 4.1: what version 3 is tested with, and locks between two clients."""

import time

import kernel_ofd
import kernel_one
import kernel_two
from lib.report import check

PROMPT_SECONDS = 35  # without CB_NOTIFY_LOCK, which the server does not send yet, a client asks at least so often
VERSIONS = ("4.1", "4.0")


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
        check(waited < PROMPT_SECONDS, f"it came after {waited:.1f} s")
        check(not a.call("try_lock", path=path, how=how), "two have it")
        b.call("unlock", path=path, how=how)
        return f"after {waited:.1f} s"
    return test


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


TESTS = [test for version in VERSIONS for test in of(version)]
