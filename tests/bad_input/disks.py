"""Disks that are full, on a small file system of the test's own."""

import os
import random
import shutil
import subprocess
import time

from lib import nfs3, server
from lib.nfs3 import NfsError, Status
from lib.report import Skip, check, equal

DISK_MIB = 48
MIB = 1 << 20
MOST_NAMES = 30_000
FULL = (Status.NOSPC, Status.DQUOT)


class SmallDisk:
    """nfsd in a mount namespace where its data directory is on a small file system; the disk ends with the namespace."""

    def __init__(self, scratch, kind):
        if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode != 0:
            raise Skip("mounting a small disk takes root and a mount namespace")
        scratch.mkdir(parents=True)
        self.directory = scratch / "disk"
        self.directory.mkdir()
        mount = f"mount -t tmpfs -o size={DISK_MIB}m disk '{self.directory}'"
        if kind == "ext4":
            image = scratch / "image"
            with image.open("wb") as file:
                file.truncate(DISK_MIB * MIB)
            if shutil.which("mkfs.ext4", path="/sbin:/usr/sbin") is None or not os.path.exists("/dev/loop-control"):
                raise Skip("an ext4 image takes mkfs.ext4 and loop devices")
            subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True, env={"PATH": "/sbin:/usr/sbin:/bin:/usr/bin"})
            mount = f"mount -o loop '{image}' '{self.directory}'"
        self.kind, self.mount = kind, mount

    def serve(self):
        """The server, and with it the disk. A second call in the same namespace is restart()."""
        one = server.Nfsd(self.directory.parent, prefix=["unshare", "--mount", "--propagation", "private", "sh", "-c",
                                                         f"{self.mount} && head -c {4 * MIB} /dev/zero >'{self.directory}/ballast' && "
                                                         "exec \"$@\"", "sh"])
        one.data = self.directory / "data"
        return one.start()

    def seen_from_outside(self, one, name):
        return f"/proc/{one.pid}/root{self.directory}/{name}"


def write_until_full(raw, directory, prefix, stable=nfs3.FILE_SYNC):
    """Writes files of 1 MiB until the server says that there is no room; name -> what was acknowledged."""
    acknowledged = {}
    for number in range(4 * DISK_MIB):
        name = b"%s-%d" % (prefix, number)
        data = random.Random(number).randbytes(MIB)
        try:
            file = raw.create(directory, name, mode=0o644)
            wrote = raw.write(file, 0, data, stable).count
            if stable != nfs3.FILE_SYNC:
                raw.commit(file)
            acknowledged[name] = data[:wrote]
        except NfsError as error:
            check(error.status in FULL, f"a full disk is {error.status!r}")
            return acknowledged
    raise AssertionError(f"{number} MiB fit on a disk of {DISK_MIB} MiB")


def check_files(raw, directory, acknowledged):
    for name, data in acknowledged.items():
        file = raw.lookup(directory, name)
        check(raw.read_all(file)[:len(data)] == data, f"{name} has not what was acknowledged")


def full_of_data(scratch, kind, stable):
    disk = SmallDisk(scratch, kind)
    with disk.serve() as one, nfs3.Client(one.port) as raw:
        root = raw.mount(one.path())
        directory = raw.mkdir(root, b"full")
        acknowledged = write_until_full(raw, directory, b"file", stable)
        fitted = len(acknowledged)
        check(fitted > DISK_MIB // 4, f"only {fitted} MiB fit")
        check_files(raw, directory, acknowledged)  # reads go on
        check(len(raw.list(directory)) >= fitted, "the listing is short")
        equal(raw.getattr(root).type, nfs3.DIR, "the root")
        check(raw.lookup(root, b"full") == directory, "a lookup")
        # Room made from outside: work goes on without a restart.
        os.unlink(disk.seen_from_outside(one, "ballast"))
        acknowledged[b"after-ballast"] = write_soon(raw, directory, b"after-ballast")
        # Full again; now room is made the way clients can.
        acknowledged.update(write_until_full(raw, directory, b"more", stable))
        for name in list(acknowledged)[:6]:
            raw.remove(directory, name)
            del acknowledged[name]
        acknowledged[b"after-removal"] = write_soon(raw, directory, b"after-removal")
        check_files(raw, directory, acknowledged)
        equal(one.stop(), 0, "the exit status")
    return f"{fitted} MiB fit"


def write_soon(raw, directory, name):
    """Room that was made may count a moment later: it is reclaimed, and the disk is asked, in the background."""
    deadline = time.monotonic() + 5
    while True:
        try:
            file = raw.create(directory, name, how=nfs3.UNCHECKED, mode=0o644)
            data = random.Random(name).randbytes(MIB)
            equal(raw.write(file, 0, data).count, MIB, "bytes written")
            return data
        except NfsError as error:
            check(error.status in FULL, f"{error.status!r}")
            check(time.monotonic() < deadline, f"no room 5 s after there should be some, for {name}")
            time.sleep(0.05)


def full_of_names(scratch, kind):
    """Empty and tiny files until the metadata has no room; then removals make some."""
    disk = SmallDisk(scratch, kind)
    with disk.serve() as one, nfs3.Client(one.port, timeout=60) as raw:
        directory = raw.mkdir(raw.mount(one.path()), b"names")
        # Most of the disk goes to data, so that names fill the rest soon.
        large = write_until_full(raw, directory, b"large")
        for name in list(large)[:2]:
            raw.remove(directory, name)
        write_soon(raw, directory, b"there-is-room-again")
        made = 0
        try:
            for number in range(MOST_NAMES):
                file = raw.create(directory, b"%060d" % number, mode=0o644)
                made += 1
                raw.write(file, 0, b"%d" % number * 200)
        except NfsError as error:
            check(error.status in FULL, f"a full disk is {error.status!r}")
        check(0 < made < MOST_NAMES, f"{made} files were made")
        listed = {e.name for e in raw.list(directory)}
        check(all(b"%060d" % number in listed for number in range(made)), "created files are not listed")
        some = made // 2
        equal(raw.read_all(raw.lookup(directory, b"%060d" % some)), b"%d" % some * 200, "a small file's content")
        for number in range(some):
            raw.remove(directory, b"%060d" % number)
        for name in list(large)[2:6]:
            raw.remove(directory, name)
        write_soon(raw, directory, b"after-removal")
        for number in range(100):
            file = raw.create(directory, b"new-%d" % number, mode=0o644)
            equal(raw.write(file, 0, b"new" * 100).count, 300, "bytes written")
    return f"{made} small files fit"


TESTS = [
    ("disk full: stable writes, tmpfs", lambda scratch: full_of_data(scratch, "tmpfs", nfs3.FILE_SYNC)),
    ("disk full: unstable writes and COMMIT, tmpfs", lambda scratch: full_of_data(scratch, "tmpfs", nfs3.UNSTABLE)),
    ("disk full: stable writes, ext4", lambda scratch: full_of_data(scratch, "ext4", nfs3.FILE_SYNC)),
    ("disk full: names and small files, tmpfs", lambda scratch: full_of_names(scratch, "tmpfs")),
]
