"""Attributes that no kernel here asks for (RFC 8881, 5; RFC 7862, 12; RFC 8275): birth times, how change attributes go, mode_umask,
what EXCLUSIVE4_1 may set, and the halves of access control lists.
"""

from lib import nfs4_attributes
from lib import nfs4_operations as ops
from lib.nfs4 import SHARE_READ
from lib.nfs4_attributes import Ace, Time
from lib.nfs4_numbers import Status
from lib.report import check, equal

BORN = Time(1_000_000_000, 123_456_789)
MONOTONIC = 0  # NFS4_CHANGE_TYPE_IS_MONOTONIC_INCR
ALLOW, AUDIT, ALARM = 0, 2, 3  # ACE4_*_ACE_TYPE
SUCCESSFUL = 0x10  # ACE4_SUCCESSFUL_ACCESS_ACE_FLAG
READ_DATA, EVERYTHING = 0x1, 0x1f01ff
AUTO_INHERIT, PROTECTED = 1, 2


def birth_time(world):
    """Set with the file and later, read back to the nanosecond, moved by nothing else."""
    client = world.client()
    directory = world.directory(client, "birth")
    ask = ops.open_(client.id, b"owner", ops.by_name("file"), create=(ops.UNCHECKED, {"mode": 0o666, "time_create": BORN}))
    opened, file = client.at(directory, ask, ops.getfh(), all=True)
    check("time_create" in opened.attributes, f"only {opened.attributes} were set")
    def born():
        return client.attributes(file, "time_create")["time_create"]
    equal(born(), BORN, "as it was made")
    other = Time(2_000_000_001, 1)
    equal(client.at(file, ops.setattr(opened.stateid, time_create=other)), ["time_create"], "what SETATTR set")
    equal(born(), other, "as it was set")
    client.at(file, ops.write(opened.stateid, 0, b"data"), ops.setattr(opened.stateid, mode=0o600, size=2))
    client.at(directory, ops.savefh(), ops.rename("file", "moved"))
    equal(born(), other, "after what changes everything else")
    client.at(directory, ops.create(ops.DIRECTORY, "d", {"time_create": BORN}))
    equal(client.attributes(f"{directory}/d", "time_create"), {"time_create": BORN}, "a directory's")
    first = client.attributes(directory, "time_create", "time_metadata")
    check(first["time_create"] <= first["time_metadata"], f"born after it changed: {first}")
    found = {entry.name: entry.attributes["time_create"] for entry in client.at(directory, ops.readdir(wanted=["time_create"])).entries}
    equal(found, {b"moved": other, b"d": BORN}, "as READDIR has them")


def changes(world):
    """The change attribute says that it only grows, and does with each change."""
    client = world.client()
    directory = world.directory(client, "changes")
    opened, file = client.open(directory, "file")
    equal(client.attributes(file, "change_attr_type"), {"change_attr_type": MONOTONIC}, "how it goes")
    seen = [client.attributes(file, "change")["change"]]
    for ask in (ops.write(opened.stateid, 0, b"data"), ops.write(opened.stateid, 0, b"data"), ops.setattr(opened.stateid, size=1),
                ops.setattr(opened.stateid, mode=0o640), ops.setattr(opened.stateid, time_modify_set=nfs4_attributes.SERVER_TIME)):
        client.at(file, ask)
        seen.append(client.attributes(file, "change")["change"])
    check(all(a < b for a, b in zip(seen, seen[1:])), f"it does not grow each time: {seen}")
    before = client.attributes(directory, "change")["change"]
    told = client.at(directory, ops.remove("file"))
    equal([told.before, told.after > before, client.attributes(directory, "change")["change"]], [before, True, told.after], "of the directory")


def masked(world):
    """mode_umask gives the mode without what the umask takes, and is for making only."""
    client = world.client()
    directory = world.directory(client, "masked")
    made = client.at(directory, ops.create(ops.DIRECTORY, "d", {"mode_umask": (0o777, 0o027)}))
    check("mode_umask" in made.attributes, f"only {made.attributes} were set")
    equal(client.attributes(f"{directory}/d", "mode"), {"mode": 0o750}, "a directory's mode")
    ask = ops.open_(client.id, b"owner", ops.by_name("file"), create=(ops.UNCHECKED, {"mode_umask": (0o666, 0o022)}))
    _, file = client.at(directory, ask, ops.getfh(), all=True)
    equal(client.attributes(file, "mode"), {"mode": 0o644}, "a file's mode")
    equal(client.status(file, ops.setattr(mode_umask=(0o777, 0))), Status.INVAL, "of what is there")
    both = {"mode": 0o600, "mode_umask": (0o777, 0)}
    equal(client.status(directory, ops.create(ops.DIRECTORY, "e", both)), Status.INVAL, "beside mode")


