"""Names, offsets, counts and kinds that no good client sends."""

from lib import nfs3, rpc
from lib.nfs3 import NFS_PROGRAM, VERSION, Proc, Status
from lib.report import check, equal
from lib.xdr import Packer

LARGEST = (1 << 63) - 1
BEYOND = (Status.FBIG, Status.INVAL)


def scene(target, entry):
    raw, root = target.client()
    directory = raw.mkdir(root, entry)
    file = raw.create(directory, b"file", mode=0o644)
    raw.write(file, 0, b"contents")
    return raw, directory, file


def taking_names(directory, file, name):
    """Every call that takes a name, with this one."""
    return [
        (Proc.LOOKUP, nfs3.name(directory, name)), (Proc.CREATE, nfs3.create_arguments(directory, name, mode=0o644)),
        (Proc.CREATE, nfs3.create_arguments(directory, name, how=nfs3.UNCHECKED)),
        (Proc.CREATE, nfs3.create_arguments(directory, name, how=nfs3.EXCLUSIVE, verifier=bytes(8))),
        (Proc.MKDIR, nfs3.set_attributes(nfs3.name(directory, name))),
        (Proc.SYMLINK, nfs3.set_attributes(nfs3.name(directory, name)).opaque(b"target")),
        (Proc.MKNOD, nfs3.set_attributes(nfs3.name(directory, name).u32(nfs3.FIFO))),
        (Proc.REMOVE, nfs3.name(directory, name)), (Proc.RMDIR, nfs3.name(directory, name)),
        (Proc.RENAME, nfs3.name(directory, b"file").opaque(directory).opaque(name)),
        (Proc.RENAME, nfs3.name(directory, name).opaque(directory).opaque(b"new")),
        (Proc.LINK, Packer().opaque(file).opaque(directory).opaque(name)),
    ]


def names(target):
    """'/', NUL and nothing are never a name; 256 bytes are NAMETOOLONG; . and .. are not to be made, moved or removed."""
    raw, directory, file = scene(target, b"names")
    with raw:
        inside = raw.mkdir(directory, b"inside")
        cases = [(name, (Status.ACCES, Status.INVAL)) for name in (b"/", b"a/b", b"../file", b"/etc/passwd", b"\0", b"a\0b", b"file\0", b"")]
        cases += [(b"n" * size, (Status.NAMETOOLONG,)) for size in (256, 257, 1000, 4000)]
        for name, wanted in cases:
            for procedure, arguments in taking_names(directory, file, name):
                status = nfs3.call_status(raw, procedure, arguments)
                check(status in wanted, f"{procedure.name} {name[:20]!r}: {status!r}")
        for name in (b".", b".."):
            for procedure, arguments in taking_names(inside, file, name):
                status = nfs3.call_status(raw, procedure, arguments)
                allowed = (Status.OK,) if procedure == Proc.LOOKUP else \
                    (Status.EXIST, Status.INVAL, Status.ACCES, Status.NOTEMPTY, Status.ISDIR, Status.NOENT)
                check(status in allowed, f"{procedure.name} {name!r}: {status!r}")
        equal(sorted(e.name for e in raw.list(directory)), [b"file", b"inside"], "the entries afterwards")
        equal(raw.list(inside), [], "the entries of the inner directory")


def long_names_on_the_wire(target):
    """A name of 1 MiB or with a length of 4 GiB is an answer or the end of the connection, not of the server."""
    raw, directory, _ = scene(target, b"long")
    raw.close()
    for arguments in (nfs3.name(directory, b"n" * (1 << 20)), Packer().opaque(directory).u32(0xffffffff).fixed(b"n" * 64)):
        with rpc.Connection(target.port) as connection:
            try:
                status = nfs3.status_of(connection.call(NFS_PROGRAM, VERSION, Proc.LOOKUP, arguments.bytes).u32())
                check(status == Status.NAMETOOLONG, f"{status!r}")
            except (rpc.Closed, ConnectionResetError, BrokenPipeError):
                pass
            except rpc.Refused as refused:
                equal(refused.state, "GARBAGE_ARGS", "the state")


