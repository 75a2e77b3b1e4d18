"""Holes and room over NFSv4.2 (RFC 7862, 15.1, 15.4, 15.5, 15.10, 15.11): READ_PLUS, SEEK, ALLOCATE, DEALLOCATE, IO_ADVISE."""

import random

from lib import nfs4
from lib import nfs4_operations as ops
from lib import nfs4_operations_2 as ops2
from lib.nfs4_numbers import Status
from lib.report import check, equal

BLOCK = 4096  # that a disk gives back
MOST_PIECES = 64
LARGEST = (1 << 63) - 1
AT_ONCE = 32  # operations in a COMPOUND


def contents(size):
    return random.Random(size).randbytes(size)


def written(world, data):
    """A client, and a file with that in it: its stateid and its handle."""
    client = world.client()
    opened, file = client.open(world.directory(client, "sparse"), "file")
    if data:
        equal(client.at(file, ops.write(opened.stateid, 0, data)).count, len(data), "written")
    return client, opened.stateid, file


def punch(client, file, stateid, ranges):
    asks = [ops2.deallocate(stateid, offset, length) for offset, length in ranges]
    for first in range(0, len(asks), AT_ONCE):
        client.at(file, *asks[first:first + AT_ONCE])


def put_together(got, at):
    """The bytes that pieces stand for, which must follow on each other from `at` on."""
    whole = b""
    for piece in got.pieces:
        equal(piece.offset, at + len(whole), "where a piece begins")
        whole += piece.data if isinstance(piece, ops2.Data) else bytes(piece.length)
    return whole


