"""What a client of NFSv4 is called for, and its answers: CB_COMPOUND (RFC 7530, 16.36; RFC 8881, 20; RFC 7862, 16). All calls are kept
for who waits for them; tests may put answers of their own in place of those that are given.
"""

import collections
import threading
import time

from . import nfs4, rpc
from .nfs4_attributes import bitmap, boolean, fattr, pack_fattr
from .nfs4_numbers import Callback, Status
from .nfs4_operations_2 import write_response
from .report import check
from .xdr import Packer, Unpacker

CB_NULL, CB_COMPOUND = 0, 1

Sequence = collections.namedtuple("Sequence", "session number slot highest keep referring")
Recall = collections.namedtuple("Recall", "stateid truncate handle")
GetAttributes = collections.namedtuple("GetAttributes", "handle wanted")
Notify = collections.namedtuple("Notify", "stateid handle changes")
NotifyLock = collections.namedtuple("NotifyLock", "handle client owner")
Offload = collections.namedtuple("Offload", "handle stateid status response count")
Removed = collections.namedtuple("Removed", "name attributes cookie")
Added = collections.namedtuple("Added", "name attributes cookie replaced previous last")
Renamed = collections.namedtuple("Renamed", "old new")
Changed = collections.namedtuple("Changed", "name attributes")


def referring(unpack):
    return [(unpack.fixed(16), [(unpack.u32(), unpack.u32()) for _ in range(unpack.u32())]) for _ in range(unpack.u32())]


def sequence(unpack):
    return Sequence(unpack.fixed(16), unpack.u32(), unpack.u32(), unpack.u32(), boolean(unpack), referring(unpack))


def recall(unpack):
    return Recall(nfs4.stateid(unpack), boolean(unpack), unpack.opaque())


def get_attributes(unpack):
    return GetAttributes(unpack.opaque(), bitmap(unpack))


def notify_lock(unpack):
    return NotifyLock(unpack.opaque(), unpack.u64(), unpack.opaque())


def offload(unpack):
    handle, stateid, status = unpack.opaque(), nfs4.stateid(unpack), unpack.u32()
    if status == Status.OK:
        return Offload(handle, stateid, status, write_response(unpack), None)
    return Offload(handle, stateid, status, None, unpack.u64())


# ---- CB_NOTIFY's lists (RFC 8881, 20.4)

def entry(unpack):
    return unpack.opaque().decode(), fattr(unpack)


def removed(unpack):
    return Removed(*entry(unpack), unpack.u64())


def added(unpack):
    replaced = [removed(unpack) for _ in range(unpack.u32())]
    name, attributes = entry(unpack)
    cookie = [unpack.u64() for _ in range(unpack.u32())]
    previous = [(*entry(unpack), unpack.u64()) for _ in range(unpack.u32())]
    return Added(name, attributes, cookie, replaced, previous, boolean(unpack))


NOTICES = (
    lambda unpack: Changed(*entry(unpack)),                   # of a child's attributes
    lambda unpack: Changed(None, entry(unpack)[1]),           # of the directory's own: its name says nothing
    removed,
    added,
    lambda unpack: Renamed(removed(unpack), added(unpack)),
    lambda unpack: (unpack.fixed(8), unpack.fixed(8)),        # cookie verifiers
)


def notify(unpack):
    """Its changes one after the other: (kind, what)."""
    stateid, handle, changes = nfs4.stateid(unpack), unpack.opaque(), []
    for _ in range(unpack.u32()):
        kinds, values = bitmap(unpack), Unpacker(unpack.opaque())
        changes += [(kind, NOTICES[kind](values)) for kind in kinds]
        check(values.offset == len(values.data), f"{len(values.data) - values.offset} bytes behind {changes}")
    return Notify(stateid, handle, changes)


def recall_any(unpack):
    return unpack.u32(), bitmap(unpack)


READ = {
    Callback.SEQUENCE: sequence, Callback.RECALL: recall, Callback.GETATTR: get_attributes, Callback.NOTIFY: notify,
    Callback.NOTIFY_LOCK: notify_lock, Callback.OFFLOAD: offload, Callback.RECALL_ANY: recall_any,
}


