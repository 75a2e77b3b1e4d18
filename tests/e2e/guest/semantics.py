"""What a POSIX program expects of a file system, seen through the kernel's client."""

import errno
import mmap
import os
import stat
import time

from clients import content, forget_cache


def fails(number, function, *arguments, **options):
    try:
        function(*arguments, **options)
    except OSError as error:
        assert error.errno == number, f"{function.__name__}{arguments}: {error}, wanted {errno.errorcode[number]}"
        return
    raise AssertionError(f"{function.__name__}{arguments} worked, wanted {errno.errorcode[number]}")


def put(path, data=b"x"):
    with open(path, "wb") as file:
        file.write(data)


def get(path):
    with open(path, "rb") as file:
        return file.read()


def node_types(at):
    os.mkfifo(f"{at}/fifo", 0o640)
    os.mknod(f"{at}/socket", stat.S_IFSOCK | 0o600)
    os.mknod(f"{at}/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(f"{at}/block", stat.S_IFBLK | 0o660, os.makedev(240, 70000))
    os.symlink("../some/where", f"{at}/link")
    os.symlink("t" * 1023, f"{at}/long-link")
    os.mkdir(f"{at}/directory", 0o711)
    put(f"{at}/file")
    forget_cache()
    kinds = {"fifo": stat.S_ISFIFO, "socket": stat.S_ISSOCK, "null": stat.S_ISCHR, "block": stat.S_ISBLK, "link": stat.S_ISLNK,
             "directory": stat.S_ISDIR, "file": stat.S_ISREG}
    for name, is_kind in kinds.items():
        assert is_kind(os.lstat(f"{at}/{name}").st_mode), f"{name} is of another type"
    assert stat.S_IMODE(os.lstat(f"{at}/fifo").st_mode) == 0o640, "the FIFO's mode"
    assert os.lstat(f"{at}/null").st_rdev == os.makedev(1, 3), "the character device's numbers"
    assert os.lstat(f"{at}/block").st_rdev == os.makedev(240, 70000), "the block device's numbers"
    assert os.readlink(f"{at}/link") == "../some/where" and os.lstat(f"{at}/link").st_size == 13, "the symbolic link"
    assert os.readlink(f"{at}/long-link") == "t" * 1023, "the long symbolic link"
    with open(f"{at}/null", "wb") as null:
        null.write(b"gone")
    reader = os.open(f"{at}/fifo", os.O_RDWR | os.O_NONBLOCK)
    os.write(reader, b"through")
    assert os.read(reader, 7) == b"through", "the FIFO"
    os.close(reader)
    for name in ("fifo", "socket", "null", "block", "link", "long-link", "file"):
        os.unlink(f"{at}/{name}")
    os.rmdir(f"{at}/directory")
    assert os.listdir(at) == [], os.listdir(at)


def files(at):
    path = f"{at}/f"
    put(path, b"hello world")
    with open(path, "ab") as file:
        file.write(b"!!")
    assert get(path) == b"hello world!!"
    os.truncate(path, 5)
    os.truncate(path, 9)
    forget_cache()
    assert get(path) == b"hello\0\0\0\0", get(path)
    with open(path, "r+b") as file:
        file.seek(20)
        file.write(b"far")
    forget_cache()
    assert get(path) == b"hello" + bytes(15) + b"far"
    fails(errno.EEXIST, os.open, path, os.O_CREAT | os.O_EXCL)
    fails(errno.ENOTDIR, os.stat, path + "/below")
    fails(errno.ENOENT, os.stat, f"{at}/absent")
    fails(errno.EISDIR, os.open, at, os.O_WRONLY)
    with open(path, "r+b") as file:
        os.ftruncate(file.fileno(), 3 * 4096)
        with mmap.mmap(file.fileno(), 0) as view:
            view[4096:4101] = b"shown"
            view.flush()
    forget_cache()
    assert get(path)[4096:4101] == b"shown", "what was written through a mapping"
    data = content(5, 3 << 20)
    put(path, data)
    with open(path, "r+b") as file:
        for offset, text in ((1 << 20, b"middle"), ((1 << 20) - 3, b"edges"), (4095, b"pp"), (len(data), b"end")):
            file.seek(offset)
            file.write(text)
            data = data[:offset] + text + data[offset + len(text):]
    forget_cache()
    assert get(path) == data, "overwritten parts"


def links(at):
    put(f"{at}/one", b"same")
    os.link(f"{at}/one", f"{at}/two")
    os.mkdir(f"{at}/d")
    os.link(f"{at}/one", f"{at}/d/three")
    assert os.stat(f"{at}/two").st_nlink == 3 and os.stat(f"{at}/two").st_ino == os.stat(f"{at}/d/three").st_ino
    os.unlink(f"{at}/one")
    assert get(f"{at}/d/three") == b"same" and os.stat(f"{at}/two").st_nlink == 2
    os.rename(f"{at}/two", f"{at}/d/three")  # the same file: nothing happens
    assert os.path.exists(f"{at}/two") and os.path.exists(f"{at}/d/three")
    fails(errno.EEXIST, os.link, f"{at}/two", f"{at}/d/three")
    fails(errno.EPERM, os.link, f"{at}/d", f"{at}/e")
    os.symlink("two", f"{at}/soft")
    assert get(f"{at}/soft") == b"same"
    os.symlink("soft-loop", f"{at}/soft-loop")
    fails(errno.ELOOP, os.stat, f"{at}/soft-loop")
    file = os.open(f"{at}/two", os.O_RDWR)
    os.unlink(f"{at}/two")
    os.unlink(f"{at}/d/three")
    assert os.pread(file, 4, 0) == b"same", "a file that was removed while open"
    os.pwrite(file, b"SAME", 0)
    assert os.pread(file, 4, 0) == b"SAME"
    os.close(file)
    assert sorted(os.listdir(at)) == ["d", "soft", "soft-loop"], os.listdir(at)


def directories(at):
    os.makedirs(f"{at}/a/b/c")
    put(f"{at}/a/b/f")
    assert os.stat(f"{at}/a").st_nlink == 3 and os.stat(f"{at}/a/b/c").st_nlink == 2
    fails(errno.EEXIST, os.mkdir, f"{at}/a")
    fails(errno.ENOTEMPTY, os.rmdir, f"{at}/a/b")
    fails(errno.ENOTDIR, os.rmdir, f"{at}/a/b/f")
    fails(errno.EISDIR, os.unlink, f"{at}/a/b")
    fails(errno.EINVAL, os.rename, f"{at}/a", f"{at}/a/b/c/a")
    os.mkdir(f"{at}/x")
    put(f"{at}/x/in")
    fails(errno.ENOTEMPTY, os.rename, f"{at}/a", f"{at}/x")
    fails(errno.EISDIR, os.rename, f"{at}/a/b/f", f"{at}/x")
    fails(errno.ENOTDIR, os.rename, f"{at}/x", f"{at}/a/b/f")
    os.rename(f"{at}/a/b", f"{at}/x/moved")
    assert os.stat(f"{at}/x/moved/..").st_ino == os.stat(f"{at}/x").st_ino, ".. of a moved directory"
    assert os.stat(f"{at}/a").st_nlink == 2 and os.stat(f"{at}/x").st_nlink == 3
    os.mkdir(f"{at}/empty")
    os.rename(f"{at}/x/moved/c", f"{at}/empty")  # replaces an empty directory
    assert os.listdir(f"{at}/empty") == []
    put(f"{at}/new", b"new")
    put(f"{at}/old", b"old")
    os.rename(f"{at}/new", f"{at}/old")
    assert get(f"{at}/old") == b"new" and not os.path.exists(f"{at}/new")
    deep = at
    for level in range(60):
        deep += f"/level-{level}"
        os.mkdir(deep)
    put(deep + "/bottom", b"here")
    forget_cache()
    assert get(deep + "/bottom") == b"here"
    here = os.getcwd()
    os.chdir(deep)
    try:
        for _ in range(60):
            os.chdir("..")
        assert os.stat(".").st_ino == os.stat(at).st_ino, "60 times .."
    finally:
        os.chdir(here)


def times(at):
    path = f"{at}/t"
    put(path)
    os.utime(path, ns=(1_111_111_111_123_456_789, 2_222_222_222_987_654_321))
    forget_cache()
    found = os.stat(path)
    assert (found.st_atime_ns, found.st_mtime_ns) == (1_111_111_111_123_456_789, 2_222_222_222_987_654_321), found
    def changed(action, *fields):
        """Which of the fields a change must move forward; they are read from the server."""
        forget_cache()
        before = os.stat(at), os.stat(path) if os.path.exists(path) else None
        time.sleep(0.02)
        action()
        forget_cache()
        after = os.stat(at), os.stat(path) if os.path.exists(path) else None
        for which, field in fields:
            old, new = getattr(before[which], field), getattr(after[which], field)
            assert new > old, f"{field} of the {('directory', 'file')[which]} stayed at {old}"

    changed(lambda: os.chmod(path, 0o600), (1, "st_ctime_ns"))
    os.utime(path)
    changed(lambda: put(path, b"longer"), (1, "st_mtime_ns"), (1, "st_ctime_ns"))
    changed(lambda: os.truncate(path, 1), (1, "st_mtime_ns"), (1, "st_ctime_ns"))
    changed(lambda: os.link(path, path + "2"), (0, "st_mtime_ns"), (0, "st_ctime_ns"), (1, "st_ctime_ns"))
    changed(lambda: os.rename(path + "2", path + "3"), (0, "st_mtime_ns"))
    changed(lambda: os.unlink(path + "3"), (0, "st_mtime_ns"), (1, "st_ctime_ns"))
    skew = time.time() - os.stat(path).st_ctime
    assert -60 < skew < 60, f"the server's clock is {skew} s off"


def space(at):
    figures = os.statvfs(at)
    assert figures.f_blocks >= figures.f_bfree >= figures.f_bavail > 0, figures
    assert figures.f_files > 0 and figures.f_namemax == 255, figures


def sparse(at, size):
    path = f"{at}/sparse"
    spots = {0: b"start", (4 << 30) - 3: b"across 4 GiB", size // 2: b"middle", size - 7: b"the end"}
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    os.ftruncate(file, size)
    for offset, text in spots.items():
        os.pwrite(file, text, offset)
    os.fsync(file)
    os.close(file)
    forget_cache()
    file = os.open(path, os.O_RDONLY)
    found = os.fstat(file)
    assert found.st_size == size, f"its size is {found.st_size}"
    assert found.st_blocks * 512 < 16 << 20, f"it takes {found.st_blocks * 512} bytes"
    for offset, text in spots.items():
        assert os.pread(file, len(text), offset) == text, f"at {offset}"
    for offset in (4096, 1 << 30, (4 << 30) + 4096, size - (1 << 20)):
        wanted = min(65536, size - 7 - offset)
        assert os.pread(file, wanted, offset) == bytes(wanted), f"the hole at {offset} is not zero"
    assert os.pread(file, 10, size) == b""
    os.close(file)
    os.truncate(path, (4 << 30) + 2)
    os.truncate(path, size)
    forget_cache()
    file = os.open(path, os.O_RDONLY)
    assert os.pread(file, 12, (4 << 30) - 3) == b"acros" + bytes(7), "what was cut off came back"
    os.close(file)
    os.unlink(path)
