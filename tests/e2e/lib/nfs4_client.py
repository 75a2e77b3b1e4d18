"""A client of NFSv4.1 and 4.2 without a mount, for what the kernel's does not send: a session with several slots, whose backchannel is
answered (nfs4_callbacks.py). It keeps nothing and repeats nothing by itself; everything in a result is read, to its last byte.
"""

import collections
import queue
import threading
import time

from . import nfs4, rpc
from . import nfs4_operations as ops
from .nfs4_callbacks import Callbacks
from .nfs4_numbers import Op, Status, status_name
from .report import check
from .xdr import Packer, Unpacker

CALLBACK_PROGRAM = 0x40000000
BACKCHANNEL = 2  # CREATE_SESSION4_FLAG_CONN_BACK_CHAN
RESPONSE_BYTES = (1 << 20) + (1 << 16)


class Failed(nfs4.Nfs4Error):
    """An operation was answered with another status than OK; `results`: of those before it."""

    def __init__(self, status, operation, results):
        super().__init__(status)
        self.operation, self.results = operation, results

    def __str__(self):
        return f"{self.operation.name}: {status_name(self.status)}"


class Link:
    """A connection that both sides call by."""

    def __init__(self, port, callbacks, credential=None):
        self.connection = rpc.Connection(port, timeout=None, credential=credential)
        self.callbacks, self.waiting, self.sending = callbacks, {}, threading.Lock()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        try:
            while True:
                record = self.connection.receive_record()
                if int.from_bytes(record[4:8], "big") == rpc.REPLY:
                    self.waiting.pop(int.from_bytes(record[:4], "big")).put(record)
                elif (reply := self.callbacks.reply(record)) is not None:
                    with self.sending:
                        self.connection.send_bytes(rpc.record(reply))
        except (rpc.Closed, OSError) as ended:
            self._end(ended)
        except Exception as wrong:  # a callback that no client could have read
            self.callbacks.wrong = wrong
            self._end(wrong)

    def _end(self, why):
        for each in list(self.waiting.values()):
            each.put(why)

    def start(self, arguments):
        """Sends a COMPOUND; what it is answered with comes into the queue."""
        xid, answer = rpc.Connection.next_xid(), queue.Queue()
        self.waiting[xid] = answer
        with self.sending:
            call = rpc.call_bytes(xid, nfs4.PROGRAM, nfs4.VERSION, nfs4.COMPOUND, arguments, self.connection.credential)
            self.connection.send_bytes(rpc.record(call))
        return answer

    def call(self, arguments, seconds=30.0):
        try:
            record = self.start(arguments).get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"no answer within {seconds} s") from None
        if isinstance(record, Exception):
            raise record
        return rpc.results_of(record)

    def close(self):
        try:
            self.connection.socket.shutdown(2)
        except OSError:
            pass
        self.reader.join(5)
        self.connection.close()


def compound_arguments(minor, asks):
    pack = Packer().opaque(b"").u32(minor).u32(len(asks))
    for ask in asks:
        pack.bytes += ask.pack.bytes
    return bytes(pack.bytes)


def number_of(ask):
    return Op(Unpacker(ask.pack.bytes).u32())


def read_results(unpack, asks):
    """Of every operation; raises Failed at the one that failed."""
    status, results = unpack.u32(), []
    unpack.opaque()
    count = unpack.u32()
    check(count <= len(asks), f"{count} results of {len(asks)} operations")
    for ask in asks[:count]:
        number, one = unpack.u32(), unpack.u32()
        check(number == number_of(ask), f"the result of {number} for {number_of(ask).name}")
        if one != Status.OK:
            check(one == status and len(results) == count - 1, f"{status_name(status)} of all, {status_name(one)} of {number}")
            raise Failed(one, number_of(ask), results)
        results.append(ask.read(unpack))
    check(status == Status.OK and count == len(asks), f"{status_name(status)} after {count} of {len(asks)} operations that succeeded")
    check(unpack.offset == len(unpack.data), f"{len(unpack.data) - unpack.offset} bytes behind the results")
    return results


