"""A server of its own for a test, mounted in kernel clients: other settings, or traffic that is this test's alone."""

import contextlib
import tempfile
from pathlib import Path

from lib import server
from lib.report import Skip

MOUNT = "/mnt/own"
WITHOUT_DELEGATIONS = [{"name": "export", "squash": "none", "root_mode": "0777", "delegations": False}]


@contextlib.contextmanager
def mounted(version, *guests, **settings):
    """Mounted on MOUNT in all of them; one that is lost is left alone."""
    if server.uses_ganesha():
        raise Skip("another server has other settings")
    with tempfile.TemporaryDirectory(prefix="ditto-own-") as scratch:
        Path(scratch).chmod(0o755)
        with server.Nfsd(scratch, settings=settings) as one:
            for guest in guests:
                guest.mount(one, directory=MOUNT, version=version)
            try:
                yield one
            except BaseException:
                leave(guests, "abandon")
                raise
            leave(guests, "unmount")


def leave(guests, how):
    for guest in guests:
        if not guest.lost:
            guest.call(how, directory=MOUNT)