def offsets(target):
    raw, directory, file = scene(target, b"offsets")
    with raw:
        for offset in (8, 1 << 62, LARGEST, 1 << 63, (1 << 64) - 1, (1 << 64) - 4):
            for count in (1, 4096, 0xffffffff):
                try:
                    got = raw.read(file, offset, count)
                    check(got.data == b"" and got.end, f"READ of {count} at {offset:#x} gave {len(got.data)} bytes, end {got.end}")
                except nfs3.NfsError as error:
                    check(offset + count > LARGEST and error.status in BEYOND, f"READ of {count} at {offset:#x}: {error.status!r}")
        for offset, size in ((LARGEST, 1), (LARGEST - 2, 8), (1 << 63, 1), ((1 << 64) - 1, 1), ((1 << 64) - 4, 8), ((1 << 64) - 4, 4)):
            for stable in (nfs3.UNSTABLE, nfs3.FILE_SYNC):
                status = nfs3.call_status(raw, Proc.WRITE, nfs3.write_arguments(file, offset, b"x" * size, stable))
                check(status in BEYOND, f"WRITE of {size} at {offset:#x}: {status!r}")
        for size in (1 << 63, (1 << 64) - 1):
            status = nfs3.call_status(raw, Proc.SETATTR, nfs3.setattr_arguments(file, size=size))
            check(status in BEYOND, f"SETATTR size {size:#x}: {status!r}")
        for offset in (0, LARGEST, 1 << 63, (1 << 64) - 1):
            for count in (0, 1, 0xffffffff):
                status = nfs3.call_status(raw, Proc.COMMIT, nfs3.handle(file).u64(offset).u32(count))
                check(status in (Status.OK, *BEYOND), f"COMMIT of {count} at {offset:#x}: {status!r}")
        equal(raw.read_all(file), b"contents", "the file afterwards")
        equal(raw.getattr(file).size, 8, "its size")


def largest_file(target):
    """2^63-1 bytes are a size like any other, if the disk has it; then its last byte can be read."""
    raw, directory, _ = scene(target, b"largest")
    with raw:
        file = raw.create(directory, b"largest", mode=0o644)
        status = nfs3.call_status(raw, Proc.SETATTR, nfs3.setattr_arguments(file, size=LARGEST))
        check(status in (Status.OK, Status.FBIG), f"SETATTR size 2^63-1: {status!r}")
        if status == Status.OK:
            equal(raw.getattr(file).size, LARGEST, "its size")
            equal(raw.read(file, LARGEST - 5, 100), nfs3.Read(bytes(5), True), "its end")
            raw.setattr(file, size=0)
        return status.name


def counts(target):
    raw, directory, file = scene(target, b"counts")
    with raw:
        data = bytes(range(256)) * 4096
        raw.write(file, 0, data)
        got = raw.read(file, 0, 0xffffffff)
        check(data.startswith(got.data) and got.data, f"READ of 4 GiB gave {len(got.data)} bytes")
        check(raw.read(file, 0, 0).data == b"", "READ of nothing")
        for claimed, sent in ((100, 10), (0xffffffff, 10), (10, 100), (0, 10)):
            arguments = nfs3.handle(file).u64(1 << 20).u32(claimed).u32(nfs3.FILE_SYNC).opaque(b"x" * sent)
            try:
                status = nfs3.call_status(raw, Proc.WRITE, arguments)
            except rpc.Refused as refused:
                equal(refused.state, "GARBAGE_ARGS", f"WRITE that says {claimed} and sends {sent}")
                continue
            check(status in (Status.OK, Status.INVAL), f"WRITE that says {claimed} and sends {sent}: {status!r}")
            size = raw.getattr(file).size
            check(size <= (1 << 20) + min(claimed, sent), f"WRITE that says {claimed} and sends {sent} wrote up to {size}")
            raw.setattr(file, size=1 << 20)
        for count in (0, 1, 8, 30):
            status = nfs3.call_status(raw, Proc.READDIR, nfs3.handle(directory).u64(0).fixed(bytes(8)).u32(count))
            check(status in (Status.TOOSMALL, Status.OK), f"READDIR of {count} bytes: {status!r}")
        for cookie in (1, 2, 12345, 1 << 63, (1 << 64) - 1):
            for verifier in (bytes(8), b"\xff" * 8):
                arguments = nfs3.handle(directory).u64(cookie).fixed(verifier).u32(4096)
                status = nfs3.call_status(raw, Proc.READDIR, arguments)
                check(status in (Status.OK, Status.BAD_COOKIE, Status.INVAL), f"READDIR from {cookie:#x}: {status!r}")
        huge = nfs3.handle(directory).u64(0).fixed(bytes(8)).u32(0xffffffff).u32(0xffffffff)
        check(nfs3.call_status(raw, Proc.READDIRPLUS, huge) == Status.OK, "READDIRPLUS of 4 GiB")