def in_turn(world):
    """Data and holes as they come, no more pieces than an answer has, and what READ gives."""
    data = contents(256 * BLOCK)
    client, stateid, file = written(world, data)
    punch(client, file, stateid, [(at, BLOCK) for at in range(BLOCK, len(data), 2 * BLOCK)])
    got = client.at(file, ops2.read_plus(stateid, 0, 3 * BLOCK + 10))
    kinds = [type(piece) for piece in got.pieces]
    equal(kinds, [ops2.Data, ops2.Hole, ops2.Data, ops2.Hole], "the first three blocks and a little")
    equal([got.eof, got.pieces[3]], [False, ops2.Hole(3 * BLOCK, 10)], "a hole is told as far as was asked")
    whole, asked, eof = b"", 0, False
    while not eof:
        got = client.at(file, ops2.read_plus(stateid, len(whole), len(data)))
        equal(len(got.pieces), MOST_PIECES, "pieces")
        whole, asked, eof = whole + put_together(got, len(whole)), asked + 1, got.eof
    equal(asked, 256 // MOST_PIECES, "answers")
    equal(whole == client.at(file, ops.read(stateid, 0, len(data))).data, True, "what READ gives is the same")
    equal(whole[:BLOCK] == data[:BLOCK] and whole[BLOCK:2 * BLOCK] == bytes(BLOCK), True, "data, and zeros for a hole")
    saved = sum(len(piece.data) for piece in got.pieces if isinstance(piece, ops2.Data))
    equal(saved, MOST_PIECES // 2 * BLOCK, "bytes that went over the wire")


def at_the_end(world):
    """eof, nothing, and what is wrong."""
    client, stateid, file = written(world, b"")
    equal(client.at(file, ops2.read_plus(stateid, 0, 100)), ops2.Pieces(True, []), "an empty file")
    client.at(file, ops.setattr(stateid, size=10 * BLOCK))
    equal(client.at(file, ops2.read_plus(stateid, 0, 1 << 20)), ops2.Pieces(True, [ops2.Hole(0, 10 * BLOCK)]), "nothing but a hole")
    client.at(file, ops.write(stateid, 4 * BLOCK, b"data"))
    pieces = client.at(file, ops2.read_plus(stateid, 0, 10 * BLOCK))
    equal(pieces.eof, True, "a read to the end")
    equal([type(piece) for piece in pieces.pieces], [ops2.Hole, ops2.Data, ops2.Hole], "a hole at the end")
    equal(client.at(file, ops2.read_plus(stateid, 0, 10 * BLOCK - 1)).eof, False, "eof, a byte before")
    for offset in (10 * BLOCK, LARGEST, (1 << 64) - 1):
        equal(client.at(file, ops2.read_plus(stateid, offset, 10)), ops2.Pieces(True, []), f"from {offset}")
    equal(client.at(file, ops2.read_plus(stateid, 5, 0)), ops2.Pieces(False, []), "nothing is asked for")
    other, handle = client.open(world.directory(client, "sparse"), "written", nfs4.SHARE_WRITE, owner=b"writer")
    equal(client.status(handle, ops2.read_plus(other.stateid, 0, 10)), Status.OPENMODE, "by who may only write")
    equal(client.status("export", ops2.read_plus(ops.ANONYMOUS, 0, 10)), Status.ISDIR, "a directory")


def sought(world):
    """Each edge is found, and the hole behind the end of every file."""
    client, stateid, file = written(world, contents(6 * BLOCK))
    punch(client, file, stateid, [(2 * BLOCK, 2 * BLOCK)])
    def ask(offset, what):
        return client.at(file, ops2.seek(stateid, offset, what))
    for offset, what, wanted in ((0, ops2.DATA, (False, 0)), (0, ops2.HOLE, (False, 2 * BLOCK)), (2 * BLOCK - 1, ops2.HOLE, (False, 2 * BLOCK)),
                                 (2 * BLOCK, ops2.HOLE, (False, 2 * BLOCK)), (2 * BLOCK, ops2.DATA, (False, 4 * BLOCK)),
                                 (3 * BLOCK + 7, ops2.DATA, (False, 4 * BLOCK)), (5 * BLOCK, ops2.HOLE, (True, 6 * BLOCK))):
        equal(tuple(ask(offset, what)), wanted, f"SEEK of {what} from {offset}")
    for what in (ops2.DATA, ops2.HOLE):
        equal(client.status(file, ops2.seek(stateid, 6 * BLOCK, what)), Status.NXIO, "from the end")
    equal(client.status(file, ops2.seek(stateid, 0, 7)), Status.UNION_NOTSUPP, "of what nobody knows")
    punch(client, file, stateid, [(4 * BLOCK, 2 * BLOCK)])
    equal(ask(2 * BLOCK, ops2.DATA).eof, True, "no more data")


def reserved_and_freed(world):
    """Room comes and goes, no byte changes, and space_freed says what a REMOVE would give back."""
    data = contents(8 * BLOCK)
    client, stateid, file = written(world, data)
    def space():
        return client.attributes(file, "size", "space_used", "space_freed", "change")
    first = space()
    equal(first["space_freed"], first["space_used"], "what its removal frees")
    client.at(file, ops2.allocate(stateid, 0, 32 * BLOCK))
    grown = space()
    equal(grown["size"], 32 * BLOCK, "the size")
    check(grown["space_used"] >= first["space_used"] + 20 * BLOCK, f"{grown} after {first}")
    check(grown["change"] > first["change"], "no change of what has another size")
    equal(client.at(file, ops.read(stateid, 0, 32 * BLOCK)).data == data + bytes(24 * BLOCK), True, "contents")
    client.at(file, ops2.deallocate(stateid, BLOCK, 31 * BLOCK))
    freed = space()
    equal(freed["size"], 32 * BLOCK, "the size")
    check(freed["space_used"] <= 2 * BLOCK, f"{freed} is still used")
    equal(client.at(file, ops.read(stateid, 0, 2 * BLOCK)).data == data[:BLOCK] + bytes(BLOCK), True, "contents")
    client.at(file, ops2.deallocate(stateid, 40 * BLOCK, BLOCK), ops2.deallocate(stateid, 10, (1 << 64) - 1))
    equal(client.attributes(file, "size"), {"size": 32 * BLOCK}, "the size behind which nothing was")
    for wrong, status in (((0, 0), Status.INVAL), ((10, (1 << 64) - 1), Status.FBIG), ((0, 1 << 60), Status.NOSPC)):
        equal(client.status(file, ops2.allocate(stateid, *wrong)), status, f"ALLOCATE of {wrong}")
    equal(client.status(file, ops2.deallocate(stateid, 0, 0)), Status.INVAL, "DEALLOCATE of nothing")
    equal(client.status("export", ops2.allocate(ops.ANONYMOUS, 0, 1)), Status.WRONG_TYPE, "ALLOCATE of a directory")
    linked = client.at(file, ops.getattr("space_freed"))["space_freed"]
    client.at(file, ops.savefh(), ops.putrootfh(), ops.lookup("export"), ops.link(f"second name {world.made}"))
    equal([client.attributes(file, "space_freed")["space_freed"], linked > 0], [0, True], "what the removal of one of two names frees")


def advised(world):
    client, stateid, file = written(world, b"data")
    equal(client.at(file, ops2.io_advise(stateid, 0, 0, (0, 3, 10))), [], "hints that were taken")
    unknown = stateid._replace(other=bytes(11) + b"\x7f")
    equal(client.status(file, ops2.io_advise(unknown, 0, 0, (1,))), Status.BAD_STATEID, "by nobody's stateid")


TESTS = [
    ("raw 4.2: READ_PLUS gives data and holes in turn", in_turn),
    ("raw 4.2: READ_PLUS at the end, and where it may not be", at_the_end),
    ("raw 4.2: SEEK at every edge", sought),
    ("raw 4.2: ALLOCATE, DEALLOCATE, space_used and space_freed", reserved_and_freed),
    ("raw 4.2: IO_ADVISE takes no hint", advised),
]
