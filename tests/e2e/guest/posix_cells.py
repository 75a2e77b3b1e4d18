"""Runs the cells of the POSIX matrix (tests/e2e/posix_matrix): each call as its user, and what is to be seen before and after it.

As a program: posix_cells.py < JSON of matrix_local's arguments, > JSON of its value.
"""

import ctypes
import errno
import json
import os
import stat
import subprocess
import sys
import tempfile
import time

from clients import forget_cache

KEEPER = [1009, 1009, []]
KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "dir", stat.S_IFLNK: "link", stat.S_IFIFO: "fifo", stat.S_IFSOCK: "sock",
         stat.S_IFCHR: "chr", stat.S_IFBLK: "blk"}
TYPES = {kind: bits for bits, kind in KINDS.items()}
DEVICES = {"chr": os.makedev(1, 3), "blk": os.makedev(240, 70000)}  # the null device; one that no driver has
AT_FDCWD, AT_SYMLINK_NOFOLLOW = -100, 0x100
SPECIAL = {"now": (1 << 30) - 1, "omit": (1 << 30) - 2}
CLOCK_REALTIME_COARSE = 5  # what file systems tell the time by
SET_BEFORE = 10**17  # an earlier time was set by a call, every later one is a clock's
libc = ctypes.CDLL(None, use_errno=True)


class Timespec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


def utimensat(path, atime, mtime, follow=True):
    times = (Timespec * 2)(*(Timespec(0, SPECIAL[one]) if one in SPECIAL else Timespec(*divmod(one, 10**9)) for one in (atime, mtime)))
    if libc.utimensat(AT_FDCWD, path.encode(), times, 0 if follow else AT_SYMLINK_NOFOLLOW) != 0:
        raise OSError(ctypes.get_errno(), path)


def open_and_close(path, words, mode=0o666):
    flags = os.O_NONBLOCK
    for word in words:
        flags |= getattr(os, "O_" + word.upper())
    os.close(os.open(path, flags, mode))


CALLS = {"chmod": os.chmod, "chown": os.chown, "lchown": os.lchown, "link": os.link, "mkdir": os.mkdir, "mkfifo": os.mkfifo,
         "mknod": lambda path, kind, mode: os.mknod(path, TYPES[kind] | mode, DEVICES.get(kind, 0)), "open": open_and_close,
         "rename": os.rename, "rmdir": os.rmdir, "symlink": os.symlink, "truncate": os.truncate, "unlink": os.unlink,
         "utimensat": utimensat}


def become(user):
    """For this process, until the next; the file system's ids follow the effective ones."""
    if os.geteuid() != 0:
        os.seteuid(0)
    os.setgroups(user[2])
    os.setegid(user[1])
    os.seteuid(user[0])


def look(path):
    try:
        return os.lstat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise


def seen(found, before):
    """As model.Node.seen tells it."""
    if found is None:
        return None
    bits = stat.S_IFMT(found.st_mode)
    size = found.st_size if bits in (stat.S_IFREG, stat.S_IFLNK) else 0
    like = [KINDS[bits], stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_nlink, size]
    for i, was in enumerate(before):
        if was is not None and was.st_ino == found.st_ino:
            return [i, moved(was.st_ctime_ns, found.st_ctime_ns), moved(was.st_mtime_ns, found.st_mtime_ns), *like]
    return ["new", "new", "new", *like]


def moved(was, now):
    if now == was:
        return "same"
    return now if now < SET_BEFORE else "moved" if now > was else "back"


def look_at_unseen(rows):
    """What is in the scenes that are to be unseen later."""
    become(KEEPER)
    found = {there[0]: [look(path) for path in there] for there, _, unseen in rows if unseen}
    become([0, 0, []])
    return found


def do_cells(rows, known):
    results = []
    for there, cells, unseen in rows:
        become(KEEPER)
        before = known[there[0]] if unseen else [look(path) for path in there]
        for user, (name, *arguments), new in cells:
            word = ""
            become(user)
            try:
                CALLS[name](*arguments)
            except OSError as error:
                word = errno.errorcode[error.errno]
            become(KEEPER)
            after = [look(path) for path in there + ([new] if new else [])]
            results.append([word, [seen(found, before) for found in after]])
            before = after[:len(there)]
    return results


def matrix(at, rows, forget=forget_cache):
    """`forget` makes what was seen unseen."""
    here, umask = os.getcwd(), os.umask(0o022)
    os.chdir(at)
    try:
        known = look_at_unseen(rows)
        forget()
        return do_cells(rows, known)
    finally:
        become([0, 0, []])
        os.umask(umask)
        os.chdir(here)


def protections():
    """What the machine forbids beyond POSIX."""
    found = {}
    for name in ("protected_hardlinks", "protected_symlinks", "protected_fifos", "protected_regular"):
        with open(f"/proc/sys/fs/{name}") as file:
            found[name] = int(file.read())
    return found


# ---- on a file system of this very machine

def make(path, kind, mode, uid, gid, size, target):
    if kind == "same":
        os.link(target, path)
        return
    if kind == "dir":
        os.mkdir(path)
    elif kind == "link":
        os.symlink(target, path)
    else:
        os.mknod(path, TYPES[kind] | 0o600, DEVICES.get(kind, 0))
    if size:
        os.truncate(path, size)
    os.lchown(path, uid, gid)
    if kind != "link":
        os.chmod(path, mode)


def next_tick():
    """Until what changes has another time than what has changed so far."""
    before = time.clock_gettime_ns(CLOCK_REALTIME_COARSE)
    while time.clock_gettime_ns(CLOCK_REALTIME_COARSE) == before:
        pass


def matrix_local(parts):
    """parts: [[items, rows, read_only], ...], each on a tmpfs of its own -> results of each, and what is special here."""
    results = []
    with tempfile.TemporaryDirectory(prefix="ditto-matrix-") as at:
        os.chmod(at, 0o755)
        for items, rows, read_only in parts:
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755,dev", "matrix", at], check=True)
            try:
                here = os.getcwd()
                os.chdir(at)
                for item in items:
                    make(*item)
                os.chdir(here)
                if read_only:
                    subprocess.run(["mount", "-o", "remount,ro", at], check=True)
                next_tick()
                results.append(matrix(at, rows, forget=lambda: None))
            finally:
                subprocess.run(["umount", at], check=True)
    return {"results": results, "protections": protections()}


if __name__ == "__main__":
    json.dump(matrix_local(json.load(sys.stdin)), sys.stdout)