class Slots:
    """The client's side of its backchannel's slots."""

    def __init__(self, count=1):
        self.numbers, self.replies = [0] * count, [None] * count

    def judge(self, asked):
        """(status, a kept reply or None)."""
        if asked.slot >= len(self.numbers):
            return Status.BADSLOT, None
        if asked.number == self.numbers[asked.slot] + 1 & 0xffffffff:
            self.numbers[asked.slot] = asked.number
            return Status.OK, None
        if asked.number == self.numbers[asked.slot]:
            return Status.OK, self.replies[asked.slot]
        return Status.SEQ_MISORDERED, None


class Callbacks:
    """One client's. `answers`: Callback -> function(arguments) -> (status, packed result); without one a callback is simply taken."""

    def __init__(self, minor):
        self.minor, self.slots = minor, Slots()
        self.calls, self.arrived = [], threading.Condition()
        self.answers = {Callback.GETATTR: lambda asked: (Status.BADHANDLE, b"")}
        self.silent = False  # as who has gone away without a word
        self.wrong = None     # what no client could have read

    def reply(self, record):
        """What a call is answered with; None: nothing."""
        unpack = Unpacker(record)
        xid = unpack.u32()
        check(unpack.u32() == rpc.CALL and unpack.u32() == 2, "no call of RPC")
        unpack.u32()
        unpack.u32()
        procedure = unpack.u32()
        for _ in range(2):
            unpack.u32()
            unpack.opaque()
        if self.silent:
            return None
        header = Packer().u32(xid).u32(rpc.REPLY).u32(rpc.ACCEPTED).u32(0).u32(0).u32(rpc.SUCCESS)
        return bytes(header.bytes) + (self._compound(unpack) if procedure == CB_COMPOUND else b"")

    def _compound(self, unpack):
        tag, minor = unpack.opaque(), unpack.u32()
        check(minor == self.minor, f"a callback of minor version {minor} to a client of {self.minor}")
        unpack.u32()
        results, status, done, slot = Packer(), Status.OK, 0, None
        for _ in range(unpack.u32()):
            number = Callback(unpack.u32())
            asked = READ[number](unpack)
            if number == Callback.SEQUENCE:
                status, kept = self.slots.judge(asked)
                if kept is not None:
                    return kept
                body = Packer().fixed(asked.session).u32(asked.number).u32(asked.slot).u32(asked.slot).u32(asked.slot)
                result, slot = bytes(body.bytes), asked.slot
            else:
                status, result = self.answers.get(number, lambda _: (Status.OK, b""))(asked)
            results.u32(number).u32(status)
            results.bytes += result if status == Status.OK else b""
            done += 1
            with self.arrived:
                self.calls.append((number, asked))
                self.arrived.notify_all()
            if status != Status.OK:
                break
        check(status != Status.OK or unpack.offset == len(unpack.data), "bytes behind a CB_COMPOUND")
        answer = bytes(Packer().u32(status).opaque(tag).u32(done).bytes + results.bytes)
        if slot is not None:
            self.slots.replies[slot] = answer
        return answer

    def of(self, number):
        with self.arrived:
            return [asked for kind, asked in self.calls if kind == number]

    def wait(self, number, matches=lambda asked: True, seconds=15.0):
        """The first call of the kind that matches, once it is there."""
        deadline = time.monotonic() + seconds
        with self.arrived:
            while True:
                for kind, asked in self.calls:
                    if kind == number and matches(asked):
                        return asked
                left = deadline - time.monotonic()
                check(left > 0, f"no CB_{number.name} within {seconds} s; there were {[kind.name for kind, _ in self.calls]}")
                self.arrived.wait(left)

    def tell_attributes(self, **values):
        """What CB_GETATTR is answered with from now on."""
        self.answers[Callback.GETATTR] = lambda asked: (Status.OK, bytes(pack_fattr(Packer(), values).bytes))