def kinds(target):
    """Discriminants that do not exist do not decode; what decodes and makes no sense has a status."""
    raw, directory, file = scene(target, b"kinds")

    def refused(procedure, arguments, *statuses):
        try:
            status = nfs3.call_status(raw, procedure, arguments)
        except rpc.Refused as error:
            equal(error.state, "GARBAGE_ARGS", procedure.name)
            return
        check(status in statuses, f"{procedure.name}: {status!r}")

    with raw:
        refused(Proc.CREATE, nfs3.name(directory, b"k").u32(3).u32(0))
        refused(Proc.WRITE, nfs3.handle(file).u64(0).u32(1).u32(3).opaque(b"x"))
        refused(Proc.SETATTR, nfs3.handle(file).u32(2).u32(0o644))
        refused(Proc.SETATTR, nfs3.handle(file).u32(0).u32(0).u32(0).u32(0).u32(9).u32(0).u32(0))
        for kind in (0, nfs3.REG, nfs3.DIR, nfs3.LNK, 8, 0xffffffff):
            refused(Proc.MKNOD, nfs3.set_attributes(nfs3.name(directory, b"k").u32(kind)), Status.BADTYPE, Status.INVAL)
        refused(Proc.SETATTR, nfs3.setattr_arguments(file, mtime=(1, 1_000_000_000)), Status.INVAL)
        refused(Proc.SETATTR, nfs3.setattr_arguments(file, atime=(1, 0xffffffff)), Status.INVAL)
        refused(Proc.SETATTR, nfs3.setattr_arguments(file, guard=(1, 1), mode=0o600), Status.NOT_SYNC)
        refused(Proc.SYMLINK, nfs3.set_attributes(nfs3.name(directory, b"k")).opaque(b"t" * 5000), Status.NAMETOOLONG)
        refused(Proc.SYMLINK, nfs3.set_attributes(nfs3.name(directory, b"k")).opaque(b"t\0t"), Status.INVAL, Status.ACCES)
        refused(Proc.LINK, Packer().opaque(directory).opaque(directory).opaque(b"k"), Status.PERM, Status.ISDIR, Status.INVAL)
        refused(Proc.RENAME, nfs3.name(raw.mount(target.server.path()), b"kinds").opaque(directory).opaque(b"k"), Status.INVAL)
        equal([e.name for e in raw.list(directory)], [b"file"], "the entries afterwards")
        found = raw.getattr(file)
        equal((found.mode, found.size), (0o644, 8), "mode and size of the file afterwards")


TESTS = [
    ("arguments: names with '/', NUL, nothing, 256 bytes, . and ..", names),
    ("arguments: names of 1 MiB and 4 GiB", long_names_on_the_wire),
    ("arguments: offsets at 2^63 and 2^64-1", offsets),
    ("arguments: a file of 2^63-1 bytes", largest_file),
    ("arguments: counts, cookies and lengths that do not fit", counts),
    ("arguments: kinds and values that do not exist", kinds),
]
