"""Filehandles that this server did not hand out, or not for this."""

import random
import tempfile

from lib import nfs3, server
from lib.nfs3 import Proc, Status
from lib.report import Skip, check
from lib.xdr import Packer

from records import SEED

REFUSED = (Status.BADHANDLE, Status.STALE)


def calls_on(file):
    """One call of every procedure that takes a filehandle."""
    plain = nfs3.handle(file)
    return {
        Proc.GETATTR: plain, Proc.SETATTR: nfs3.setattr_arguments(file, mode=0o777), Proc.LOOKUP: nfs3.name(file, b"x"),
        Proc.ACCESS: nfs3.handle(file).u32(0x3f), Proc.READLINK: plain, Proc.READ: nfs3.handle(file).u64(0).u32(10),
        Proc.WRITE: nfs3.write_arguments(file, 0, b"forged"), Proc.CREATE: nfs3.create_arguments(file, b"forged", mode=0o644),
        Proc.MKDIR: nfs3.set_attributes(nfs3.name(file, b"forged")),
        Proc.SYMLINK: nfs3.set_attributes(nfs3.name(file, b"forged")).opaque(b"x"),
        Proc.MKNOD: nfs3.set_attributes(nfs3.name(file, b"forged").u32(nfs3.FIFO)),
        Proc.REMOVE: nfs3.name(file, b"precious"), Proc.RMDIR: nfs3.name(file, b"precious"),
        Proc.RENAME: nfs3.name(file, b"precious").opaque(file).opaque(b"gone"), Proc.LINK: Packer().opaque(file).opaque(file).opaque(b"forged"),
        Proc.READDIR: nfs3.handle(file).u64(0).fixed(bytes(8)).u32(4096),
        Proc.READDIRPLUS: nfs3.handle(file).u64(0).fixed(bytes(8)).u32(4096).u32(8192),
        Proc.FSSTAT: plain, Proc.FSINFO: plain, Proc.PATHCONF: plain, Proc.COMMIT: nfs3.handle(file).u64(0).u32(0),
    }


def with_precious(target, entry):
    raw, root = target.client()
    directory = raw.mkdir(root, entry)
    file = raw.create(directory, b"precious", mode=0o644)
    raw.write(file, 0, b"precious")
    return raw, directory, file


def check_unharmed(raw, directory, file):
    check([e.name for e in raw.list(directory)] == [b"precious"], "the directory has changed")
    check(raw.read_all(file) == b"precious", "the file has changed")


