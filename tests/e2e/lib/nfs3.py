"""A small NFSv3 and MOUNT v3 client over raw sockets (RFC 1813) for tests: it hides nothing, caches nothing, retries nothing."""

import collections
import enum

from . import rpc
from .xdr import Packer

NFS_PROGRAM, MOUNT_PROGRAM, VERSION = 100003, 100005, 3

UNSTABLE, DATA_SYNC, FILE_SYNC = 0, 1, 2
UNCHECKED, GUARDED, EXCLUSIVE = 0, 1, 2
REG, DIR, BLK, CHR, LNK, SOCK, FIFO = range(1, 8)


class Status(enum.IntEnum):
    OK = 0
    PERM = 1
    NOENT = 2
    IO = 5
    NXIO = 6
    ACCES = 13
    EXIST = 17
    XDEV = 18
    NODEV = 19
    NOTDIR = 20
    ISDIR = 21
    INVAL = 22
    FBIG = 27
    NOSPC = 28
    ROFS = 30
    MLINK = 31
    NAMETOOLONG = 63
    NOTEMPTY = 66
    DQUOT = 69
    STALE = 70
    REMOTE = 71
    BADHANDLE = 10001
    NOT_SYNC = 10002
    BAD_COOKIE = 10003
    NOTSUPP = 10004
    TOOSMALL = 10005
    SERVERFAULT = 10006
    BADTYPE = 10007
    JUKEBOX = 10008


class Proc(enum.IntEnum):
    NULL = 0
    GETATTR = 1
    SETATTR = 2
    LOOKUP = 3
    ACCESS = 4
    READLINK = 5
    READ = 6
    WRITE = 7
    CREATE = 8
    MKDIR = 9
    SYMLINK = 10
    MKNOD = 11
    REMOVE = 12
    RMDIR = 13
    RENAME = 14
    LINK = 15
    READDIR = 16
    READDIRPLUS = 17
    FSSTAT = 18
    FSINFO = 19
    PATHCONF = 20
    COMMIT = 21


class NfsError(Exception):
    def __init__(self, procedure, status):
        super().__init__(f"{procedure}: {status.name if isinstance(status, Status) else status}")
        self.status = status


Attributes = collections.namedtuple("Attributes", "type mode nlink uid gid size used rdev fsid fileid atime mtime ctime")
Entry = collections.namedtuple("Entry", "fileid name cookie attributes handle")
Read = collections.namedtuple("Read", "data end")
Written = collections.namedtuple("Written", "count committed verifier")


def status_of(number):
    return Status(number) if number in Status._value2member_map_ else number


# ---- arguments

def handle(value):
    return Packer().opaque(value)


def name(directory, entry):
    return Packer().opaque(directory).opaque(entry)


def set_attributes(pack, mode=None, uid=None, gid=None, size=None, atime=None, mtime=None):
    """Times are (seconds, nanoseconds), or True for the server's own clock."""
    for value in (mode, uid, gid):
        pack.optional(value, pack.u32)
    pack.optional(size, pack.u64)
    for time in (atime, mtime):
        if time is None:
            pack.u32(0)
        elif time is True:
            pack.u32(1)
        else:
            pack.u32(2).u32(time[0]).u32(time[1])
    return pack


def setattr_arguments(file, guard=None, **attributes):
    pack = set_attributes(handle(file), **attributes)
    return pack.optional(guard, lambda ctime: pack.u32(ctime[0]).u32(ctime[1]))


def write_arguments(file, offset, data, stable=FILE_SYNC):
    return handle(file).u64(offset).u32(len(data)).u32(stable).opaque(data)


def create_arguments(directory, entry, how=GUARDED, verifier=None, **attributes):
    pack = name(directory, entry).u32(how)
    return pack.fixed(verifier) if how == EXCLUSIVE else set_attributes(pack, **attributes)


# ---- results, behind their status

def attributes(unpack):
    head = [unpack.u32() for _ in range(5)]
    size, used = unpack.u64(), unpack.u64()
    rdev = (unpack.u32(), unpack.u32())
    fsid, fileid = unpack.u64(), unpack.u64()
    times = [(unpack.u32(), unpack.u32()) for _ in range(3)]
    return Attributes(*head, size, used, rdev, fsid, fileid, *times)


def post_op(unpack):
    return attributes(unpack) if unpack.u32() else None


def wcc(unpack):
    """The attributes after; those before are only stepped over."""
    if unpack.u32():
        unpack.fixed(24)
    return post_op(unpack)


def made(unpack):
    """(filehandle or None, attributes or None) of CREATE, MKDIR, SYMLINK and MKNOD."""
    found = unpack.opaque() if unpack.u32() else None
    return found, post_op(unpack)


def written(unpack):
    wcc(unpack)
    return Written(unpack.u32(), unpack.u32(), unpack.fixed(8))


def committed(unpack):
    wcc(unpack)
    return unpack.fixed(8)


