"""One of everything that a program can ask of a file system, so that a client sends every kind of request it has."""

import fcntl
import os

from clients import content, forget_cache


def ask_for_everything(at):
    data = content(9, 2_500_000)  # more than one WRITE
    os.mkdir(f"{at}/d")
    file = os.open(f"{at}/f", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
    os.write(file, data)
    os.fsync(file)
    for kind in (fcntl.LOCK_EX, fcntl.LOCK_UN):
        fcntl.lockf(file, kind, 10, 5)
    os.close(file)
    forget_cache()
    with open(f"{at}/f", "rb") as again:
        assert again.read() == data, "what was read is not what was written"
    os.chmod(f"{at}/f", 0o600)
    os.truncate(f"{at}/f", 1000)
    os.utime(f"{at}/f", ns=(1_111_111_111_000_000_001, 1_222_222_222_000_000_002))
    os.symlink("f", f"{at}/s")
    os.link(f"{at}/f", f"{at}/d/l")
    os.mkfifo(f"{at}/p")
    forget_cache()
    assert os.readlink(f"{at}/s") == "f"
    assert sorted(entry.name for entry in os.scandir(at) if entry.stat(follow_symlinks=False)) == ["d", "f", "p", "s"]
    os.rename(f"{at}/f", f"{at}/d/g")
    os.statvfs(at)
    for name in ("d/l", "d/g", "s", "p"):
        os.unlink(f"{at}/{name}")
    os.rmdir(f"{at}/d")
