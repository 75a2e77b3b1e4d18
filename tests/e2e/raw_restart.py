"""A server that is killed, and clients without a mount that get back what they had: opens, and delegations of both kinds."""

from lib import nfs4
from lib import nfs4_operations as ops
from lib.nfs4_numbers import Callback, Status
from lib.report import equal, eventually
from raw_delegations import in_background

READ_ONLY, BOTH = nfs4.SHARE_READ, nfs4.SHARE_BOTH


def reclaimed(world):
    """Delegations to read and to write are reclaimed by OPEN and by WANT_DELEGATION; meanwhile nobody new gets anything; then they are recalled
    as any other."""
    client, stranger = world.client(owner="who comes back"), world.client(owner="stranger")
    directory = world.directory(client, "restart")
    held = {}
    for name, access, kind in (("read", READ_ONLY, ops.READ), ("write", BOTH, ops.WRITE), ("wanted", READ_ONLY, ops.READ)):
        opened, file = client.open(directory, name, BOTH)
        client.at(file, ops.write(opened.stateid, 0, name.encode()))
        client.close_all(file, opened.stateid)
        opened, file = client.open(directory, name, access, want=ops.WANT_ANY, create=False)
        equal(opened.delegation[::3], (kind, None), f"what was given for {name}, and why not")
        held[name] = file
    stranger.open(directory, "other")
    world.server.kill()
    world.server.start()
    back = world.client(owner="who comes back", complete=False)
    new = world.client(owner="stranger", complete=False)
    equal(new.status(directory, ops.open_(new.id, b"owner", ops.by_name("read"), READ_ONLY)), Status.GRACE, "a new open")
    opens, delegations = {}, {}
    for name, access, kind in (("read", READ_ONLY, ops.READ), ("write", BOTH, ops.WRITE)):
        got = back.at(held[name], ops.open_(back.id, b"owner", ops.reclaimed(kind), access))
        equal(got.delegation[::3], (kind, None), f"what came back of {name}, and why not")
        opens[name], delegations[name] = got.stateid, got.delegation.stateid
    back.at(held["wanted"], ops.open_(back.id, b"owner", ops.reclaimed(), READ_ONLY))
    got = back.at(held["wanted"], ops.want_delegation(ops.WANT_READ, ops.CLAIM_PREVIOUS, ops.READ))
    equal(got.kind, ops.READ, "what came back by WANT_DELEGATION")
    delegations["wanted"] = got.stateid
    for each in (back, new):
        each.compound(ops.reclaim_complete())
    equal(back.status("", ops.reclaim_complete()), Status.COMPLETE_ALREADY, "said twice")
    # Clients of other scenes may come back, too: grace ends with their time, and leases must not meanwhile.
    ask = ops.open_(new.id, b"owner", ops.by_name("other"), READ_ONLY | ops.WANT_NO)
    eventually(lambda: [back.compound(), new.status(directory, ask)][1] == Status.OK, 2 * world.lease_seconds, "the end of grace", pause=0.2)
    for name, stateid in delegations.items():
        equal(back.at(held[name], ops.read(stateid, 0, 10)).data, name.encode(), f"read by the delegation of {name}")
    back.callbacks.tell_attributes(size=77, change=new.attributes(directory, "change")["change"] + 1000)
    equal(new.patiently(lambda: new.attributes(held["write"], "size")), {"size": 77}, "what the holder says of what it writes")
    for name, stateid in delegations.items():
        writing = in_background(lambda: new.patiently(lambda: new.open(directory, name, BOTH, create=False)))
        back.callbacks.wait(Callback.RECALL, lambda asked: asked.stateid.other == stateid.other)
        back.at(held[name], ops.delegreturn(stateid))
        writing()
    seen = world.status("nfs4_delegations")
    equal([seen["held"], seen["revoked"]], [0, 0], "delegations that are left, and that were revoked")


def lost(world):
    """Who does not come back in time has nothing any more, and is told so when it does."""
    client = world.client(owner="late")
    directory = world.directory(client, "late")
    opened, file = client.open(directory, "file", BOTH, want=ops.WANT_ANY)
    equal(opened.delegation.kind, ops.WRITE, "what was given")
    world.server.kill()
    world.server.start()
    other = world.client()
    theirs, _ = other.patiently(lambda: other.open(directory, "file", BOTH, want=ops.WANT_ANY, create=False), seconds=4 * world.lease_seconds)
    back = world.client(owner="late", complete=False)
    equal(back.status(file, ops.open_(back.id, b"owner", ops.reclaimed(ops.WRITE), BOTH)), Status.NO_GRACE, "its reclaim")
    equal(back.status(file, ops.read(opened.stateid, 0, 10)), Status.BAD_STATEID, "by what it had")
    other.close_all(file, theirs.stateid)


TESTS = [
    ("raw 4.2: delegations reclaimed from a server that was killed", reclaimed),
    ("raw 4.2: what is not reclaimed in time is gone", lost),
]
