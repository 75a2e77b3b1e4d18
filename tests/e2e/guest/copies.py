"""Copies that the server makes: FICLONE and copy_file_range, as NFSv4.2 carries them."""

import errno
import fcntl
import hashlib
import os
import struct
import subprocess
import time

from semantics import fails, get, put
from version_4_2 import same

FICLONE, FICLONERANGE = 0x40049409, 0x4020940D
MIB, GIB = 1 << 20, 1 << 30


def seeded(seed, size):
    return hashlib.shake_128(str(seed).encode()).digest(size)


def cloned(at):
    """cp --reflink=always: the same bytes, and each file's own from then on."""
    source, target = f"{at}/source", f"{at}/target"
    data = bytearray(seeded(1, 20 * MIB + 77))
    put(source, data)
    subprocess.run(["cp", "--reflink=always", source, target], check=True)
    same(get(target) == bytes(data), True, "the clone's contents")
    changed = bytearray(data)
    for path, offset, text in ((target, 3 * MIB + 5, b"clone"), (source, 9 * MIB - 2, b"source")):
        with open(path, "r+b") as file:
            file.seek(offset)
            file.write(text)
    changed[3 * MIB + 5:3 * MIB + 10] = b"clone"
    data[9 * MIB - 2:9 * MIB + 4] = b"source"
    same(get(target) == bytes(changed), True, "the clone's contents after both were written")
    same(get(source) == bytes(data), True, "the source's contents after both were written")


def cloned_ranges(at):
    """A range of one file becomes one of another; what does not begin at a block is refused."""
    data = seeded(2, 4 * MIB)
    put(f"{at}/ranges.from", data)
    put(f"{at}/ranges.to", b"x" * 4 * MIB)
    with open(f"{at}/ranges.from", "rb") as source, open(f"{at}/ranges.to", "r+b") as target:
        fcntl.ioctl(target, FICLONERANGE, struct.pack("qQQQ", source.fileno(), 8192, MIB, 4096))
        fails(errno.EINVAL, fcntl.ioctl, target, FICLONERANGE, struct.pack("qQQQ", source.fileno(), 1, MIB, 4096))
    same(get(f"{at}/ranges.to") == b"x" * 4096 + data[8192:8192 + MIB] + b"x" * (3 * MIB - 4096), True, "the contents")


def cloned_large(at):
    """Milliseconds that a clone of 10 GiB takes."""
    size, places = 10 * GIB, (0, 3 * GIB + 4096, 10 * GIB - MIB)
    with open(f"{at}/large.from", "wb") as source:
        source.truncate(size)
        for place in places:
            source.seek(place)
            source.write(seeded(place, MIB))
        source.flush()
        os.fsync(source.fileno())
    with open(f"{at}/large.from", "rb") as source, open(f"{at}/large.to", "wb") as target:
        before = time.monotonic()
        fcntl.ioctl(target, FICLONE, source.fileno())
        took = time.monotonic() - before
    same(os.stat(f"{at}/large.to").st_size, size, "the size")
    with open(f"{at}/large.to", "rb") as target:
        for place in places:
            target.seek(place)
            same(target.read(MIB) == seeded(place, MIB), True, f"the contents at {place}")
    return took * 1000


def copied(at):
    """copy_file_range: whole files, and parts from and to any byte."""
    data = seeded(3, 20 * MIB + 5)
    put(f"{at}/copy.from", data)
    for name, start, place in (("whole", 0, 0), ("odd", 7, 3)):
        with open(f"{at}/copy.from", "rb") as source, open(f"{at}/copy.{name}", "w+b") as target:
            done, size = 0, len(data) - start
            while done < size:
                count = os.copy_file_range(source.fileno(), target.fileno(), size - done, start + done, place + done)
                if count == 0:
                    raise AssertionError(f"{done} of {size} bytes were copied")
                done += count
        same(get(f"{at}/copy.{name}") == bytes(place) + data[start:], True, f"the contents of {name}")


def copy_times(at, size):
    """Seconds that a copy of so many bytes takes: by the server, byte by byte, and through the client."""
    source, times = f"{at}/timed.from", {}
    with open(source, "wb") as file:
        for i in range(size // MIB):
            file.write(seeded(i % 16, MIB))
    for name, first in (("clone", 0), ("server", 1), ("client", 0)):
        target = f"{at}/timed.{name}"
        before = time.monotonic()
        with open(source, "rb") as reading, open(target, "w+b") as writing:
            done = first
            if name == "client":
                while chunk := reading.read(MIB):
                    writing.write(chunk)
            while name != "client" and done < size:
                done += os.copy_file_range(reading.fileno(), writing.fileno(), size - done, done, done - first)
            writing.flush()
            os.fsync(writing.fileno())
        times[name] = round(time.monotonic() - before, 3)
        same(os.stat(target).st_size, size - first, f"the size of {name}")
    return times
