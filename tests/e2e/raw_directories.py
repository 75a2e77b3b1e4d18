"""Delegations of directories (RFC 8881, 10.9, 18.39, 20.4): recalled from who asks for no notices, told to who does, by CB_NOTIFY."""

import time

from lib import nfs3
from lib import nfs4_operations as ops
from lib.nfs4_callbacks import Added, Removed, Renamed
from lib.nfs4_numbers import Callback, Status
from lib.report import check, equal, eventually
from raw_delegations import in_background

NAMES = (ops.ADD_ENTRY, ops.REMOVE_ENTRY, ops.RENAME_ENTRY)
MOST_AT_ONCE = 128
CHILD, OWN = ("type", "size", "change", "mode"), ("change", "mode", "numlinks")


def holder_of(world, notices=(), child_attributes=(), directory_attributes=()):
    """A client with a delegation of a new directory that somebody else made: (client, directory, its handle, what was given)."""
    maker, holder = world.client(), world.client()
    directory = world.directory(maker, "watched")
    for name in ("first", "second"):
        opened, file = maker.open(directory, name)
        maker.close_all(file, opened.stateid)
    given = holder.at(directory, ops.get_dir_delegation(notices, child_attributes, directory_attributes))
    check(given is not None, "no delegation is to be had")
    equal(sorted(given.notices), sorted(notices), "the notices that will be sent")
    return holder, directory, holder.handle(directory), given


def told(holder, count, seconds=15):
    """The changes that CB_NOTIFY told of, once there are so many."""
    def changes():
        return [change for notice in holder.callbacks.of(Callback.NOTIFY) for change in notice.changes]
    eventually(lambda: len(changes()) >= count, seconds, f"{count} changes; there are {changes()}")
    return changes()


def cookies_of(client, directory):
    return {entry.name.decode(): entry.cookie for entry in client.at(directory, ops.readdir()).entries}


def by_version_3(world, directory):
    raw, root = world.client_3()
    return raw, raw.walk(root, *(part.encode() for part in directory.split("/")[1:]))


def patiently_3(call):
    def done():
        try:
            call()
        except nfs3.NfsError as error:
            equal(error.status, nfs3.Status.JUKEBOX, "its status")
            return False
        return True
    eventually(done, 20, "its change")


def plainly_recalled(world):
    """Without notices others' changes of the entries wait until it is returned; looking recalls nothing, nor do the holder's own changes."""
    before = world.status("nfs4_delegations")
    holder, directory, handle, given = holder_of(world)
    holder.at(directory, ops.create(ops.DIRECTORY, "own"))
    other = world.client()
    other.at(directory, ops.readdir())
    other.handle(f"{directory}/first")
    equal(holder.callbacks.of(Callback.RECALL), [], "recalls so far")
    raw, at = by_version_3(world, directory)
    with raw:
        making = in_background(lambda: patiently_3(lambda: raw.mkdir(at, b"another")))
        recall = holder.callbacks.wait(Callback.RECALL)
        equal([recall.handle, recall.stateid.other], [handle, given.stateid.other], "what is recalled")
        equal("another" in cookies_of(holder, directory), False, "whether it is there before it is returned")
        holder.at(handle, ops.delegreturn(given.stateid))
        making()
    equal("another" in cookies_of(holder, directory), True, "whether it is there then")
    equal(holder.at(handle, ops.get_dir_delegation()), None, "another one, a moment after it was recalled")
    now = world.status("nfs4_delegations")
    equal([now[name] - before[name] for name in ("directory_given", "directory_recalled", "directory_returned")], [1, 1, 1], "given, recalled, returned")


def told_of_names(world):
    """Each change of others, by every version, in its order, with the cookies of READDIR; and nothing is recalled."""
    holder, directory, handle, given = holder_of(world, NAMES, ("type", "fileid"))
    raw, at = by_version_3(world, directory)
    other = world.client(minor=1)
    cookies = cookies_of(other, directory)
    with raw:
        raw.mkdir(at, b"made")
        told(holder, 1)  # while it is still there, and so are its attributes
        cookies.update(cookies_of(other, directory))
        other.at(directory, ops.remove("first"))
        other.at(directory, ops.savefh(), ops.rename("second", "moved"))
        cookies.update(cookies_of(other, directory))
        raw.rename(at, b"made", at, b"moved-too")
        holder.at(directory, ops.create(ops.DIRECTORY, "own"))
        raw.rmdir(at, b"moved-too")
    changes = told(holder, 5)
    equal([kind for kind, _ in changes], [ops.ADD_ENTRY, ops.REMOVE_ENTRY, ops.RENAME_ENTRY, ops.RENAME_ENTRY, ops.REMOVE_ENTRY], "kinds")
    made, gone, moved, _, last = (what for _, what in changes)
    equal([type(made), made.name, made.cookie], [Added, "made", [cookies["made"]]], "what is new")
    equal([type(gone), gone.name, gone.cookie], [Removed, "first", cookies["first"]], "what is gone")
    equal([type(moved), moved.old.name, moved.new.name, moved.new.cookie], [Renamed, "second", "moved", [cookies["moved"]]], "what moved")
    equal(last.name, "moved-too", "what is gone last")
    equal(made.attributes.get("type"), ops.DIRECTORY, f"the attributes of what is new: {made.attributes}")
    for notice in holder.callbacks.of(Callback.NOTIFY):
        equal([notice.handle, notice.stateid.other], [handle, given.stateid.other], "of what it tells")
    equal(holder.callbacks.of(Callback.RECALL), [], "recalls")
    holder.at(handle, ops.delegreturn(given.stateid))


