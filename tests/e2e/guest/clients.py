"""Mounting, and the small calls that tests put together."""

import errno
import hashlib
import os
import random
import shutil
import subprocess

SERVER = os.environ.get("KC_SERVER", "127.0.0.1")
opened = {}


def run(*command, seconds=400, **options):
    """Output of a program; raises with it if the program fails."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, **options)
    text = done.stdout.decode(errors="replace")
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command[:3])} ended with {done.returncode}: {text[-800:]}")
    return text


def mount(export, directory, port, mount_port, options="", version="3"):
    for module in ("nfs", "nfsv3", "nfsv4"):
        subprocess.run(["modprobe", module], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.makedirs(directory, exist_ok=True)
    every = f"vers={version},proto=tcp,port={port},nosharecache,timeo=50"
    if version == "3":
        every += f",mountport={mount_port},mountproto=tcp,nolock"
    run("mount", "-t", "nfs", "-o", every + ("," + options if options else ""), f"{SERVER}:{export}", directory, seconds=60)


def mount_by_portmapper(export, directory):
    os.makedirs(directory, exist_ok=True)
    run("mount", "-t", "nfs", "-o", "vers=3,proto=tcp,mountproto=tcp,nolock,nosharecache", f"{SERVER}:{export}", directory, seconds=60)


def mounted_with(directory):
    """The options the mount has in the end."""
    with open("/proc/mounts") as mounts:
        return next(line.split()[3].split(",") for line in mounts if line.split()[1] == directory)


def unmount(directory):
    run("umount", directory, seconds=60)


def forget_cache():
    """Everything is read from the server again."""
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("3")


def content(seed, size):
    return random.Random(seed).randbytes(size)


def write_file(path, seed, size, flags=os.O_CREAT | os.O_WRONLY | os.O_TRUNC, block=1 << 20):
    data = content(seed, size)
    file = os.open(path, flags, 0o644)
    try:
        for at in range(0, size, block):
            os.write(file, data[at:at + block])
        os.fsync(file)
    finally:
        os.close(file)


def check_file(path, seed, size):
    with open(path, "rb") as file:
        got = file.read()
    wanted = content(seed, size)
    if got != wanted:
        first = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), min(len(got), len(wanted)))
        raise AssertionError(f"{path}: {len(got)} bytes of {size}, first difference at {first}")


def file_sum(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def make_directory(path):
    os.mkdir(path)


def listing(path):
    return [entry.name for entry in os.scandir(path)]


def remove(path):
    os.unlink(path)


def remove_tree(path):
    shutil.rmtree(path)


def open_file(path):
    opened[path] = os.open(path, os.O_RDONLY)


def read_opened(path, size):
    """The length of what was read at the start, or the name of the error."""
    try:
        return len(os.pread(opened[path], size, 0))
    except OSError as error:
        return errno.errorcode[error.errno]


def stat_opened(path):
    try:
        return os.fstat(opened[path]).st_nlink
    except OSError as error:
        return errno.errorcode[error.errno]


def close_opened(path):
    try:
        os.close(opened.pop(path))
    except OSError:
        pass  # a stale file may complain


def stat_of(path):
    found = os.lstat(path)
    return {"mode": found.st_mode, "uid": found.st_uid, "gid": found.st_gid, "size": found.st_size, "nlink": found.st_nlink,
            "ino": found.st_ino, "blocks": found.st_blocks}