def exclusive(world):
    """EXCLUSIVE4_1 sets what suppattr_exclcreat has, finds its own file again, and no other does."""
    client = world.client()
    directory = world.directory(client, "exclusive")
    allowed = client.attributes(directory, "suppattr_exclcreat")["suppattr_exclcreat"]
    numbers = nfs4_attributes.NUMBERS
    for name in ("size", "mode", "owner", "owner_group", "time_create", "time_modify_set", "mode_umask"):
        check(numbers[name] in allowed, f"{name} is not in it")
    supported = client.attributes(directory, "supported_attrs")["supported_attrs"]
    check(set(allowed) <= set(supported), f"{set(allowed) - set(supported)} are not supported at all")
    def make(verifier):
        how = (ops.EXCLUSIVE4_1, verifier, {"mode": 0o640, "time_create": BORN})
        return client.at(directory, ops.open_(client.id, b"owner", ops.by_name("file"), create=how), ops.getfh(), all=True)
    opened, file = make(b"verifier")
    equal(sorted(opened.attributes), ["mode", "time_create"], "what was set")
    equal(client.attributes(file, "mode", "time_create"), {"mode": 0o640, "time_create": BORN}, "what it has")
    equal(make(b"verifier")[1], file, "made again by the same")
    how = (ops.EXCLUSIVE4_1, b"another.", {"mode": 0o640})
    equal(client.status(directory, ops.open_(client.id, b"owner", ops.by_name("file"), create=how)), Status.EXIST, "made by another")


def all_of_them(world):
    """Whatever is said to be supported can be had, at once."""
    client = world.client()
    opened, file = client.open(world.directory(client, "all"), "file")
    supported = client.attributes(file, "supported_attrs")["supported_attrs"]
    readable = [name for number, name in nfs4_attributes.NAMES.items() if number in supported and nfs4_attributes.READ[number]]
    got = client.attributes(file, *readable)
    equal(sorted(got), sorted(readable), "what is told")
    unknown = set(supported) - set(nfs4_attributes.NAMES)
    equal(unknown, set(), "attributes that this client has never heard of")
    takes = got["open_arguments"]
    equal([ops.CLAIM_FH in takes.claim, ops.CLAIM_DELEG_PREV_FH in takes.claim, ops.EXCLUSIVE4_1 in takes.create], [True, False, True], "what OPEN takes")
    return f"{len(got)} attributes"


def halves(world):
    """dacl and sacl are set for themselves, are together acl, and what sacl says is recorded."""
    client = world.client()
    directory = world.directory(client, "halves")
    opened, file = client.open(directory, "file")
    client.close_all(file, opened.stateid)
    allowed, asked = Ace(ALLOW, 0, EVERYTHING, "EVERYONE@"), Ace(AUDIT, SUCCESSFUL, READ_DATA, "EVERYONE@")
    client.at(file, ops.setattr(dacl=(AUTO_INHERIT, [allowed])))
    client.at(file, ops.setattr(sacl=(PROTECTED, [asked])))
    got = client.attributes(file, "acl", "aclsupport", "dacl", "sacl", "mode")
    equal(got, {"acl": [allowed, asked], "aclsupport": 0b1111, "dacl": (AUTO_INHERIT, [allowed]), "sacl": (PROTECTED, [asked]), "mode": 0o777}, "the list")
    equal(client.status(file, ops.setattr(sacl=(0, [allowed]))), Status.INVAL, "what decides, in sacl")
    equal(client.status(file, ops.setattr(acl=[allowed], sacl=(0, []))), Status.ATTRNOTSUPP, "the whole beside a half")
    before = world.status("audit")
    opened, _ = client.open(directory, "file", SHARE_READ, create=False)
    client.at(file, ops.read(opened.stateid, 0, 10), ops.read(opened.stateid, 0, 10))
    after = world.status("audit")
    equal({name: after[name] - before[name] for name in after}, {"granted": 1, "refused": 0, "alarms": 0}, "what was recorded")
    client.close_all(file, opened.stateid)
    client.at(file, ops.setattr(sacl=(0, [asked._replace(type=ALARM)])))
    opened, _ = client.open(directory, "file", SHARE_READ, create=False)
    equal(world.status("audit")["alarms"], before["alarms"] + 1, "alarms")
    client.close_all(file, opened.stateid)


TESTS = [
    ("raw 4.2: dacl, sacl, and what is recorded", halves),
    ("raw 4.2: time_create set and read back", birth_time),
    ("raw 4.2: change_attr_type, and change attributes that grow", changes),
    ("raw 4.2: mode_umask", masked),
    ("raw 4.2: EXCLUSIVE4_1 and suppattr_exclcreat", exclusive),
    ("raw 4.2: every supported attribute is told", all_of_them),
]
