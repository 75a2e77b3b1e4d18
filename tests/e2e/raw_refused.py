"""What this server does not do is refused by name, changes nothing, and leaves the connection as it was."""

from lib import nfs4
from lib import nfs4_operations as ops
from lib import nfs4_operations_2 as ops2
from lib.nfs4_numbers import Op, Status
from lib.report import equal


def file_of(world, minor=2):
    client = world.client(minor=minor)
    opened, file = client.open(world.directory(client, "refused"), "file")
    client.at(file, ops.write(opened.stateid, 0, b"0123456789"))
    return client, opened.stateid, file


def refused(client, file, stateid, asks):
    for name, ask in asks.items():
        equal(client.status(file, ask), Status.NOTSUPP, name)
    equal(client.at(file, ops.read(stateid, 0, 100)).data, b"0123456789", "contents")


def repeated_blocks(world):
    client, stateid, file = file_of(world)
    refused(client, file, stateid, {"WRITE_SAME": ops2.write_same(stateid, 0, b"pattern!", 4), "COPY_NOTIFY": ops2.copy_notify(stateid)})


def layouts(world):
    """No pNFS: neither layouts, nor devices, nor what is said about them, by either version."""
    client, stateid, file = file_of(world)
    refused(client, file, stateid, ops2.pnfs())
    devices = ops.Ask(nfs4.op(Op.GETDEVICELIST).u32(ops2.FILES_LAYOUT).u32(16).u64(0).fixed(bytes(8)), ops.nothing)
    refused(client, file, stateid, {"GETDEVICELIST": devices})
    client, stateid, file = file_of(world, minor=1)
    asks = {name: ask for name, ask in ops2.pnfs().items() if name not in ("LAYOUTERROR", "LAYOUTSTATS")}
    refused(client, file, stateid, {**asks, "GETDEVICELIST": devices})


def later_operations(world):
    """A client of 4.1 that sends what is 4.2's."""
    client, stateid, file = file_of(world, minor=1)
    for ask in (ops2.seek(stateid, 0, ops2.DATA), ops2.getxattr("a"), ops2.read_plus(stateid, 0, 10)):
        try:
            client.at(file, ask)
        except AssertionError as error:
            equal("the result of 10044" in str(error), True, f"OP_ILLEGAL, not {error}")
        else:
            equal(True, False, "a result")
    equal(client.at(file, ops.read(stateid, 0, 100)).data, b"0123456789", "contents")


TESTS = [
    ("raw 4.2: WRITE_SAME and COPY_NOTIFY are refused", repeated_blocks),
    ("raw 4.2: LAYOUT*, GETDEVICE* are refused", layouts),
    ("raw 4.1: operations of 4.2 are none of its own", later_operations),
]