class Client:
    """There, with a session, once it is made. `sent` counts what it asked for, `flags` are those of the last SEQUENCE."""

    def __init__(self, port, owner, minor=2, slots=8, verifier=1, callbacks=True, credential=None, complete=True):
        self.minor, self.owner, self.verifier = minor, owner, verifier.to_bytes(8, "big")
        self.callbacks, self.sent, self.flags = Callbacks(minor), collections.Counter(), 0
        self.link = Link(port, self.callbacks, credential)
        self._introduce(slots, callbacks)
        if complete:
            self.compound(ops.reclaim_complete())

    def _introduce(self, slots, callbacks):
        self.id, number, _ = self.outside(ops.Ask(nfs4.exchange_id(self.owner, self.verifier), introduced))[0]
        pack = nfs4.op(Op.CREATE_SESSION).u64(self.id).u32(number).u32(BACKCHANNEL if callbacks else 0)
        for size, operations, requests in ((RESPONSE_BYTES, 64, slots), (1 << 16, 16, 1)):
            pack.u32(0).u32(size).u32(size).u32(1 << 12).u32(operations).u32(requests).u32(0)
        pack.u32(CALLBACK_PROGRAM).u32(1).u32(rpc.AUTH_NONE)
        self.session, count = self.outside(ops.Ask(pack, session_made))[0]
        self.free, self.numbers = queue.Queue(), [0] * min(count, slots)
        for slot in range(len(self.numbers)):
            self.free.put(slot)

    def outside(self, *asks):
        """A COMPOUND that is in no session."""
        self.sent.update(number_of(ask) for ask in asks)
        return read_results(self.link.call(compound_arguments(self.minor, asks)), asks)

    def compound(self, *asks, seconds=30.0):
        """The results of a request in a slot."""
        slot = self.free.get(timeout=seconds)
        try:
            self.numbers[slot] += 1
            begin = ops.Ask(nfs4.sequence(self.session, self.numbers[slot], slot), self._sequenced)
            self.sent.update(number_of(ask) for ask in (begin, *asks))
            return read_results(self.link.call(compound_arguments(self.minor, [begin, *asks]), seconds), [begin, *asks])[1:]
        except Failed as failed:
            if failed.operation == Op.SEQUENCE:
                self.numbers[slot] -= 1
            failed.results = failed.results[1:]
            raise
        finally:
            self.free.put(slot)

    def _sequenced(self, unpack):
        unpack.fixed(16 + 4 * 4)
        self.flags = unpack.u32()

    def at(self, place, *asks, **options):
        """Of operations at a path from the root, or at a filehandle: the result of the last, or all of them in a list if `all`."""
        steps = [ops.putfh(place)] if isinstance(place, bytes) else [ops.putrootfh(), *(ops.lookup(name) for name in place.split("/") if name)]
        whole = options.pop("all", False)
        results = self.compound(*steps, *asks, **options)[len(steps):]
        return results if whole else results[-1]

    def status(self, place, *asks):
        """The status that all of it ends with."""
        try:
            self.at(place, *asks)
        except Failed as failed:
            return Status(failed.status)
        return Status.OK

    def handle(self, place):
        return self.at(place, ops.getfh())

    def attributes(self, place, *wanted):
        return self.at(place, ops.getattr(*wanted))

    def open(self, directory, name, access=nfs4.SHARE_BOTH, deny=nfs4.DENY_NONE, owner=b"owner", want=ops.WANT_NO, create=True):
        """Made when it is not there; what OPEN says, and its filehandle."""
        how = (ops.UNCHECKED, {"mode": 0o666}) if create else None
        ask = ops.open_(self.id, owner, ops.by_name(name), access | want, deny, how)
        return self.at(directory, ask, ops.getfh(), all=True)

    def close_all(self, file, *stateids):
        for stateid in stateids:
            self.at(file, ops.close(stateid))

    def patiently(self, call, seconds=20.0, statuses=(Status.DELAY, Status.GRACE)):
        """Again and again, as long as it is told to come later."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return call()
            except Failed as failed:
                if failed.status not in statuses or time.monotonic() > deadline:
                    raise
            time.sleep(0.05)

    def end(self):
        """As who unmounts."""
        for pack in (nfs4.op(Op.DESTROY_SESSION).fixed(self.session), nfs4.op(Op.DESTROY_CLIENTID).u64(self.id)):
            self.outside(ops.Ask(pack, ops.nothing))
        self.vanish()

    def vanish(self):
        """Without a word."""
        self.link.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.vanish()


def introduced(unpack):
    client, number, flags = unpack.u64(), unpack.u32(), unpack.u32()
    check(unpack.u32() == 0, "state protection that nobody asked for")
    unpack.u64()
    for _ in range(2):
        unpack.opaque()
    for _ in range(unpack.u32()):
        for _ in range(2):
            unpack.opaque()
        unpack.u64()
        unpack.u32()
    return client, number, flags


def session_made(unpack):
    session = unpack.fixed(16)
    unpack.fixed(2 * 4)
    counts = []
    for _ in range(2):
        unpack.fixed(5 * 4)
        counts.append(unpack.u32())
        unpack.fixed(4 * unpack.u32())
    return session, counts[0]
