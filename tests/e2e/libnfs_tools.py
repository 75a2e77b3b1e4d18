"""libnfs: its tools nfs-ls, nfs-cp, nfs-cat (and nfs-stat where there is one), and its library, which speaks NFSv3 by itself."""

import ctypes
import ctypes.util
import random
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lib.report import Skip, check, equal

SECONDS = 60


def url(scene, path=""):
    one = scene.server
    return f"nfs://127.0.0.1{one.path()}/{path}?nfsport={one.port}&mountport={one.mount_port}"


def tool(name, *arguments):
    if shutil.which(name) is None:
        raise Skip(f"there is no {name}")
    done = subprocess.run([name, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SECONDS)
    check(done.returncode == 0, f"{name} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-300:]}")
    return done.stdout


def nfs_ls(scene):
    _, entry = scene.directory("listed")
    raw, root = scene.client()
    with raw:
        directory = raw.lookup(root, entry.encode())
        for number in range(300):
            raw.create(directory, b"file-%03d" % number, mode=0o640)
        raw.write(raw.lookup(directory, b"file-007"), 0, b"x" * 1234)
        raw.mkdir(directory, b"folder")
    text = tool("nfs-ls", url(scene, entry)).decode()
    names = re.findall(r"(\S+)$", text, re.M)
    equal(sorted(names), sorted([f"file-{n:03d}" for n in range(300)] + ["folder"]), "the names")
    line = next(line for line in text.splitlines() if line.endswith("file-007"))
    check(line.startswith("-rw-r-----") and "1234" in line, f"its line is {line!r}")
    check(re.search(r"^drwxr-xr-x.*folder$", text, re.M), "the directory's line")


def nfs_cp(scene):
    _, entry = scene.directory("copied")
    data = random.Random(3).randbytes(5_000_001)
    with tempfile.TemporaryDirectory(prefix="ditto-libnfs-") as scratch:
        here, back = Path(scratch, "here"), Path(scratch, "back")
        here.write_bytes(data)
        tool("nfs-cp", str(here), url(scene, f"{entry}/there"))
        tool("nfs-cp", url(scene, f"{entry}/there"), str(back))
        check(back.read_bytes() == data, "what came back is not what went out")


def nfs_cat(scene):
    _, entry = scene.directory("shown")
    data = random.Random(4).randbytes(1_300_003)
    raw, root = scene.client()
    with raw:
        file = raw.create(raw.lookup(root, entry.encode()), b"file", mode=0o644)
        for offset in range(0, len(data), 1 << 16):
            raw.write(file, offset, data[offset:offset + (1 << 16)])
    check(tool("nfs-cat", url(scene, f"{entry}/file")) == data, "it showed other bytes")


def nfs_stat(scene):
    _, entry = scene.directory("stat")
    raw, root = scene.client()
    with raw:
        raw.write(raw.create(raw.lookup(root, entry.encode()), b"file", mode=0o604), 0, b"x" * 4321)
    if shutil.which("nfs-stat"):
        text = tool("nfs-stat", url(scene, f"{entry}/file")).decode()
        check("4321" in text, f"it says {text!r}")
        return "nfs-stat"
    found = library_stat(scene, f"/{entry}/file")
    equal((found.mode & 0o170777, found.size, found.nlink), (0o100604, 4321, 1), "mode, size and links")
    return "nfs_stat64 of the library: no tool nfs-stat here"


class Stat64(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in (
        "dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size", "blksize", "blocks", "atime", "mtime", "ctime", "atime_nsec",
        "mtime_nsec", "ctime_nsec", "used")]


def library_stat(scene, path):
    name = ctypes.util.find_library("nfs")
    if name is None:
        raise Skip("there is no libnfs")
    library = ctypes.CDLL(name)
    library.nfs_init_context.restype = library.nfs_parse_url_dir.restype = ctypes.c_void_p
    library.nfs_get_error.restype = ctypes.c_char_p
    context = ctypes.c_void_p(library.nfs_init_context())
    try:
        parsed = library.nfs_parse_url_dir(context, url(scene).encode())
        check(parsed, f"nfs_parse_url_dir: {library.nfs_get_error(context)}")
        library.nfs_destroy_url(ctypes.c_void_p(parsed))
        check(library.nfs_mount(context, b"127.0.0.1", scene.server.path().encode()) == 0, f"nfs_mount: {library.nfs_get_error(context)}")
        found = Stat64()
        check(library.nfs_stat64(context, path.encode(), ctypes.byref(found)) == 0, f"nfs_stat64: {library.nfs_get_error(context)}")
        return found
    finally:
        library.nfs_destroy_context(context)


TESTS = [
    ("libnfs: nfs-ls", nfs_ls),
    ("libnfs: nfs-cp there and back", nfs_cp),
    ("libnfs: nfs-cat", nfs_cat),
    ("libnfs: stat", nfs_stat),
]
