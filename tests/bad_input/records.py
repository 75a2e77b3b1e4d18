"""Record marking: what comes before there is a call."""

import os
import random
import socket
import struct

from lib import process, rpc
from lib.nfs3 import NFS_PROGRAM, VERSION, Proc
from lib.report import check

SEED = int(os.environ.get("DITTO_SEED", "20240607"))
ROOM = process.room_bytes(48 << 20)  # the server's memory may grow by so much through any one of these


def null_call(xid=77):
    return rpc.call_bytes(xid, NFS_PROGRAM, VERSION, Proc.NULL)


def closed_by_server(connection, seconds=10):
    """Whether the server ends the connection, by whatever means."""
    connection.socket.settimeout(seconds)
    try:
        while connection.socket.recv(65536):
            pass
        return True
    except (ConnectionResetError, BrokenPipeError):
        return True
    except TimeoutError:
        return False


def send_all(connection, data):
    """Sends until done or until the server has closed; whether all went out."""
    try:
        connection.send_bytes(data)
        return True
    except (ConnectionResetError, BrokenPipeError):
        return False


def truncated(target):
    whole = rpc.record(null_call())
    for size in range(1, len(whole)):
        with rpc.Connection(target.port) as connection:
            connection.send_bytes(whole[:size])
    for size in (5, 20, len(whole) - 1):  # and said to be the end
        with rpc.Connection(target.port) as connection:
            connection.send_bytes(whole[:size])
            connection.socket.shutdown(socket.SHUT_WR)
            check(closed_by_server(connection), f"{size} bytes and the end: the server keeps the connection")


def short_calls(target):
    """Complete records that hold less than a call's header: there is no xid to answer, or nothing that could be."""
    whole = null_call()
    for size in range(0, 24):
        with rpc.Connection(target.port, timeout=10) as connection:
            connection.send_bytes(rpc.record(whole[:size]))
            connection.socket.shutdown(socket.SHUT_WR)
            check(closed_by_server(connection), f"a record of {size} bytes: the server keeps the connection")


def oversized(target):
    """Lengths far beyond any request are refused by closing, before the bytes come, and cost no memory."""
    before = process.rss_bytes(target.pid)
    for mark in (0xffffffff, 0x7fffffff, 0x80000000 | 1 << 30, 0x80000000 | 64 << 20):
        with rpc.Connection(target.port) as connection:
            send_all(connection, struct.pack(">I", mark) + null_call())
            check(closed_by_server(connection), f"mark {mark:#x}: the connection stays open")
    grown = process.rss_bytes(target.pid) - before
    check(grown < ROOM, f"memory grew by {grown >> 20} MiB")


def oversized_by_fragments(target):
    """The record's limit holds for the sum of its fragments too."""
    before = process.rss_bytes(target.pid)
    with rpc.Connection(target.port) as connection:
        fragment = struct.pack(">I", 1 << 20) + bytes(1 << 20)
        sent = 0
        while sent < 256 and send_all(connection, fragment):
            sent += 1
        check(sent < 256, "256 MiB of fragments were taken for one record")
    grown = process.rss_bytes(target.pid) - before
    check(grown < ROOM, f"memory grew by {grown >> 20} MiB")
    return f"closed after {sent} MiB"


def many_fragments(target):
    """100,000 fragments of one record end in a closed connection; a call in a few fragments is answered."""
    for piece in (b"", b"\0"):
        with rpc.Connection(target.port) as connection:
            complete = send_all(connection, (struct.pack(">I", len(piece)) + piece) * 100_000)
            send_all(connection, rpc.record(null_call())) if complete else None
            check(closed_by_server(connection), f"100,000 fragments of {len(piece)} bytes: the connection stays open")
    with rpc.Connection(target.port) as connection:
        call = null_call(99)
        for at in range(0, len(call), 8):
            last = rpc.LAST_FRAGMENT if at + 8 >= len(call) else 0
            connection.send_bytes(struct.pack(">I", last | len(call[at:at + 8])) + call[at:at + 8])
        rpc.results_of(connection.receive_record())


def byte_by_byte(target):
    with rpc.Connection(target.port) as connection:
        for byte in rpc.record(null_call()):
            connection.send_bytes(bytes([byte]))
        rpc.results_of(connection.receive_record())


def half_closed(target):
    """A client that has said all it wants still gets its answers."""
    with rpc.Connection(target.port) as connection:
        for xid in range(50):
            connection.send_bytes(rpc.record(null_call(xid)))
        connection.socket.shutdown(socket.SHUT_WR)
        got = {struct.unpack_from(">I", connection.receive_record())[0] for _ in range(50)}
        check(got == set(range(50)), f"{len(got)} answers of 50")
        check(closed_by_server(connection), "the connection stays open")


def reset(target):
    for size in (1, 4, 30, 44):
        connection = rpc.Connection(target.port)
        connection.send_bytes(rpc.record(null_call())[:size])
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def noise(target):
    rng = random.Random(SEED)
    for _ in range(200):
        with rpc.Connection(target.port) as connection:
            data = rng.randbytes(rng.choice([1, 10, 100, 1000, 5000]))
            send_all(connection, data if rng.random() < 0.3 else rpc.record(data))
    return f"seed {SEED}"


TESTS = [
    ("records: truncated anywhere", truncated),
    ("records: shorter than a call", short_calls),
    ("records: lengths of 64 MiB to 4 GiB", oversized),
    ("records: too long in sum of fragments", oversized_by_fragments),
    ("records: 100,000 fragments", many_fragments),
    ("records: a call byte by byte", byte_by_byte),
    ("records: half-closed after 50 calls", half_closed),
    ("records: reset in the middle", reset),
    ("records: noise", noise),
]
