"""Holes, room and extended attributes, as NFSv4.2 carries them."""

import ctypes
import errno
import os

from clients import run
from semantics import fails, get, put

KEEP_SIZE, PUNCH_HOLE = 1, 2
MIB = 1 << 20

libc = ctypes.CDLL(None, use_errno=True)
libc.fallocate.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)


def fallocate(file, mode, offset, length):
    if libc.fallocate(file, mode, offset, length) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def same(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


def holes(at):
    """A hole in the middle of a file is found, reads as zeros, and is no less."""
    path = f"{at}/holes"
    put(path, b"x" * 4 * MIB)
    file = os.open(path, os.O_RDWR)
    try:
        os.fsync(file)
        used = os.fstat(file).st_blocks
        fallocate(file, KEEP_SIZE | PUNCH_HOLE, MIB, 2 * MIB)
        same(os.lseek(file, 0, os.SEEK_HOLE), MIB, "the hole")
        same(os.lseek(file, MIB, os.SEEK_DATA), 3 * MIB, "data behind it")
        same(os.lseek(file, 3 * MIB, os.SEEK_HOLE), 4 * MIB, "the hole at the end")
        fails(errno.ENXIO, os.lseek, file, 4 * MIB, os.SEEK_DATA)
        same(os.fstat(file).st_size, 4 * MIB, "the size")
        if os.fstat(file).st_blocks >= used:
            raise AssertionError(f"{used} blocks before, {os.fstat(file).st_blocks} after")
        fallocate(file, KEEP_SIZE | PUNCH_HOLE, 10, 20)
    finally:
        os.close(file)
    wanted = bytearray(b"x" * 4 * MIB)
    wanted[MIB:3 * MIB] = bytes(2 * MIB)
    wanted[10:30] = bytes(20)
    same(get(path) == bytes(wanted), True, "the contents")


def small_holes(at):
    """Of a file that the server keeps beside its attributes."""
    path = f"{at}/small"
    put(path, b"0123456789")
    file = os.open(path, os.O_RDWR)
    try:
        fallocate(file, KEEP_SIZE | PUNCH_HOLE, 2, 3)
        same(os.lseek(file, 0, os.SEEK_HOLE), 10, "the hole at the end")
    finally:
        os.close(file)
    same(get(path), b"01\0\0\00056789", "the contents")


def room(at):
    """Reserving grows a file, and leaves what is in it."""
    path = f"{at}/room"
    put(path, b"0123456789")
    file = os.open(path, os.O_RDWR)
    try:
        fallocate(file, 0, 0, MIB)
        same(os.fstat(file).st_size, MIB, "the size")
        if os.fstat(file).st_blocks * 512 < MIB:
            raise AssertionError(f"{os.fstat(file).st_blocks} blocks")
        fails(errno.ENOSPC, fallocate, file, 0, 0, 1 << 60)
    finally:
        os.close(file)
    same(get(path) == b"0123456789" + bytes(MIB - 10), True, "the contents")


def user_names(node):
    """Beside them Linux lists names for the access control list."""
    return sorted(name for name in os.listxattr(node) if not name.startswith("system.nfs4_"))


def attributes(at):
    """user.* of files and directories."""
    path, directory = f"{at}/attributes", f"{at}/attributes.d"
    put(path)
    os.mkdir(directory)
    for node in (path, directory):
        same(user_names(node), [], "names at first")
        fails(errno.ENODATA, os.getxattr, node, "user.a")
        os.setxattr(node, "user.a", b"first")
        os.setxattr(node, "user.b", bytes(range(256)) * 256)
        same(os.getxattr(node, "user.a"), b"first", "user.a")
        same(os.getxattr(node, "user.b") == bytes(range(256)) * 256, True, "user.b")
        same(user_names(node), ["user.a", "user.b"], "names")
        fails(errno.EEXIST, os.setxattr, node, "user.a", b"other", os.XATTR_CREATE)
        fails(errno.ENODATA, os.setxattr, node, "user.c", b"other", os.XATTR_REPLACE)
        os.setxattr(node, "user.a", b"second", os.XATTR_REPLACE)
        same(os.getxattr(node, "user.a"), b"second", "user.a")
        os.removexattr(node, "user.b")
        fails(errno.ENODATA, os.removexattr, node, "user.b")
        same(user_names(node), ["user.a"], "names at last")


def many_attributes(at):
    """More names than one answer carries."""
    path = f"{at}/many"
    put(path)
    names = sorted(f"user.{i:03}{'n' * 200}" for i in range(200))
    for name in names:
        os.setxattr(path, name, b"v")
    same(user_names(path) == names, True, "the names")


def by_tools(at):
    """As people do it."""
    path = f"{at}/by-tools"
    put(path, b"x" * MIB)
    run("sync", path)
    used = os.stat(path).st_blocks
    run("fallocate", "-p", "-o", str(64 << 10), "-l", str(512 << 10), path)
    same(get(path) == b"x" * (64 << 10) + bytes(512 << 10) + b"x" * (448 << 10), True, "the contents")
    if os.stat(path).st_blocks > used - (256 << 10) // 512:
        raise AssertionError(f"{used} blocks before, {os.stat(path).st_blocks} after")
    run("setfattr", "-n", "user.colour", "-v", "green", path)
    run("setfattr", "-n", "user.shape", "-v", "round", path)
    same(run("getfattr", "--absolute-names", "--only-values", "-n", "user.colour", path), "green", "user.colour")
    run("setfattr", "-x", "user.shape", path)
    same(run("getfattr", "--absolute-names", "-d", path).split("\n")[1:], ['user.colour="green"', "", ""], "what is listed")


def get_attribute(path, name):
    return os.getxattr(path, name).decode()


def set_attribute(path, name, value):
    os.setxattr(path, name, value.encode())


def masked(at):
    """The umask goes its own way, to the same end."""
    before = os.umask(0o027)
    try:
        os.mkdir(f"{at}/masked.d", 0o777)
        os.close(os.open(f"{at}/masked", os.O_CREAT | os.O_WRONLY, 0o666))
    finally:
        os.umask(before)
    same(oct(os.stat(f"{at}/masked.d").st_mode & 0o7777), oct(0o750), "the directory's mode")
    same(oct(os.stat(f"{at}/masked").st_mode & 0o7777), oct(0o640), "the file's mode")