class Client(rpc.Connection):
    """Synchronous calls; they raise NfsError for any status but OK. send() and receive_record() remain for pipelining."""

    def __init__(self, port, mount_port=None, **options):
        super().__init__(port, **options)
        self.port, self.mount_port = port, mount_port or port

    def mount(self, path):
        with rpc.Connection(self.mount_port, credential=self.credential) as connection:
            unpack = connection.call(MOUNT_PROGRAM, VERSION, 1, Packer().opaque(path.encode()).bytes)
        status = unpack.u32()
        if status:
            raise NfsError("MNT", status_of(status))
        return unpack.opaque()

    def nfs(self, procedure, arguments):
        """The results behind an OK status."""
        unpack = self.call(NFS_PROGRAM, VERSION, procedure, arguments.bytes)
        status = status_of(unpack.u32())
        if status != Status.OK:
            raise NfsError(Proc(procedure).name, status)
        return unpack

    def null(self):
        self.call(NFS_PROGRAM, VERSION, Proc.NULL)

    def send_nfs(self, procedure, arguments):
        return self.send(NFS_PROGRAM, VERSION, procedure, arguments.bytes)

    def getattr(self, file):
        return attributes(self.nfs(Proc.GETATTR, handle(file)))

    def setattr(self, file, guard=None, **values):
        return wcc(self.nfs(Proc.SETATTR, setattr_arguments(file, guard, **values)))

    def lookup(self, directory, entry):
        return self.nfs(Proc.LOOKUP, name(directory, entry)).opaque()

    def walk(self, directory, *entries):
        for entry in entries:
            directory = self.lookup(directory, entry)
        return directory

    def access(self, file, bits=0x3f):
        unpack = self.nfs(Proc.ACCESS, handle(file).u32(bits))
        post_op(unpack)
        return unpack.u32()

    def readlink(self, file):
        unpack = self.nfs(Proc.READLINK, handle(file))
        post_op(unpack)
        return unpack.opaque()

    def read(self, file, offset, count):
        unpack = self.nfs(Proc.READ, handle(file).u64(offset).u32(count))
        post_op(unpack)
        unpack.u32()
        end = bool(unpack.u32())
        return Read(unpack.opaque(), end)

    def read_all(self, file, block=1 << 20):
        whole = bytearray()
        while True:
            part = self.read(file, len(whole), block)
            whole += part.data
            if part.end or not part.data:
                return bytes(whole)

    def write(self, file, offset, data, stable=FILE_SYNC):
        return written(self.nfs(Proc.WRITE, write_arguments(file, offset, data, stable)))

    def commit(self, file):
        return committed(self.nfs(Proc.COMMIT, handle(file).u64(0).u32(0)))

    def create(self, directory, entry, how=GUARDED, verifier=None, **values):
        return made(self.nfs(Proc.CREATE, create_arguments(directory, entry, how, verifier, **values)))[0]

    def mkdir(self, directory, entry, mode=0o755):
        return made(self.nfs(Proc.MKDIR, set_attributes(name(directory, entry), mode=mode)))[0]

    def symlink(self, directory, entry, target):
        return made(self.nfs(Proc.SYMLINK, set_attributes(name(directory, entry)).opaque(target)))[0]

    def remove(self, directory, entry):
        wcc(self.nfs(Proc.REMOVE, name(directory, entry)))

    def rmdir(self, directory, entry):
        wcc(self.nfs(Proc.RMDIR, name(directory, entry)))

    def rename(self, from_directory, from_entry, to_directory, to_entry):
        self.nfs(Proc.RENAME, name(from_directory, from_entry).opaque(to_directory).opaque(to_entry))

    def link(self, file, directory, entry):
        self.nfs(Proc.LINK, handle(file).opaque(directory).opaque(entry))

    def list(self, directory, plus=False, count=65536):
        """All entries but . and .., in the server's order."""
        entries, cookie, verifier = [], 0, bytes(8)
        while True:
            pack = handle(directory).u64(cookie).fixed(verifier)
            unpack = self.nfs(Proc.READDIRPLUS, pack.u32(count).u32(count)) if plus else self.nfs(Proc.READDIR, pack.u32(count))
            post_op(unpack)
            verifier = unpack.fixed(8)
            before = cookie
            while unpack.u32():
                fileid, entry, cookie = unpack.u64(), unpack.opaque(), unpack.u64()
                found, file = None, None
                if plus:
                    found = post_op(unpack)
                    file = unpack.opaque() if unpack.u32() else None
                entries.append(Entry(fileid, entry, cookie, found, file))
            if unpack.u32():
                return [e for e in entries if e.name not in (b".", b"..")]
            if cookie == before:
                raise NfsError("READDIR makes no progress", Status.SERVERFAULT)


def call_status(client, procedure, arguments):
    """The status of one call, OK included."""
    try:
        client.nfs(procedure, arguments)
    except NfsError as error:
        return error.status
    return Status.OK
