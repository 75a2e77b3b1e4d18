"""The portmapper: garbage on UDP and TCP, then the questions it is there for."""

import random
import socket
import struct

from lib import nfs3, rpc, server
from lib.nfs3 import MOUNT_PROGRAM, NFS_PROGRAM
from lib.process import room_bytes, rss_bytes
from lib.report import check, equal, eventually
from lib.xdr import Packer

from records import SEED

PROGRAM, PORT = 100000, 10111
NULL, SET, UNSET, GETPORT, DUMP, CALLIT = range(6)
TCP, UDP = 6, 17
CONNECTIONS = 64


def serve(scratch):
    return server.Nfsd(scratch, settings={"portmap": {"enabled": True, "port": PORT}}).start()


def ask_udp(procedure, arguments=b"", version=2, seconds=3):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        sock.sendto(rpc.call_bytes(9, PROGRAM, version, procedure, arguments, credential=rpc.NO_AUTH), ("127.0.0.1", PORT))
        return rpc.results_of(sock.recv(65536))


def ask_tcp(procedure, arguments=b"", version=2):
    with rpc.Connection(PORT, credential=rpc.NO_AUTH) as connection:
        return connection.call(PROGRAM, version, procedure, arguments)


def mapping(program, version, protocol, port=0):
    return bytes(Packer().u32(program).u32(version).u32(protocol).u32(port).bytes)


def answers(one):
    for ask in (ask_udp, ask_tcp):
        equal(ask(GETPORT, mapping(NFS_PROGRAM, 3, TCP)).u32(), one.port, "the port of NFS")
        equal(ask(GETPORT, mapping(MOUNT_PROGRAM, 3, TCP)).u32(), one.port, "the port of MOUNT")
        equal(ask(GETPORT, mapping(100099, 1, TCP)).u32(), 0, "the port of an unknown program")


def questions(scratch):
    with serve(scratch) as one:
        answers(one)
        unpack, found = ask_tcp(DUMP), set()
        while unpack.u32():
            found.add(tuple(unpack.u32() for _ in range(4)))
        check({(NFS_PROGRAM, 3, TCP, one.port), (MOUNT_PROGRAM, 3, TCP, one.port)} <= found, f"DUMP has {found}")
        universal = Packer().u32(NFS_PROGRAM).u32(3).opaque(b"tcp").opaque(b"").opaque(b"")
        for version in (3, 4):
            address = ask_tcp(3, bytes(universal.bytes), version=version).opaque().decode()
            equal(address.split(".")[-2:], [str(one.port >> 8), str(one.port & 255)], f"GETADDR of version {version}")
        for ask in (ask_udp, ask_tcp):
            try:
                ask(CALLIT, mapping(NFS_PROGRAM, 3, 0))
                raise AssertionError("CALLIT was done")
            except rpc.Refused as refused:
                equal(refused.state, "PROC_UNAVAIL", "CALLIT")
        equal(ask_tcp(SET, mapping(100098, 1, TCP, 4444)).u32(), 1, "SET from loopback")
        equal(ask_udp(GETPORT, mapping(100098, 1, TCP)).u32(), 4444, "the port that was set")
        equal(ask_tcp(UNSET, mapping(100098, 1, TCP)).u32(), 1, "UNSET from loopback")
        equal(ask_udp(GETPORT, mapping(100098, 1, TCP)).u32(), 0, "the port that was unset")


def garbage(scratch):
    rng = random.Random(SEED)
    with serve(scratch) as one:
        before = rss_bytes(one.pid)
        good = rpc.call_bytes(9, PROGRAM, 2, GETPORT, mapping(NFS_PROGRAM, 3, TCP), credential=rpc.NO_AUTH)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for size in range(len(good)):
                sock.sendto(good[:size], ("127.0.0.1", PORT))
            for _ in range(2000):
                noise = bytearray(good)
                for _ in range(rng.randrange(1, 6)):
                    noise[rng.randrange(len(noise))] = rng.getrandbits(8)
                sock.sendto(noise if rng.random() < 0.7 else rng.randbytes(rng.randrange(1, 9000)), ("127.0.0.1", PORT))
            sock.sendto(bytes(65507), ("127.0.0.1", PORT))
        for _ in range(200):
            with rpc.Connection(PORT) as connection:
                try:
                    connection.send_bytes(rng.randbytes(rng.randrange(1, 2000)))
                except OSError:
                    pass
        for mark in (0xffffffff, 0x7fffffff, 0x80000000 | 64 << 20):
            with rpc.Connection(PORT) as connection:
                connection.send_bytes(struct.pack(">I", mark) + good)
        # A datagram may be lost while the queue is full of garbage; the answers must come again.
        eventually(lambda: answered(one), 10, "the portmapper answers")
        answers(one)
        grown = rss_bytes(one.pid) - before
        check(grown < room_bytes(32 << 20), f"memory grew by {grown >> 20} MiB")
        one.stop()
    return f"seed {SEED}"


def answered(one):
    try:
        return ask_udp(GETPORT, mapping(NFS_PROGRAM, 3, TCP), seconds=0.5).u32() == one.port
    except (TimeoutError, rpc.Refused, rpc.Closed, OSError):
        return False


def table_filled(scratch):
    """Somebody on loopback registers without end: there is a bound, and the own programs stay."""
    with serve(scratch) as one:
        refused = 0
        with rpc.Connection(PORT, credential=rpc.NO_AUTH) as connection:
            for number in range(20_000):
                if connection.call(PROGRAM, 2, SET, mapping(300_000 + number, 1, TCP, 1000)).u32() == 0:
                    refused += 1
                    break
        check(refused, "20,000 registrations were taken")
        answers(one)
        check(ask_tcp(UNSET, mapping(NFS_PROGRAM, 3, TCP)).u32() in (0, 1), "UNSET of NFS")
        return f"refused after {number}"


def connections(scratch):
    """64 TCP connections at most; the rest is closed, UDP and NFS go on."""
    with serve(scratch) as one:
        kept = [rpc.Connection(PORT, credential=rpc.NO_AUTH) for _ in range(CONNECTIONS + 20)]
        served = 0
        for connection in kept:
            try:
                connection.call(PROGRAM, 2, NULL)
                served += 1
            except (rpc.Closed, OSError):
                pass
        check(0 < served <= CONNECTIONS, f"{served} connections were served")
        equal(ask_udp(GETPORT, mapping(NFS_PROGRAM, 3, TCP)).u32(), one.port, "the port of NFS by UDP")
        for connection in kept:
            connection.close()
        eventually(lambda: answered(one), 5, "it answers")
        ask_tcp(NULL)


def port_taken(scratch):
    """A portmapper that cannot start does not stop NFS."""
    with socket.create_server(("127.0.0.1", PORT)), serve(scratch) as one, nfs3.Client(one.port) as raw:
        raw.null()
        check(str(PORT) in one.process.output, f"the log does not name the port: {one.process.output[-400:]}")


TESTS = [
    ("portmap: what it is asked for", questions),
    ("portmap: garbage on UDP and TCP", garbage),
    ("portmap: a table that is filled", table_filled),
    ("portmap: more connections than it takes", connections),
    ("portmap: its port is taken", port_taken),
]
