"""Delegations as clients without a mount have them: wanted without an OPEN, recalled by every other version, answered for by
CB_GETATTR, not returned in time; and a lock that is told of by CB_NOTIFY_LOCK.
"""

import threading
import time

from lib import nfs3, nfs4
from lib import nfs4_operations as ops
from lib.nfs4_numbers import Callback, Status
from lib.report import check, equal, eventually

READ_ONLY, BOTH = nfs4.SHARE_READ, nfs4.SHARE_BOTH
RECALLABLE_STATE_REVOKED = 0x40  # of the flags in SEQUENCE's result
CONTENTION = 1                   # why_no_delegation4


def file_of(world, data=b"first"):
    """Made by somebody else, who is gone: (directory, name)."""
    maker = world.client()
    directory = world.directory(maker, "delegated")
    opened, file = maker.open(directory, "file")
    maker.at(file, ops.write(opened.stateid, 0, data))
    maker.close_all(file, opened.stateid)
    maker.end()
    return directory


def given(client, directory, kind):
    """An open with a delegation of that kind: (open's stateid, delegation's, handle)."""
    access = BOTH if kind == ops.WRITE else READ_ONLY
    opened, file = client.open(directory, "file", access, want=ops.WANT_ANY, create=False)
    equal(opened.delegation.kind, kind, f"what was given, and why: {opened.delegation}")
    return opened.stateid, opened.delegation.stateid, file


def in_background(call):
    """Its result, or what it raised, once it is joined."""
    outcome = []

    def work():
        try:
            outcome.append(call())
        except Exception as error:
            outcome.append(error)
    thread = threading.Thread(target=work, daemon=True)
    thread.start()

    def join(seconds=30):
        thread.join(seconds)
        check(outcome, "no answer")
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return outcome[0]
    return join


def recalled_by(writer):
    """Readers have it until somebody writes, who is answered once all have given it back."""
    def test(world):
        directory, before = file_of(world), world.status("nfs4_delegations")
        readers = [world.client(), world.client()]
        held = [given(reader, directory, ops.READ) for reader in readers]
        written = in_background(lambda: writer(world, directory, b"other"))
        for reader, (_, stateid, file) in zip(readers, held):
            recall = reader.callbacks.wait(Callback.RECALL)
            equal([recall.stateid.other, recall.handle], [stateid.other, file], "what is recalled")
            equal(reader.at(file, ops.read(stateid, 0, 100)).data, b"first", "what it reads by it")
            reader.at(file, ops.delegreturn(stateid))
            equal(reader.status(file, ops.read(stateid, 0, 100)), Status.BAD_STATEID, "by what it gave back")
        written()
        for reader, (opened, _, file) in zip(readers, held):
            equal(reader.at(file, ops.read(opened, 0, 100)).data, b"other", "what it reads then")
        now = world.status("nfs4_delegations")
        equal([now[name] - before[name] for name in ("read_given", "recalled", "returned", "revoked")], [2, 2, 2, 0], "given, recalled, returned, revoked")
    return test


def by_version_3(world, directory, data):
    raw, root = world.client_3()
    with raw:
        file = raw.walk(root, *(part.encode() for part in directory.split("/")[1:]), b"file")
        eventually(lambda: not refused_3(raw, file, data), 20, "its WRITE")


def refused_3(raw, file, data):
    try:
        raw.write(file, 0, data)
    except nfs3.NfsError as error:
        equal(error.status, nfs3.Status.JUKEBOX, "its status")
        return True
    return False


def by_version_4(make):
    def write(world, directory, data):
        client = make(world)
        opened, file = client.patiently(lambda: client.open(directory, "file", BOTH, create=False))
        client.patiently(lambda: client.at(file, ops.write(opened.stateid, 0, data)))
        client.close_all(file, opened.stateid)
    return write


def answered_for(world):
    """Who writes by himself is asked how long it has become, and whoever looks is told; who reads gets what was written."""
    directory = file_of(world)
    holder, other = world.client(), world.client()
    opened, stateid, file = given(holder, directory, ops.WRITE)
    first, before = seen_by(holder, file), world.status("nfs4_delegations")
    holder.callbacks.tell_attributes(size=1234, change=first["change"] + 1)
    told = seen_by(other, file)
    asked = holder.callbacks.of(Callback.GETATTR)[-1]
    equal([asked.handle, set(asked.wanted) >= {3, 4}], [file, True], "what it was asked")
    equal(told["size"], 1234, "the size")
    check(told["change"] > first["change"], f"the change attribute is {told['change']}, and was {first['change']}")
    check(told["time_modify"] >= first["time_modify"], "time_modify went back")
    again = seen_by(other, file)
    equal([again["size"], again["change"] >= told["change"]], [1234, True], "told once more")
    equal(world.status("nfs4_delegations")["recalled"] - before["recalled"], 0, "recalled by being looked at")
    reading = in_background(lambda: other.patiently(lambda: other.open(directory, "file", READ_ONLY, create=False)))
    holder.callbacks.wait(Callback.RECALL)
    holder.at(file, ops.write(stateid, 0, b"x" * 1234), ops.delegreturn(stateid))
    theirs, _ = reading()
    equal(other.at(file, ops.read(theirs.stateid, 0, 5000)).data, b"x" * 1234, "what another reads")
    check(seen_by(other, file)["change"] >= told["change"], "the change attribute went back")
    holder.close_all(file, opened)


