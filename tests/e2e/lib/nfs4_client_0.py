"""A client of NFSv4.0 without a mount, called back at an address of its own. One open owner, whose requests are numbered here."""

import collections
import itertools
import socket
import threading

from . import nfs4, rpc
from . import nfs4_operations as ops
from .nfs4_callbacks import Callbacks
from .nfs4_client import CALLBACK_PROGRAM, Client, Link, compound_arguments, number_of, read_results
from .nfs4_numbers import Op

OPEN_MUST_CONFIRM = 2  # of rflags


class Listener:
    """Where the server calls; each connection is answered by a thread."""

    def __init__(self, callbacks):
        self.callbacks, self.socket = callbacks, socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self):
        port = self.socket.getsockname()[1]
        return f"127.0.0.1.{port >> 8}.{port & 0xff}".encode()

    def _accept(self):
        try:
            while True:
                threading.Thread(target=self._answer, args=(self.socket.accept()[0],), daemon=True).start()
        except OSError:
            return  # closed

    def _answer(self, connected):
        with Served(connected) as caller:
            try:
                while True:
                    if (reply := self.callbacks.reply(caller.receive_record())) is not None:
                        caller.send_bytes(rpc.record(reply))
            except (rpc.Closed, OSError):
                return
            except Exception as wrong:
                self.callbacks.wrong = wrong

    def close(self):
        self.socket.close()


class Served(rpc.Connection):
    """The other end of a connection."""

    def __init__(self, connected):
        self.socket, self.received = connected, bytearray()


class Client0(Client):
    """at(), status(), attributes() and the like are those of later versions."""

    def __init__(self, port, owner, verifier=1, credential=None):
        self.minor, self.owner, self.verifier = 0, owner, verifier.to_bytes(8, "big")
        self.callbacks, self.sent = Callbacks(0), collections.Counter()
        self.listener = Listener(self.callbacks)
        self.link = Link(port, self.callbacks, credential)
        self.number = itertools.count(1)
        pack = nfs4.op(Op.SETCLIENTID).fixed(self.verifier).opaque(owner)
        pack.u32(CALLBACK_PROGRAM).opaque(b"tcp").opaque(self.listener.address).u32(7)
        self.id, confirm = self.compound(ops.Ask(pack, lambda unpack: (unpack.u64(), unpack.fixed(8))))[0]
        self.compound(ops.Ask(nfs4.op(Op.SETCLIENTID_CONFIRM).u64(self.id).fixed(confirm), ops.nothing))

    def compound(self, *asks, seconds=30.0):
        self.sent.update(number_of(ask) for ask in asks)
        return read_results(self.link.call(compound_arguments(0, asks), seconds), asks)

    def open(self, directory, name, access=nfs4.SHARE_BOTH, deny=nfs4.DENY_NONE, owner=b"owner", create=True):
        how = (ops.UNCHECKED, {"mode": 0o666}) if create else None
        ask = ops.open_(self.id, owner, ops.by_name(name), access, deny, how, next(self.number))
        opened, handle = self.at(directory, ask, ops.getfh(), all=True)
        if opened.flags & OPEN_MUST_CONFIRM:
            pack = nfs4.pack_stateid(nfs4.op(Op.OPEN_CONFIRM), opened.stateid).u32(next(self.number))
            opened = opened._replace(stateid=self.at(handle, ops.Ask(pack, nfs4.stateid)))
        return opened, handle

    def close_all(self, file, *stateids):
        for stateid in stateids:
            self.at(file, ops.close(stateid, next(self.number)))

    def renew(self):
        self.compound(ops.Ask(nfs4.op(Op.RENEW).u64(self.id), ops.nothing))

    def vanish(self):
        super().vanish()
        self.listener.close()
