"""Acting as somebody else: each action in a child process with that user's ids."""

import errno
import os
import traceback

ACTIONS = {
    "read": lambda path: os.close(os.open(path, os.O_RDONLY)) or read_byte(path),
    "write": lambda path: write_byte(path),
    "create": lambda path: os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)),
    "mkdir": lambda path: os.mkdir(path),
    "list": lambda path: os.listdir(path),
    "enter": lambda path: os.stat(os.path.join(path, ".")),
    "remove": lambda path: os.unlink(path),
    "rmdir": lambda path: os.rmdir(path),
    "chmod": lambda path: os.chmod(path, 0o640),
    "setid": lambda path: os.chmod(path, 0o6755),
    "touch": lambda path: os.utime(path),
    "touch to": lambda path: os.utime(path, (1, 1)),
    "truncate": lambda path: os.truncate(path, 0),
    "give away": lambda path: os.chown(path, 4321, -1),
    "take": lambda path: os.chown(path, os.geteuid(), -1),
    "group 2000": lambda path: os.chown(path, -1, 2000),
    "rename": lambda path: os.rename(path, path + ".moved"),
    "link": lambda path: os.link(path, path + ".link"),
    "device": lambda path: os.mknod(path, 0o20600, os.makedev(1, 3)),
}


def read_byte(path):
    file = os.open(path, os.O_RDONLY)
    try:
        os.read(file, 1)
    finally:
        os.close(file)


def write_byte(path):
    file = os.open(path, os.O_WRONLY)
    try:
        os.write(file, b"x")
        os.fsync(file)
    finally:
        os.close(file)


def act(user, action, path):
    """What the action gave: "ok" or the error's name. user is [uid, gid, supplementary groups]."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        word = "nothing"
        try:
            os.setgroups(user[2])
            os.setresgid(user[1], user[1], user[1])
            os.setresuid(user[0], user[0], user[0])
            os.umask(0o022)
            ACTIONS[action](path)
            word = "ok"
        except OSError as error:
            word = errno.errorcode.get(error.errno, str(error.errno))
        except BaseException:
            word = traceback.format_exc()
        finally:
            os.write(writer, word.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        word = pipe.read().decode()
    os.waitpid(child, 0)
    return word


def act_all(rows):
    """[[user, action, path], ...] -> the words."""
    return [act(*row) for row in rows]


def own(path, uid, gid, mode):
    os.chown(path, uid, gid)
    os.chmod(path, mode)
