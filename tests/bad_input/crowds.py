"""Clients that take and do not give: no reader, a thousand idlers, half a call each."""

import random
import socket
import struct
import time

from lib import nfs3, process, rpc
from lib.nfs3 import NFS_PROGRAM, VERSION, Proc
from lib.report import check, eventually

from records import null_call

GREEDY = 8
# What one connection may make the server hold: requests being served and replies that nobody takes.
ROOM_PER_CONNECTION = process.room_bytes(40 << 20)
IDLERS = 1000
ROOM_PER_IDLER = process.room_bytes(128 << 10)


def fill_until_blocked(connection, call, seconds=8):
    """Sends calls until the server has taken no more for a while; how many bytes went out."""
    connection.socket.setblocking(False)
    deadline, still, sent = time.monotonic() + seconds, 0, 0
    rest = b""
    while time.monotonic() < deadline and still < 20:
        try:
            rest = rest or call * 64
            written = connection.socket.send(rest)
            rest, sent, still = rest[written:], sent + written, 0
        except BlockingIOError:
            still += 1
            time.sleep(0.05)
        except (ConnectionResetError, BrokenPipeError):
            break
    return sent


def never_reading(target):
    """READs of 1 MiB without end whose replies nobody takes: memory stays bounded, others are served meanwhile."""
    raw, root = target.client()
    with raw:
        file = raw.create(root, b"large", how=nfs3.UNCHECKED, mode=0o644)
        for offset in range(0, 8 << 20, 1 << 20):
            raw.write(file, offset, random.Random(offset).randbytes(1 << 20))
        before = process.rss_bytes(target.pid)
        greedy = []
        try:
            read = rpc.record(rpc.call_bytes(5, NFS_PROGRAM, VERSION, Proc.READ, nfs3.handle(file).u64(0).u32(1 << 20).bytes))
            sent = 0
            for _ in range(GREEDY):
                greedy.append(rpc.Connection(target.port, receive_buffer=4096))
                sent += fill_until_blocked(greedy[-1], read)
                started = time.monotonic()
                raw.getattr(root)
                check(time.monotonic() - started < 5, "another client waited for more than 5 s")
            grown = process.rss_bytes(target.pid) - before
            check(grown < GREEDY * ROOM_PER_CONNECTION, f"memory grew by {grown >> 20} MiB for {GREEDY} clients")
            check(sent // len(read) > GREEDY, "the clients sent next to nothing, so nothing was tested")
        finally:
            for connection in greedy:
                connection.close()
    return f"{sent // len(read)} READs sent, memory grew by {grown >> 20} MiB"


def slow_reader(target):
    """One that reads at last gets every reply, whole."""
    raw, root = target.client(timeout=30)
    with raw:
        data = random.Random(1).randbytes(1 << 20)
        file = raw.create(root, b"slowly", how=nfs3.UNCHECKED, mode=0o644)
        raw.write(file, 0, data)
        waiting = {raw.send_nfs(Proc.READ, nfs3.handle(file).u64(0).u32(1 << 20)) for _ in range(60)}
        time.sleep(1)
        while waiting:
            reply = raw.receive_record()
            waiting.remove(struct.unpack_from(">I", reply)[0])
            check(reply.endswith(data), "a reply is not whole")


def all_have_left(target):
    """Waits until the server has closed its side of every connection of the tests before."""
    eventually(lambda: target.descriptors() < target.files + 20, 20, "the server has let go of the connections")


def idlers(target):
    """1,000 connections, some silent, some in the middle of a call, hold little and disturb nobody."""
    raise_own_limit(IDLERS + 200)
    all_have_left(target)
    before = process.rss_bytes(target.pid)
    connections = []
    try:
        for number in range(IDLERS):
            connections.append(rpc.Connection(target.port))
            connections[-1].send_bytes(rpc.record(null_call())[:number % 20])
        eventually(lambda: target.descriptors() >= target.files + IDLERS, 20, "the server has all the connections")
        grown = process.rss_bytes(target.pid) - before
        check(grown < IDLERS * ROOM_PER_IDLER, f"memory grew by {grown >> 20} MiB")
        target.check_alive()
        for number in (0, 20, 500):  # those that have sent nothing can still begin
            connections[number].send_bytes(rpc.record(null_call()))
            rpc.results_of(connections[number].receive_record())
    finally:
        for connection in connections:
            connection.close()
    all_have_left(target)
    return f"memory grew by {grown >> 10} KiB"


def raise_own_limit(files):
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(files, soft), hard), hard))


def coming_and_going(target):
    """Connections that are opened and dropped as fast as it goes leave no descriptor behind."""
    for number in range(2000):
        connection = socket.create_connection(("127.0.0.1", target.port), timeout=10)
        if number % 3 == 0:
            connection.sendall(rpc.record(null_call()))
        if number % 2 == 0:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    all_have_left(target)


def deep_pipeline(target):
    """5,000 calls at once on one connection are all answered, in whatever order."""
    with nfs3.Client(target.port, target.mount_port) as raw:
        root = raw.mount(target.server.path())
        call = nfs3.handle(root)
        waiting = set()
        for _ in range(50):
            for _ in range(100):
                waiting.add(raw.send_nfs(Proc.GETATTR, call))
            while len(waiting) > 2000:
                waiting.remove(struct.unpack_from(">I", raw.receive_record())[0])
        while waiting:
            waiting.remove(struct.unpack_from(">I", raw.receive_record())[0])


TESTS = [
    ("crowds: clients that never read", never_reading),
    ("crowds: a client that reads late", slow_reader),
    ("crowds: 1,000 idle connections", idlers),
    ("crowds: 2,000 connections opened and dropped", coming_and_going),
    ("crowds: 5,000 calls in a pipeline", deep_pipeline),
]