def bad_mac(target):
    """One changed bit anywhere makes a handle worthless; all procedures say so."""
    raw, directory, file = with_precious(target, b"bad-mac")
    with raw:
        for at in range(len(directory) * 8):
            forged = bytearray(directory)
            forged[at // 8] ^= 1 << at % 8
            status = nfs3.call_status(raw, Proc.GETATTR, nfs3.handle(bytes(forged)))
            check(status in REFUSED, f"bit {at}: {status!r}")
        forged = bytearray(directory)
        forged[-1] ^= 0x10
        for procedure, arguments in calls_on(bytes(forged)).items():
            status = nfs3.call_status(raw, procedure, arguments)
            check(status in REFUSED, f"{procedure.name}: {status!r}")
        check_unharmed(raw, directory, file)


def wrong_lengths(target):
    raw, directory, file = with_precious(target, b"lengths")
    with raw:
        for size in range(65):
            for bytes_ in (directory[:size].ljust(size, b"\0"), bytes(size), b"\xff" * size):
                if bytes_ != directory:
                    status = nfs3.call_status(raw, Proc.GETATTR, nfs3.handle(bytes_))
                    check(status in REFUSED, f"{size} bytes: {status!r}")
        check_unharmed(raw, directory, file)


def guessed(target):
    rng = random.Random(SEED)
    raw, directory, file = with_precious(target, b"guessed")
    with raw:
        for _ in range(500):
            forged = bytearray(directory)
            for _ in range(rng.randrange(1, 8)):
                forged[rng.randrange(len(forged))] = rng.getrandbits(8)
            if bytes(forged) != directory:
                status = nfs3.call_status(raw, Proc.GETATTR, nfs3.handle(bytes(forged)))
                check(status in REFUSED, f"{bytes(forged).hex()}: {status!r}")
        check_unharmed(raw, directory, file)
    return f"seed {SEED}"


def other_store(target):
    """A handle of another server's store, made the same way, is refused."""
    if server.uses_ganesha():
        raise Skip("it is about nfsd's stores")
    raw, directory, file = with_precious(target, b"other-store")
    with raw, tempfile.TemporaryDirectory(prefix="ditto-other-") as scratch, server.start(scratch) as other:
        with nfs3.Client(other.port) as stranger:
            root = stranger.mount(other.path())
            handles = [root, stranger.mkdir(root, b"other-store"), stranger.create(root, b"precious")]
        for handle in handles:
            for procedure, arguments in calls_on(handle).items():
                status = nfs3.call_status(raw, procedure, arguments)
                check(status in REFUSED, f"{procedure.name}: {status!r}")
        check_unharmed(raw, directory, file)


def other_share(target):
    """Each handle keeps its share's rules, and nothing moves from one share to the other."""
    raw, root = target.client()
    with raw:
        other = raw.mount(target.server.path("other"))
        readonly = raw.mount(target.server.path("readonly"))
        directory = raw.mkdir(root, b"shares")
        file = raw.create(directory, b"here")
        rename = nfs3.name(directory, b"here").opaque(other).opaque(b"there")
        check(nfs3.call_status(raw, Proc.RENAME, rename) == Status.XDEV, "RENAME into another share")
        link = Packer().opaque(file).opaque(other).opaque(b"there")
        check(nfs3.call_status(raw, Proc.LINK, link) == Status.XDEV, "LINK into another share")
        check(raw.list(other) == [], "the other share has an entry")
        for procedure in (Proc.SETATTR, Proc.CREATE, Proc.MKDIR, Proc.SYMLINK, Proc.MKNOD, Proc.REMOVE, Proc.RMDIR, Proc.RENAME):
            status = nfs3.call_status(raw, procedure, calls_on(readonly)[procedure])
            check(status == Status.ROFS, f"{procedure.name} on a read-only share: {status!r}")


def wrong_type(target):
    """Directory procedures on a file and the other way round."""
    raw, directory, file = with_precious(target, b"types")
    with raw:
        for procedure in (Proc.LOOKUP, Proc.CREATE, Proc.MKDIR, Proc.REMOVE, Proc.RMDIR, Proc.READDIR, Proc.READDIRPLUS):
            status = nfs3.call_status(raw, procedure, calls_on(file)[procedure])
            check(status == Status.NOTDIR, f"{procedure.name} on a file: {status!r}")
        for procedure in (Proc.READ, Proc.WRITE, Proc.COMMIT, Proc.READLINK):
            status = nfs3.call_status(raw, procedure, calls_on(directory)[procedure])
            check(status in (Status.ISDIR, Status.INVAL), f"{procedure.name} on a directory: {status!r}")
        check_unharmed(raw, directory, file)


def removed(target):
    raw, directory, file = with_precious(target, b"removed")
    with raw:
        raw.remove(directory, b"precious")
        status = nfs3.call_status(raw, Proc.GETATTR, nfs3.handle(file))
        check(status == Status.STALE, f"GETATTR of a removed file: {status!r}")
        raw.create(directory, b"precious")
        status = nfs3.call_status(raw, Proc.READ, nfs3.handle(file).u64(0).u32(10))
        check(status == Status.STALE, f"READ of a removed file whose name is there again: {status!r}")


TESTS = [
    ("handles: any bit changed", bad_mac),
    ("handles: of every length", wrong_lengths),
    ("handles: guessed", guessed),
    ("handles: of another store", other_store),
    ("handles: of another share", other_share),
    ("handles: of the wrong type", wrong_type),
    ("handles: of a removed file", removed),
]
