"""A small NFSv4.1 client over raw sockets (RFC 8881) for tests: one session with one slot, and as much of OPEN, LOCK and
READ as it takes to hold something and to see it go."""

import enum

from . import rpc
from .xdr import Packer

PROGRAM, VERSION, COMPOUND = 100003, 4, 1
READ, WRITE, BOTH = 1, 2, 3
READ_LT, WRITE_LT, READW_LT, WRITEW_LT = 1, 2, 3, 4
ADMIN_STATE_REVOKED = 0x20  # sr_status_flags
CHANGE, FILEID = 3, 20


class Status(enum.IntEnum):
    OK = 0
    NOENT = 2
    ROFS = 30
    STALE = 70
    DENIED = 10010
    DELAY = 10008
    RESOURCE = 10018
    GRACE = 10013
    SHARE_DENIED = 10015
    BAD_STATEID = 10025
    ADMIN_REVOKED = 10047
    BADSESSION = 10052
    TOO_MANY_OPS = 10070


class Op(enum.IntEnum):
    CLOSE = 4
    GETATTR = 9
    GETFH = 10
    LOCK = 12
    LOOKUP = 15
    OPEN = 18
    PUTFH = 22
    PUTROOTFH = 24
    READ = 25
    WRITE = 38
    EXCHANGE_ID = 42
    CREATE_SESSION = 43
    FREE_STATEID = 45
    SEQUENCE = 53
    RECLAIM_COMPLETE = 58


class NfsError(Exception):
    def __init__(self, status):
        super().__init__(Status(status).name if status in Status._value2member_map_ else str(status))
        self.status = status


def op(number, pack=None):
    return bytes(Packer().u32(number).bytes) + (bytes(pack.bytes) if pack else b"")


def channel(requests):
    pack = Packer()
    for value in (0, 1 << 20, 1 << 20, 2048, 1024, requests):
        pack.u32(value)
    return pack.u32(0)


class Client:
    def __init__(self, port, owner=b"client", requests=1, timeout=20.0):
        self.connection = rpc.Connection(port, timeout=timeout)
        self.owner, self.requests = owner, requests
        self.session, self.sequence, self.flags = None, 0, 0

    def close_connection(self):
        self.connection.close()

    def __enter__(self):
        self.introduce()
        return self

    def __exit__(self, *_):
        self.close_connection()

    def compound(self, *operations, minor=1):
        """The results behind the COMPOUND's header; raises NfsError with its status."""
        arguments = Packer().opaque(b"").u32(minor).u32(len(operations))
        arguments.bytes += b"".join(operations)
        reply = self.connection.call(PROGRAM, VERSION, COMPOUND, bytes(arguments.bytes))
        status = reply.u32()
        reply.opaque()
        reply.u32()
        if status != Status.OK and self.session and reply.data[reply.offset:]:
            self._skip_sequence(reply)
        if status != Status.OK:
            raise NfsError(status)
        return reply

    def _skip_sequence(self, reply):
        if reply.u32() != Op.SEQUENCE or reply.u32() != Status.OK:
            return
        reply.fixed(16)
        for _ in range(4):
            reply.u32()
        self.flags = reply.u32()

    def introduce(self):
        pack = Packer().fixed(b"verifier").opaque(self.owner).u32(0).u32(0).u32(0)
        reply = self.compound(op(Op.EXCHANGE_ID, pack))
        self._head(reply, Op.EXCHANGE_ID)
        self.id, number = reply.u64(), reply.u32()
        pack = Packer().u64(self.id).u32(number).u32(0)
        pack.bytes += channel(self.requests).bytes + channel(1).bytes
        pack.u32(0).u32(0)
        reply = self.compound(op(Op.CREATE_SESSION, pack))
        self._head(reply, Op.CREATE_SESSION)
        self.session = reply.fixed(16)
        reply.u32(), reply.u32(), reply.u32()
        reply.u32(), reply.u32(), reply.u32()
        self.operations, self.slots = reply.u32(), reply.u32()
        self.sequence = 0
        self.run(op(Op.RECLAIM_COMPLETE, Packer().u32(0)))

    @staticmethod
    def _head(reply, number):
        assert reply.u32() == number
        assert reply.u32() == Status.OK

    def run(self, *operations):
        """COMPOUND in the session; what is behind SEQUENCE's result."""
        self.sequence += 1
        pack = Packer().fixed(self.session).u32(self.sequence).u32(0).u32(0).u32(0)
        reply = self.compound(op(Op.SEQUENCE, pack), *operations)
        self._skip_sequence(reply)
        return reply

    def at(self, path, *operations):
        """At a path from the root, or at a filehandle."""
        if isinstance(path, bytes):
            steps = [op(Op.PUTFH, Packer().opaque(path))]
        else:
            steps = [op(Op.PUTROOTFH)] + [op(Op.LOOKUP, Packer().opaque(name.encode())) for name in path.split("/") if name]
        reply = self.run(*steps, *operations)
        for _ in steps:
            reply.u32(), reply.u32()
        return reply

    def handle(self, path):
        reply = self.at(path, op(Op.GETFH))
        self._head(reply, Op.GETFH)
        return reply.opaque()

    def attribute(self, path, number):
        bits = Packer().u32(number // 32 + 1)
        for word in range(number // 32 + 1):
            bits.u32(1 << number % 32 if word == number // 32 else 0)
        reply = self.at(path, op(Op.GETATTR, bits))
        self._head(reply, Op.GETATTR)
        for _ in range(reply.u32()):
            reply.u32()
        reply.u32()
        return reply.u64()

    def open(self, directory, name, access=BOTH, deny=0, owner=b"owner", create=True):
        """The stateid and the filehandle."""
        pack = Packer().u32(0).u32(access).u32(deny).u64(self.id).opaque(owner)
        if create:
            pack.u32(1).u32(0).u32(0).opaque(b"")
        else:
            pack.u32(0)
        pack.u32(0).opaque(name.encode())
        reply = self.at(directory, op(Op.OPEN, pack), op(Op.GETFH))
        self._head(reply, Op.OPEN)
        stateid = reply.fixed(16)
        reply.fixed(20)
        reply.u32()
        for _ in range(reply.u32()):
            reply.u32()
        assert reply.u32() == 0, "a delegation that nobody wanted"
        self._head(reply, Op.GETFH)
        return stateid, reply.opaque()

    def lock(self, file, stateid, offset, length, kind=WRITE_LT, owner=b"locker"):
        pack = Packer().u32(kind).u32(0).u64(offset).u64(length).u32(1).u32(0).fixed(stateid).u32(0).u64(self.id).opaque(owner)
        reply = self.at(file, op(Op.LOCK, pack))
        self._head(reply, Op.LOCK)
        return reply.fixed(16)

    def read(self, file, stateid):
        self.at(file, op(Op.READ, Packer().fixed(stateid).u64(0).u32(100)))

    def write(self, file, stateid, data=b"data"):
        self.at(file, op(Op.WRITE, Packer().fixed(stateid).u64(0).u32(2).opaque(data)))

    def close(self, file, stateid):
        self.at(file, op(Op.CLOSE, Packer().u32(0).fixed(stateid)))

    def free(self, stateid):
        self.run(op(Op.FREE_STATEID, Packer().fixed(stateid)))
