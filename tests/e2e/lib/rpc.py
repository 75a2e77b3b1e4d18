"""ONC RPC over TCP (RFC 5531) for the tests' own client: pipelined calls on one connection, or any bytes one likes."""

import socket
import struct
import time

from .xdr import Packer, Unpacker

LAST_FRAGMENT = 0x80000000
CALL, REPLY = 0, 1
AUTH_NONE, AUTH_SYS = 0, 1
ACCEPTED, DENIED = 0, 1
SUCCESS, PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL, GARBAGE_ARGS, SYSTEM_ERR = range(6)
ACCEPT_NAMES = ("SUCCESS", "PROG_UNAVAIL", "PROG_MISMATCH", "PROC_UNAVAIL", "GARBAGE_ARGS", "SYSTEM_ERR")


class Closed(Exception):
    """The other side closed the connection."""


class Refused(Exception):
    """The reply was no SUCCESS; `state` is MSG_DENIED's reject_stat and more, or the accept_stat's name."""

    def __init__(self, state):
        super().__init__(state)
        self.state = state


def auth_sys(uid=0, gid=0, gids=(), machine=b"test"):
    body = Packer().u32(0).opaque(machine).u32(uid).u32(gid).u32(len(gids))
    for one in gids:
        body.u32(one)
    return Packer().u32(AUTH_SYS).opaque(bytes(body.bytes)).bytes


NO_AUTH = bytes(Packer().u32(AUTH_NONE).u32(0).bytes)


def call_bytes(xid, program, version, procedure, arguments=b"", credential=None, verifier=NO_AUTH, rpc_version=2):
    header = Packer().u32(xid).u32(CALL).u32(rpc_version).u32(program).u32(version).u32(procedure)
    return bytes(header.bytes) + bytes(auth_sys() if credential is None else credential) + bytes(verifier) + bytes(arguments)


def record(data):
    return struct.pack(">I", LAST_FRAGMENT | len(data)) + data


def results_of(reply):
    """What follows the header of a reply; raises Refused unless it is a SUCCESS."""
    unpack = Unpacker(reply, 4)
    if unpack.u32() != REPLY:
        raise Refused("not a reply")
    if unpack.u32() == DENIED:
        reject = unpack.u32()
        low = unpack.u32()
        raise Refused(f"RPC_MISMATCH {low}-{unpack.u32()}" if reject == 0 else f"AUTH_ERROR {low}")
    unpack.u32()
    unpack.opaque()
    state = unpack.u32()
    if state != SUCCESS:
        raise Refused(ACCEPT_NAMES[state] if state < len(ACCEPT_NAMES) else f"accept_stat {state}")
    return unpack


class Connection:
    """One TCP connection. Every wait ends after `timeout` seconds with TimeoutError."""

    sequence = int(time.time() * 1000) & 0x7fffffff

    def __init__(self, port, address="127.0.0.1", timeout=20.0, credential=None, receive_buffer=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect((address, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.credential = auth_sys() if credential is None else credential
        self.received = bytearray()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @classmethod
    def next_xid(cls):
        Connection.sequence = (Connection.sequence + 1) & 0xffffffff
        return Connection.sequence

    def send(self, program, version, procedure, arguments=b""):
        """Sends a call and returns its xid without waiting."""
        xid = self.next_xid()
        self.send_bytes(record(call_bytes(xid, program, version, procedure, arguments, self.credential)))
        return xid

    def send_bytes(self, data):
        self.socket.sendall(data)

    def receive_record(self):
        whole = bytearray()
        while True:
            mark = struct.unpack(">I", self._take(4))[0]
            whole += self._take(mark & ~LAST_FRAGMENT)
            if mark & LAST_FRAGMENT:
                return bytes(whole)

    def _take(self, size):
        while len(self.received) < size:
            data = self.socket.recv(max(65536, size - len(self.received)))
            if not data:
                raise Closed("the server closed the connection")
            self.received += data
        taken = bytes(self.received[:size])
        del self.received[:size]
        return taken

    def call(self, program, version, procedure, arguments=b""):
        """One call and its results, as an Unpacker; raises Refused."""
        xid = self.send(program, version, procedure, arguments)
        reply = self.receive_record()
        if struct.unpack_from(">I", reply)[0] != xid:
            raise Refused("the reply of another call")
        return results_of(reply)