def seen_by(client, file):
    return client.patiently(lambda: client.attributes(file, "size", "change", "time_modify"))


def silent_holder(world):
    """Who does not say what he has is asked no more: it is recalled."""
    directory = file_of(world)
    holder, other = world.client(), world.client()
    _, stateid, file = given(holder, directory, ops.WRITE)
    holder.callbacks.answers[Callback.GETATTR] = lambda asked: (Status.SERVERFAULT, b"")
    looking = in_background(lambda: seen_by(other, file))
    holder.callbacks.wait(Callback.RECALL)
    holder.at(file, ops.delegreturn(stateid))
    equal(looking()["size"], len(b"first"), "the size")


def wanted(world):
    """WANT_DELEGATION: of a file that is open and of one that is not, refused with a reason, and where it cannot be."""
    directory = file_of(world)
    client, other = world.client(), world.client()
    file = client.handle(f"{directory}/file")
    got = client.at(file, ops.want_delegation(ops.WANT_READ))
    equal(got.kind, ops.READ, "without an OPEN")
    equal(client.at(file, ops.read(got.stateid, 0, 100)).data, b"first", "what it reads by it")
    second = other.at(file, ops.want_delegation(ops.WANT_READ))
    equal(second.kind, ops.READ, "beside another's")
    refused = other.at(file, ops.want_delegation(ops.WANT_WRITE))
    equal([refused.kind, refused.why], [ops.NONE_EXT, CONTENTION], "to write, beside another's")
    for each, stateid in ((client, got.stateid), (other, second.stateid)):
        each.at(file, ops.delegreturn(stateid))
    alone = client.at(file, ops.want_delegation(ops.WANT_WRITE))
    equal(alone.kind, ops.WRITE, "to write, alone")
    equal(client.at(file, ops.write(alone.stateid, 0, b"other")).count, 5, "what it writes by it")
    client.at(file, ops.delegreturn(alone.stateid))
    equal(client.status("export", ops.want_delegation(ops.WANT_READ)), Status.ISDIR, "of a directory")
    equal(client.status(file, ops.want_delegation(ops.WANT_NONE)), Status.INVAL, "without a want")
    claim = ops.want_delegation(ops.WANT_READ, ops.CLAIM_DELEG_PREV_FH)
    equal(client.status(file, claim), Status.NOTSUPP, "by CLAIM_DELEG_PREV_FH")
    claim = ops.want_delegation(ops.WANT_READ, ops.CLAIM_PREVIOUS, ops.READ)
    equal(client.status(file, claim), Status.NO_GRACE, "reclaimed at any other time")


def revoked(world):
    """Not returned within a lease: the writer goes on, the holder is told by SEQUENCE's flags, and frees it."""
    directory, before = file_of(world), world.status("nfs4_delegations")
    holder, other = world.client(), world.client()
    _, stateid, file = given(holder, directory, ops.READ)
    equal(holder.flags & RECALLABLE_STATE_REVOKED, 0, "its flags")

    def write():
        return other.patiently(lambda: other.open(directory, "file", BOTH, create=False), seconds=4 * world.lease_seconds)
    started, writing = time.monotonic(), in_background(write)
    holder.callbacks.wait(Callback.RECALL)
    eventually(lambda: renewed(holder) & RECALLABLE_STATE_REVOKED, 3 * world.lease_seconds, "the flag that something is revoked", pause=0.5)
    writing()
    waited = time.monotonic() - started
    check(waited > world.lease_seconds * 0.7, f"the writer went on after {waited:.1f} s")
    equal(world.status("nfs4_delegations")["revoked"] - before["revoked"], 1, "revoked")
    equal(holder.at("", ops.test_stateids(stateid)), [Status.DELEG_REVOKED], "TEST_STATEID of it")
    equal(holder.status(file, ops.read(stateid, 0, 10)), Status.DELEG_REVOKED, "READ by it")
    check(renewed(holder) & RECALLABLE_STATE_REVOKED, "the flag went before it was freed")
    holder.compound(ops.free_stateid(stateid))
    equal(renewed(holder) & RECALLABLE_STATE_REVOKED, 0, "its flags once it is freed")
    equal(holder.status("", ops.free_stateid(stateid)), Status.BAD_STATEID, "freed twice")
    return f"after {waited:.1f} s"


def renewed(client):
    """The flags of a SEQUENCE alone."""
    client.compound()
    return client.flags


