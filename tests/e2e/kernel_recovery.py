"""NFSv4's locks when the server is killed, and when a client is: over both versions, with a server of their own and a short lease."""

import time

from lib import kernel
from lib.report import Skip, check, eventually

from kernel_v4 import VERSIONS
from own_server import MOUNT, mounted

LEASE_SECONDS = 8  # a busy machine must not keep a client from renewing within a third of it
SLACK_SECONDS = 6
ASKED_AGAIN_SECONDS = 31  # of clients that wait for a lock
PATH = f"{MOUNT}/file"
SLOT = 78


def server_killed(version, how):
    """A lock outlives the server; nobody gets it in grace, or after, until its holder lets go of it."""
    def test(scene):
        a, b = scene.two(version)
        with mounted(version, a, b, lease_seconds=LEASE_SECONDS) as one:
            check(a.call("try_lock", path=PATH, how=how), "nobody had it")
            check(not b.call("try_lock", path=PATH, how=how), "two have it")
            one.kill()
            one.start()
            asked = time.monotonic()
            check(not b.call("try_lock", path=PATH, how=how), "it was stolen in grace")
            answered = time.monotonic() - asked
            waiting = b.start("wait_lock", path=PATH, how=how)
            check(not waiting.done.wait(max(1, LEASE_SECONDS + SLACK_SECONDS - answered)), "it was stolen after grace")
            a.call("write_locked", path=PATH)
            a.call("unlock", path=PATH, how=how)
            waiting.wait(ASKED_AGAIN_SECONDS + SLACK_SECONDS)
            check(not a.call("try_lock", path=PATH, how=how), "two have it")
            for guest in (a, b):
                guest.call("close_locked", path=PATH)
            return f"grace kept the other waiting for {answered:.1f} s"
    return test


def client_killed(version, how):
    """What a client held that died is another's once its lease has run out."""
    def test(scene):
        if kernel.host_can_mount():
            raise Skip("a client of this kernel cannot die alone")
        b = scene.guest("B")
        c = kernel.Guest("C", slot=SLOT)
        try:
            with mounted(version, b, lease_seconds=LEASE_SECONDS) as one:
                c.ready().mount(one, directory=MOUNT, version=version)
                check(c.call("try_lock", path=PATH, how=how), "nobody had it")
                check(not b.call("try_lock", path=PATH, how=how), "two have it")
                c.process.kill()
                died = time.monotonic()
                check(not b.call("try_lock", path=PATH, how=how), "it went with the connection")
                eventually(lambda: b.call("try_lock", path=PATH, how=how), LEASE_SECONDS + SLACK_SECONDS, "the lock", pause=0.2)
                took = time.monotonic() - died
                # It renewed at the latest two thirds of a lease before it died.
                check(took > LEASE_SECONDS / 3 - 1, f"it came after {took:.1f} s")
                b.call("close_locked", path=PATH)
                return f"after {took:.1f} s"
        finally:
            c.close()
    return test


def of(version):
    return [(f"recovery {version}: {how}, {what}", test(version, how)) for how in ("flock", "fcntl") for what, test in (
        ("the server is killed, and its holder keeps the lock", server_killed),
        ("its holder is killed, and another gets the lock", client_killed))]


TESTS = [test for version in VERSIONS for test in of(version)]