def told_in_batches(world):
    """A burst comes in few callbacks, none of which is too long, and nothing of it is lost or out of order."""
    holder, directory, handle, given = holder_of(world, NAMES)
    other, count = world.client(), 300
    for first in range(0, count, 30):
        other.at(directory, *[each for i in range(first, first + 30)
                              for each in (ops.create(ops.DIRECTORY, f"{i:03}"), ops.putfh(handle))])
    changes = told(holder, count)
    equal([what.name for _, what in changes], [f"{i:03}" for i in range(count)], "what it was told of")
    notices = holder.callbacks.of(Callback.NOTIFY)
    check(len(notices) < count / 5, f"{len(notices)} callbacks for {count} changes")
    check(max(len(notice.changes) for notice in notices) <= MOST_AT_ONCE, "too many in one")
    equal(holder.callbacks.of(Callback.RECALL), [], "recalls")
    holder.at(handle, ops.delegreturn(given.stateid))
    return f"{count} changes in {len(notices)} callbacks"


def told_of_attributes(world):
    """What becomes of the entries' attributes, and of the directory's own."""
    kinds = (ops.CHANGE_CHILD_ATTRS, ops.CHANGE_DIR_ATTRS)
    holder, directory, handle, given = holder_of(world, kinds + NAMES, CHILD, OWN)
    other = world.client()
    opened, file = other.open(directory, "first", create=False)
    other.at(file, ops.write(opened.stateid, 0, b"0123456789"))
    kind, changed = told(holder, 1)[0]
    equal([kind, changed.name, changed.attributes.get("size")], [ops.CHANGE_CHILD_ATTRS, "first", 10], "what was written")
    other.at(file, ops.setattr(mode=0o600))
    eventually(lambda: any(kind == ops.CHANGE_CHILD_ATTRS and what.attributes.get("mode") == 0o600 for kind, what in told(holder, 1)), 15, "its mode")
    other.at(directory, ops.setattr(mode=0o755))
    def own():
        return [what for kind, what in told(holder, 1) if kind == ops.CHANGE_DIR_ATTRS]
    eventually(lambda: any(what.attributes.get("mode") == 0o755 for what in own()), 15, "the directory's own mode")
    equal(holder.callbacks.of(Callback.RECALL), [], "recalls")
    other.close_all(file, opened.stateid)
    holder.at(handle, ops.delegreturn(given.stateid))


def directory_gone(world):
    """Whoever removes the directory asks for the delegation first."""
    holder, directory, handle, given = holder_of(world, NAMES)
    other = world.client()
    other.at(directory, ops.remove("first"), ops.putfh(handle), ops.remove("second"))
    told(holder, 2)
    parent, name = directory.rsplit("/", 1)
    removing = in_background(lambda: other.patiently(lambda: other.at(parent, ops.remove(name))))
    equal(holder.callbacks.wait(Callback.RECALL).handle, handle, "what is recalled")
    holder.at(handle, ops.delegreturn(given.stateid))
    removing()
    equal(holder.status(handle, ops.get_dir_delegation()), Status.STALE, "one of what is gone")


def had_by_two(world):
    """Two clients have one of the same directory, and whoever changes it waits for both."""
    holder, directory, handle, given = holder_of(world)
    second, other = world.client(), world.client()
    theirs = second.at(directory, ops.get_dir_delegation())
    check(theirs is not None, "none beside another's")
    started = time.monotonic()
    making = in_background(lambda: other.patiently(lambda: other.at(directory, ops.create(ops.DIRECTORY, "new"))))
    for each, stateid in ((holder, given.stateid), (second, theirs.stateid)):
        each.callbacks.wait(Callback.RECALL)
        each.at(handle, ops.delegreturn(stateid))
    making()
    check(time.monotonic() - started < world.lease_seconds, "it took as long as if nobody had answered")


OPERATION = "GET_DIR_DELEGATION"
TESTS = [
    ("raw 4.2: directory delegations without notices are recalled", plainly_recalled),
    ("raw 4.2: directory delegations, CB_NOTIFY of names", told_of_names),
    ("raw 4.2: directory delegations, CB_NOTIFY in batches", told_in_batches),
    ("raw 4.2: directory delegations, CB_NOTIFY of attributes", told_of_attributes),
    ("raw 4.2: directory delegations, the directory is removed", directory_gone),
    ("raw 4.2: directory delegations of two clients", had_by_two),
]