def own_changes(world):
    """What its holder does recalls nothing; opens, locks and writes go on while it is recalled."""
    directory = file_of(world)
    holder, other = world.client(), world.client()
    opened, stateid, file = given(holder, directory, ops.WRITE)
    holder.at(file, ops.write(opened, 0, b"own"), ops.setattr(stateid, size=3), ops.setattr(mode=0o640))
    equal(holder.callbacks.of(Callback.RECALL), [], "recalls by what it did itself")
    reading = in_background(lambda: other.patiently(lambda: other.open(directory, "file", READ_ONLY, create=False)))
    holder.callbacks.wait(Callback.RECALL)
    claim = ops.open_(holder.id, b"second owner", ops.by_delegation(stateid), BOTH | ops.WANT_NO)
    second = holder.at(file, claim)
    locked = holder.at(file, ops.lock(holder.id, b"locker", second.stateid, 0, 10))
    holder.at(file, ops.write(second.stateid, 0, b"late"), ops.unlock(locked, 0, 10))
    holder.at(file, ops.delegreturn(stateid))
    theirs, _ = reading()
    equal(other.at(file, ops.read(theirs.stateid, 0, 10)).data, b"late", "what another reads")


def returned_at_once(world):
    """DELEGRETURN and the recall cross: the answer to the recall is BAD_STATEID, and nobody waits for the lease."""
    directory = file_of(world)
    holder, other = world.client(), world.client()
    opened, stateid, file = given(holder, directory, ops.READ)
    holder.callbacks.answers[Callback.RECALL] = lambda asked: (Status.BAD_STATEID, b"")
    returning = in_background(lambda: holder.at(file, ops.delegreturn(holder.callbacks.wait(Callback.RECALL).stateid._replace(sequence=0))))
    started = time.monotonic()
    other.patiently(lambda: other.open(directory, "file", BOTH, create=False))
    returning()
    waited = time.monotonic() - started
    check(waited < world.lease_seconds, f"it took {waited:.1f} s")
    equal(holder.at(file, ops.read(opened, 0, 10)).data, b"first", "by the open")


def told_of_lock(world):
    """CB_NOTIFY_LOCK tells who asked with WRITEW_LT, and the lock is kept for it."""
    client, other = world.client(), world.client()
    directory = world.directory(client, "locks")
    (mine, file), (theirs, _) = client.open(directory, "file", owner=b"one"), other.open(directory, "file", owner=b"two")
    locked = client.at(file, ops.lock(client.id, b"holder", mine.stateid, 0, 100))
    asked = ops.lock(other.id, b"waiter", theirs.stateid, 0, 100, nfs4.WRITEW_LT)
    equal(other.status(file, asked), Status.DENIED, "beside another's")
    client.at(file, ops.unlock(locked, 0, 100))
    notice = other.callbacks.wait(Callback.NOTIFY_LOCK)
    equal([notice.handle, notice.client, notice.owner], [file, other.id, b"waiter"], "who is told of what")
    again = nfs4.lock_more(locked._replace(sequence=0), 0, 100)
    equal(client.status(file, ops.Ask(again, nfs4.stateid)), Status.DENIED, "by who had it, meanwhile")
    other.at(file, asked)


def of_version_0(world):
    """A client of 4.0 is called at its own address: asked by CB_GETATTR, recalled, and answered by DELEGRETURN."""
    directory = file_of(world)
    holder, other = world.client_0(), world.client()
    # Nobody is given anything before it has answered CB_NULL and confirmed its owner.
    opened, file = holder.open(directory, "confirmed")
    holder.close_all(file, opened.stateid)

    def get():
        opened, file = holder.open(directory, "file", BOTH, create=False)
        if opened.delegation.kind == ops.WRITE:
            return opened, file
        holder.close_all(file, opened.stateid)
        return None
    opened, file = eventually(get, 20, "a delegation", pause=0.5)
    stateid = opened.delegation.stateid
    holder.callbacks.tell_attributes(size=99, change=other.attributes(directory, "change")["change"] + 1000)
    equal(seen_by(other, file)["size"], 99, "the size that it told")
    reading = in_background(lambda: other.patiently(lambda: other.open(directory, "file", READ_ONLY, create=False)))
    equal(holder.callbacks.wait(Callback.RECALL).stateid.other, stateid.other, "what is recalled")
    holder.at(file, ops.delegreturn(stateid))
    reading()
    equal(holder.status(file, ops.delegreturn(stateid)), Status.BAD_STATEID, "returned twice")


TESTS = [
    ("raw 4.2: delegations to read, recalled by NFSv3", recalled_by(by_version_3)),
    ("raw 4.2: delegations to read, recalled by NFSv4.0", recalled_by(by_version_4(lambda world: world.client_0()))),
    ("raw 4.2: delegations to read, recalled by NFSv4.1", recalled_by(by_version_4(lambda world: world.client(minor=1)))),
    ("raw 4.2: CB_GETATTR is answered for what is not written yet", answered_for),
    ("raw 4.2: who does not answer CB_GETATTR is recalled", silent_holder),
    ("raw 4.2: WANT_DELEGATION", wanted),
    ("raw 4.2: a delegation that is not returned is revoked, and freed", revoked),
    ("raw 4.2: what its holder does recalls no delegation, and goes on meanwhile", own_changes),
    ("raw 4.2: DELEGRETURN while the recall is refused", returned_at_once),
    ("raw 4.2: CB_NOTIFY_LOCK", told_of_lock),
    ("raw 4.0: delegations by callbacks to its own address", of_version_0),
]
