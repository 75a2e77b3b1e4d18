"""Locks; and those of NFSv3 by the kernel's lock manager, which needs a portmapper and a status monitor beside it."""

import base64
import errno
import fcntl
import os
import shutil
import signal
import struct
import subprocess
import time

from clients import SERVER, run

STATD = "/var/lib/nfs"
held = {}


def lock_programs():
    """What is missing for locks here, or ''."""
    missing = [name for name in ("rpcbind", "rpc.statd", "sm-notify") if shutil.which(name) is None]
    return f"no {', '.join(missing)} in the client" if missing else ""


def daemon(*command):
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=60)


def start_lock_programs():
    # The name that the lock manager gives; an address is what every server can make something of.
    run("hostname", os.environ["KC_CLIENT"])
    if not os.path.exists("/run/rpcbind.sock"):
        os.makedirs("/run/rpcbind", exist_ok=True)
        daemon("rpcbind", "-w")
    daemon("modprobe", "lockd")
    if subprocess.run(["pgrep", "-x", "rpc.statd"], stdout=subprocess.DEVNULL).returncode != 0:
        daemon("rpc.statd", "--no-notify")


def mount_locking(export, directory, port, mount_port):
    start_lock_programs()
    for module in ("nfs", "nfsv3"):
        subprocess.run(["modprobe", module], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.makedirs(directory, exist_ok=True)
    options = f"vers=3,proto=tcp,port={port},mountport={mount_port},mountproto=tcp,nosharecache,timeo=50"
    run("mount", "-t", "nfs", "-o", options, f"{SERVER}:{export}", directory, seconds=60)


def take(file, how, wait, shared=False, start=0, length=0):
    """By fcntl and ofd (the open's own, F_OFD_SETLK) a range, by flock everything."""
    if how == "ofd":
        set_ofd(file, fcntl.F_RDLCK if shared else fcntl.F_WRLCK, wait, start, length)
        return
    kind = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
    fcntl.flock(file, kind) if how == "flock" else fcntl.lockf(file, kind, length, start)


def set_ofd(file, kind, wait, start=0, length=0):
    # struct flock: type, whence, start, length, and a process id, which must be 0.
    fcntl.fcntl(file, fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, start, length, 0))


def opened(path, tag=""):
    """Another tag is another open of the same file."""
    if (path, tag) not in held:
        held[path, tag] = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    return held[path, tag]


def try_lock(path, how="fcntl", shared=False, start=0, length=0, tag=""):
    """Whether it was to be had at once."""
    try:
        take(opened(path, tag), how, False, shared, start, length)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def wait_lock(path, how="fcntl", shared=False):
    """Seconds until it was there."""
    started = time.monotonic()
    take(opened(path), how, wait=True, shared=shared)
    return time.monotonic() - started


def wait_in_vain(path, patience):
    """Waits for a lock that does not come, and gives up; true when that was by the alarm."""
    def ring(*_):
        raise TimeoutError
    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(patience)
    try:
        take(opened(path), "fcntl", wait=True)
    except TimeoutError:
        return True
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return False


def unlock(path, how="fcntl", tag=""):
    if how == "ofd":
        set_ofd(held[path, tag], fcntl.F_UNLCK, wait=False)
    else:
        (fcntl.flock if how == "flock" else fcntl.lockf)(held[path, tag], fcntl.LOCK_UN)


def close_locked(path, tag=""):
    os.close(held.pop((path, tag)))


def abandon(directory):
    """Unmounts in the middle of a test that failed."""
    for path, tag in [key for key in held if key[0].startswith(directory + "/")]:
        os.close(held.pop((path, tag)))
    run("umount", "--lazy", "--force", directory, seconds=60)


def write_locked(path):
    """By the open that has the lock; fails when the server does not know it any more."""
    file = opened(path)
    os.pwrite(file, b"mine", 0)
    os.fsync(file)


def add_one(path, times, how="fcntl"):
    """Counts up a number in a file under its lock."""
    for _ in range(times):
        wait_lock(path, how)
        number = int(os.pread(opened(path), 32, 0) or b"0")
        os.pwrite(opened(path), b"%031d\n" % (number + 1), 0)
        unlock(path, how)


def statd_files():
    """Whom the status monitor will tell after a restart."""
    return {name: base64.b64encode(open(f"{STATD}/sm/{name}", "rb").read()).decode() for name in os.listdir(f"{STATD}/sm")}


def tell_of_restart(files):
    """As the boot of a client does that remembers `files`."""
    for name, text in files.items():
        with open(f"{STATD}/sm/{name}", "wb") as file:
            file.write(base64.b64decode(text))
    with open(f"{STATD}/state", "wb") as file:
        file.write(struct.pack("i", 1001))
    start_lock_programs()
    run("sm-notify", "-f", seconds=60)
