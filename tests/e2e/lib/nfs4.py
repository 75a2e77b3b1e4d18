"""A small NFSv4.1 client over raw sockets (RFC 8881) for tests: one connection, one session, one slot. It hides nothing, caches
nothing, retries nothing.

An operation is packed by a function of its name; what comes back of it is taken from the reply by the one who asked.
"""

import collections

from . import rpc
from .nfs4_numbers import Op, Status, status_name
from .xdr import Packer

PROGRAM, VERSION, COMPOUND = 100003, 4, 1

READ_LT, WRITE_LT, READW_LT, WRITEW_LT = 1, 2, 3, 4
SHARE_READ, SHARE_WRITE, SHARE_BOTH = 1, 2, 3
DENY_NONE = 0
ADMIN_STATE_REVOKED = 0x20  # of the flags in SEQUENCE's result


class Nfs4Error(Exception):
    def __init__(self, status):
        super().__init__(status_name(status))
        self.status = status


StateId = collections.namedtuple("StateId", "sequence other")


# ---- arguments

def op(number):
    return Packer().u32(number)


def pack_stateid(pack, stateid):
    return pack.u32(stateid.sequence).fixed(stateid.other)


def exchange_id(owner, verifier):
    return op(Op.EXCHANGE_ID).fixed(verifier).opaque(owner).u32(0).u32(0).u32(0)


def create_session(client, sequence, slots=1):
    """That many slots for requests, one for callbacks, which nobody answers."""
    pack = op(Op.CREATE_SESSION).u64(client).u32(sequence).u32(0)
    for requests in (slots, 1):
        pack.u32(0).u32(1 << 16).u32(1 << 16).u32(1 << 12).u32(16).u32(requests).u32(0)
    return pack.u32(0x40000000).u32(1).u32(0)


def sequence(session, number, slot=0):
    return op(Op.SEQUENCE).fixed(session).u32(number).u32(slot).u32(slot).u32(0)


def lookup(name):
    return op(Op.LOOKUP).opaque(name)


def putfh(handle):
    return op(Op.PUTFH).opaque(handle)


def open_file(client, owner, name, access=SHARE_BOTH, deny=DENY_NONE):
    """OPEN of a name that is there, in the current directory."""
    return op(Op.OPEN).u32(0).u32(access).u32(deny).u64(client).opaque(owner).u32(0).u32(0).opaque(name)


def lock(client, owner, opened, offset, length, kind=WRITE_LT):
    """The first LOCK of an owner by this open."""
    pack = op(Op.LOCK).u32(kind).u32(0).u64(offset).u64(length).u32(1).u32(0)
    return pack_stateid(pack, opened).u32(0).u64(client).opaque(owner)


def lock_more(stateid, offset, length, kind=WRITE_LT):
    pack = op(Op.LOCK).u32(kind).u32(0).u64(offset).u64(length).u32(0)
    return pack_stateid(pack, stateid).u32(0)


def unlock(stateid, offset, length, kind=WRITE_LT):
    return pack_stateid(op(Op.LOCKU).u32(kind).u32(0), stateid).u64(offset).u64(length)


def close(stateid):
    return pack_stateid(op(Op.CLOSE).u32(0), stateid)


# ---- results, behind their operation's number and status

def stateid(unpack):
    return StateId(unpack.u32(), unpack.fixed(12))


def opened(unpack):
    """The stateid; the rest of OPEN's result is stepped over, so that another operation's can follow."""
    found = stateid(unpack)
    unpack.fixed(4 + 8 + 8 + 4)
    for _ in range(unpack.u32()):
        unpack.u32()
    kind = unpack.u32()
    if kind == 3 and unpack.u32() in (1, 2):  # why there is none: contention or resources, and whether it will be told
        unpack.u32()
    return found


class Client:
    """A connection. send() and receive() are the halves of compound(), which raises Nfs4Error."""

    def __init__(self, port, timeout=20.0):
        self.connection = rpc.Connection(port, timeout=timeout)

    def send(self, *operations, minor=1):
        pack = Packer().opaque(b"").u32(minor).u32(len(operations))
        for each in operations:
            pack.bytes += each.bytes
        self.connection.send(PROGRAM, VERSION, COMPOUND, pack.bytes)

    def reply(self):
        """The status, and the results from the first operation's number on."""
        unpack = rpc.results_of(self.connection.receive_record())
        status = unpack.u32()
        unpack.opaque()
        unpack.u32()
        return status, unpack

    def receive(self):
        status, unpack = self.reply()
        if status != Status.OK:
            raise Nfs4Error(status)
        return unpack

    def compound(self, *operations):
        self.send(*operations)
        return self.receive()

    def outside(self, *operations, minor=1):
        """A COMPOUND that is in no session."""
        Client.send(self, *operations, minor=minor)
        return Client.receive(self)

    def close(self):
        """Without a word about sessions: to the server, whoever had one has vanished."""
        self.connection.close()


class Session(Client):
    """A client of its own with one session; whatever it sends is in its first slot. Good for anything after arrive()."""

    def __init__(self, port, owner, verifier=1, slots=1):
        super().__init__(port)
        self.owner, self.verifier, self.wanted_slots = owner, verifier.to_bytes(8, "big"), slots
        self.client = self.id = None
        self.operations = self.slots = 0  # at most, as the server has it
        self.sequence = self.flags = 0

    def arrive(self):
        """A generator: each time it has sent something, and means to receive the answer when it goes on."""
        Client.send(self, exchange_id(self.owner, self.verifier))
        yield
        unpack = step_into(Client.receive(self), Op.EXCHANGE_ID)
        self.client, number = unpack.u64(), unpack.u32()
        Client.send(self, create_session(self.client, number, self.wanted_slots))
        yield
        unpack = step_into(Client.receive(self), Op.CREATE_SESSION)
        self.id = unpack.fixed(16)
        unpack.fixed(2 * 4 + 4 * 4)
        self.operations, self.slots = unpack.u32(), unpack.u32()
        self.send(op(Op.RECLAIM_COMPLETE).u32(0))
        yield
        self.receive()

    def send(self, *operations):
        self.sequence += 1
        super().send(sequence(self.id, self.sequence), *operations)

    def receive(self):
        """What follows SEQUENCE's result."""
        status, unpack = self.reply()
        if unpack.offset < len(unpack.data) and unpack.u32() == Op.SEQUENCE and unpack.u32() == Status.OK:
            unpack.fixed(16 + 4 * 4)
            self.flags = unpack.u32()
        else:
            self.sequence -= 1  # the slot has not seen it
        if status != Status.OK:
            raise Nfs4Error(status)
        return unpack

    def end(self):
        """As who unmounts: without opens, the server forgets the client at once."""
        self.outside(op(Op.DESTROY_SESSION).fixed(self.id))
        self.outside(op(Op.DESTROY_CLIENTID).u64(self.client))
        self.close()


def step_into(unpack, number):
    """Over an operation's number and status; the results before it must have been taken."""
    found, status = unpack.u32(), unpack.u32()
    if found != number or status != Status.OK:
        raise Nfs4Error(status if found == number else f"{status} of operation {found}, wanted {number}")
    return unpack
