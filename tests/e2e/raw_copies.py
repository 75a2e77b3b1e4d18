"""COPY and CLONE (RFC 7862, 15.2, 15.13), which a kernel here asks for in one way only."""

import hashlib
import random
import time

from lib import nfs4
from lib import nfs4_operations as ops
from lib import nfs4_operations_2 as ops2
from lib.nfs4_client import Failed
from lib.nfs4_numbers import Status
from lib.report import check, equal

MIB = 1 << 20


def two_files(world, data):
    """A client, and a file with that in it and an empty one: stateids and handles."""
    client = world.client()
    directory = world.directory(client, "copies")
    source, target = client.open(directory, "source"), client.open(directory, "target")
    for at in range(0, len(data), MIB):
        client.at(source[1], ops.write(source[0].stateid, at, data[at:at + MIB], 0))
    client.at(source[1], ops.commit())
    return client, (source[0].stateid, source[1]), (target[0].stateid, target[1])


def between(client, source, target, ask):
    """What is asked with the source saved and the target current."""
    return client.at(source[1], ops.savefh(), ops.putfh(target[1]), ask)


def status_between(client, source, target, ask):
    return client.status(source[1], ops.savefh(), ops.putfh(target[1]), ask)


def whole(client, file):
    """Its contents, by READ."""
    size, got = client.attributes(file[1], "size")["size"], bytearray()
    while len(got) < size:
        got += client.at(file[1], ops.read(file[0], len(got), MIB)).data
    return bytes(got)


def sum_of(data):
    return hashlib.sha256(data).hexdigest()


def copied(world):
    """Ranges and the rest of a file; what is answered is there for good."""
    data = random.Random(1).randbytes(3 * MIB + 77)
    client, source, target = two_files(world, data)
    got = between(client, source, target, ops2.copy(source[0], target[0], 1000, 5, 2 * MIB))
    equal([got.response.callback, got.response.count, got.synchronous], [None, 2 * MIB, True], "what was answered")
    equal(sum_of(whole(client, target)), sum_of(bytes(5) + data[1000:1000 + 2 * MIB]), "contents")
    change = client.attributes(target[1], "change")["change"]
    got = between(client, source, target, ops2.copy(source[0], target[0], 0, 0, 0))
    equal(got.response.count, len(data), "bytes, where 0 means to the end")
    equal(sum_of(whole(client, target)), sum_of(data), "contents")
    check(client.attributes(target[1], "change")["change"] > change, "the change attribute did not move")
    equal(status_between(client, source, target, ops2.copy(source[0], target[0], 0, 0, len(data) + 1)), Status.INVAL, "more than there is")
    opened, _ = client.open("export", f"read-only-{world.made}", nfs4.SHARE_READ, owner=b"reader")
    equal(status_between(client, source, target, ops2.copy(source[0], opened.stateid, 0, 0, 10)) != Status.OK, True, "with another file's stateid")
    equal(client.status("export", ops.savefh(), ops.putfh(target[1]), ops2.copy(ops.ANONYMOUS, target[0], 0, 0, 10)) != Status.OK, True, "of a directory")
    equal(sum_of(whole(client, source)), sum_of(data), "the source")


def cloned(world):
    """Whole and in part, at multiples of clone_blksize; what is written to one is not in the other."""
    client, source, target = two_files(world, random.Random(4).randbytes(4 * MIB + 123))
    block = client.attributes(source[1], "clone_blksize")["clone_blksize"]
    data = whole(client, source)
    check(block > 0 and MIB % block == 0, f"blocks of {block}")
    started = time.monotonic()
    between(client, source, target, ops2.clone(source[0], target[0], 0, 0, 0))
    took = time.monotonic() - started
    equal(sum_of(whole(client, target)), sum_of(data), "contents")
    client.at(target[1], ops.write(target[0], MIB + 5, b"in the clone"))
    equal(sum_of(whole(client, source)), sum_of(data), "the source, after a write to the clone")
    client.at(source[1], ops.write(source[0], 10, b"in the source"))
    changed = bytearray(data)
    changed[MIB + 5:MIB + 17] = b"in the clone"
    equal(sum_of(whole(client, target)), sum_of(changed), "the clone, after a write to the source")
    between(client, source, target, ops2.clone(source[0], target[0], 0, 8 * MIB, 2 * MIB))
    got = whole(client, target)
    equal([len(got), sum_of(got[8 * MIB:])], [10 * MIB, sum_of(whole(client, source)[:2 * MIB])], "a range behind the end")
    for wrong in ((1, 0, block), (0, 1, block), (0, 0, block + 1)):
        equal(status_between(client, source, target, ops2.clone(source[0], target[0], *wrong)), Status.INVAL, f"at {wrong}")
    equal(status_between(client, source, source, ops2.clone(source[0], source[0], 0, block, 4 * block)), Status.INVAL, "onto itself")
    return f"within {took * 1000:.0f} ms"


def needs_its_file(world):
    """COPY and CLONE without a saved filehandle, and from a read-only share."""
    client, source, target = two_files(world, b"data")
    for ask in (ops2.copy(source[0], target[0], 0, 0, 4), ops2.clone(source[0], target[0], 0, 0, 0)):
        equal(client.status(target[1], ask), Status.NOFILEHANDLE, "without a saved one")
        try:
            client.at("fixed", ops.savefh(), ops.putfh(target[1]), ask)
        except Failed as failed:
            equal(failed.operation.name in ("COPY", "CLONE"), True, "what failed")
        else:
            check(False, "a directory was copied")


OPERATION = "COPY"
TESTS = [
    ("raw 4.2: COPY of ranges and whole files", copied),
    ("raw 4.2: CLONE of ranges and whole files", cloned),
    ("raw 4.2: COPY and CLONE of what is no file", needs_its_file),
]
