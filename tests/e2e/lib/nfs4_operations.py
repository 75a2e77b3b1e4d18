"""Operations of NFSv4 as the tests' own client sends them: what is packed, and how the result is read. What 4.2 adds has a file of its
own (nfs4_operations_2.py).
"""

import collections

from . import nfs4
from .nfs4_attributes import bitmap, boolean, fattr, names, pack_bitmap, pack_fattr, pack_names
from .nfs4_numbers import Op

Ask = collections.namedtuple("Ask", "pack read")
Opened = collections.namedtuple("Opened", "stateid change flags attributes delegation")
Delegation = collections.namedtuple("Delegation", "kind stateid recall why")
ChangeInfo = collections.namedtuple("ChangeInfo", "atomic before after")
Created = collections.namedtuple("Created", "change attributes")
Read = collections.namedtuple("Read", "eof data")
Written = collections.namedtuple("Written", "count stable verifier")
Entry = collections.namedtuple("Entry", "cookie name attributes")
Listed = collections.namedtuple("Listed", "verifier entries eof")
Denied = collections.namedtuple("Denied", "offset length kind client owner")

NONE, READ, WRITE, NONE_EXT = range(4)  # open_delegation_type4
CLAIM_NULL, CLAIM_PREVIOUS, CLAIM_DELEGATE_CUR, CLAIM_DELEGATE_PREV, CLAIM_FH, CLAIM_DELEG_CUR_FH, CLAIM_DELEG_PREV_FH = range(7)
UNCHECKED, GUARDED, EXCLUSIVE, EXCLUSIVE4_1 = range(4)
# Of share_access, since 4.1.
WANT_NONE, WANT_READ, WANT_WRITE, WANT_ANY, WANT_NO, WANT_CANCEL = (i << 8 for i in range(6))
FILE_SYNC = 2
FILE, DIRECTORY, BLOCK, CHARACTER, LINK, SOCKET, FIFO, ATTRIBUTE_DIRECTORY, NAMED_ATTRIBUTE = range(1, 10)
ANONYMOUS, BYPASS = nfs4.StateId(0, bytes(12)), nfs4.StateId(0xffffffff, b"\xff" * 12)


def nothing(unpack):
    return None


def change_info(unpack):
    return ChangeInfo(boolean(unpack), unpack.u64(), unpack.u64())


def ace(unpack):
    unpack.fixed(12)
    unpack.opaque()


def delegation(unpack):
    """open_delegation4."""
    kind = unpack.u32()
    if kind in (READ, WRITE):
        given, recall = nfs4.stateid(unpack), boolean(unpack)
        if kind == WRITE:
            unpack.u32()  # both kinds of limits take as much
            unpack.u64()
        ace(unpack)
        return Delegation(kind, given, recall, None)
    if kind == NONE_EXT:
        why = unpack.u32()
        return Delegation(kind, None, boolean(unpack) if why in (1, 2) else False, why)
    return Delegation(kind, None, False, None)


def opened(unpack):
    return Opened(nfs4.stateid(unpack), change_info(unpack), unpack.u32(), names(unpack), delegation(unpack))


def listed(unpack):
    verifier, entries = unpack.fixed(8), []
    while boolean(unpack):
        entries.append(Entry(unpack.u64(), unpack.opaque(), fattr(unpack)))
    return Listed(verifier, entries, boolean(unpack))


def putrootfh():
    return Ask(nfs4.op(Op.PUTROOTFH), nothing)


def putfh(handle):
    return Ask(nfs4.putfh(handle), nothing)


def getfh():
    return Ask(nfs4.op(Op.GETFH), lambda unpack: unpack.opaque())


def savefh():
    return Ask(nfs4.op(Op.SAVEFH), nothing)


def lookup(name):
    return Ask(nfs4.lookup(name.encode()), nothing)


def getattr(*wanted):
    return Ask(pack_names(nfs4.op(Op.GETATTR), wanted), fattr)


def setattr(stateid=ANONYMOUS, **values):
    return Ask(pack_fattr(nfs4.pack_stateid(nfs4.op(Op.SETATTR), stateid), values), names)


def access(bits):
    return Ask(nfs4.op(Op.ACCESS).u32(bits), lambda unpack: (unpack.u32(), unpack.u32()))


def open_(client, owner, claim, access=nfs4.SHARE_BOTH, deny=nfs4.DENY_NONE, create=None, sequence=0):
    """`claim`: pack(pack); `create`: None, or (how, verifier or attributes) with EXCLUSIVE4_1: (how, verifier, attributes)."""
    pack = nfs4.op(Op.OPEN).u32(sequence).u32(access).u32(deny).u64(client).opaque(owner)
    pack.u32(0 if create is None else 1)
    if create is not None:
        how, *rest = create
        pack.u32(how)
        for each in rest:
            pack.fixed(each) if isinstance(each, bytes) else pack_fattr(pack, each)
    claim(pack)
    return Ask(pack, opened)


def by_name(name):
    return lambda pack: pack.u32(CLAIM_NULL).opaque(name.encode())


def by_handle():
    return lambda pack: pack.u32(CLAIM_FH)


def reclaimed(kind=NONE):
    return lambda pack: pack.u32(CLAIM_PREVIOUS).u32(kind)


def by_delegation(stateid):
    """Of the current filehandle."""
    return lambda pack: nfs4.pack_stateid(pack.u32(CLAIM_DELEG_CUR_FH), stateid)


def close(stateid, sequence=0):
    return Ask(nfs4.pack_stateid(nfs4.op(Op.CLOSE).u32(sequence), stateid), nfs4.stateid)


def read(stateid, offset, count):
    return Ask(nfs4.pack_stateid(nfs4.op(Op.READ), stateid).u64(offset).u32(count), lambda unpack: Read(boolean(unpack), unpack.opaque()))


def write(stateid, offset, data, stable=FILE_SYNC):
    pack = nfs4.pack_stateid(nfs4.op(Op.WRITE), stateid).u64(offset).u32(stable).opaque(data)
    return Ask(pack, lambda unpack: Written(unpack.u32(), unpack.u32(), unpack.fixed(8)))


def commit(offset=0, count=0):
    return Ask(nfs4.op(Op.COMMIT).u64(offset).u32(count), lambda unpack: unpack.fixed(8))


def create(kind, name, attributes=None, target=None):
    pack = nfs4.op(Op.CREATE).u32(kind)
    if kind == LINK:
        pack.opaque(target.encode())
    elif kind in (BLOCK, CHARACTER):
        pack.u32(target[0]).u32(target[1])
    return Ask(pack_fattr(pack.opaque(name.encode()), attributes or {}), lambda unpack: Created(change_info(unpack), names(unpack)))


def remove(name):
    return Ask(nfs4.op(Op.REMOVE).opaque(name.encode()), change_info)


def rename(old, new):
    """From the saved directory into the current one."""
    return Ask(nfs4.op(Op.RENAME).opaque(old.encode()).opaque(new.encode()), lambda unpack: (change_info(unpack), change_info(unpack)))


def link(name):
    return Ask(nfs4.op(Op.LINK).opaque(name.encode()), change_info)


def readdir(cookie=0, verifier=bytes(8), maxcount=1 << 16, wanted=()):
    pack = nfs4.op(Op.READDIR).u64(cookie).fixed(verifier).u32(maxcount).u32(maxcount)
    return Ask(pack_names(pack, wanted), listed)


def lock(client, owner, stateid, offset, length, kind=nfs4.WRITE_LT):
    return Ask(nfs4.lock(client, owner, stateid, offset, length, kind), nfs4.stateid)


def unlock(stateid, offset, length):
    return Ask(nfs4.unlock(stateid, offset, length), nfs4.stateid)


def delegreturn(stateid):
    return Ask(nfs4.pack_stateid(nfs4.op(Op.DELEGRETURN), stateid), nothing)


def openattr(create_directory):
    return Ask(nfs4.op(Op.OPENATTR).u32(create_directory), nothing)


# ---- since 4.1

def want_delegation(want, claim=CLAIM_FH, kind=None):
    pack = nfs4.op(Op.WANT_DELEGATION).u32(want).u32(claim)
    if claim == CLAIM_PREVIOUS:
        pack.u32(kind)
    return Ask(pack, delegation)


def free_stateid(stateid):
    return Ask(nfs4.pack_stateid(nfs4.op(Op.FREE_STATEID), stateid), nothing)


def test_stateids(*stateids):
    pack = nfs4.op(Op.TEST_STATEID).u32(len(stateids))
    for each in stateids:
        nfs4.pack_stateid(pack, each)
    return Ask(pack, lambda unpack: [unpack.u32() for _ in range(unpack.u32())])


def reclaim_complete():
    return Ask(nfs4.op(Op.RECLAIM_COMPLETE).u32(0), nothing)


def bind_connection(session, direction=7):
    return Ask(nfs4.op(Op.BIND_CONN_TO_SESSION).fixed(session).u32(direction).u32(0), lambda unpack: (unpack.fixed(16), unpack.u32(), boolean(unpack))[1])


DirectoryDelegation = collections.namedtuple("DirectoryDelegation", "verifier stateid notices child_attributes directory_attributes")
CHANGE_CHILD_ATTRS, CHANGE_DIR_ATTRS, REMOVE_ENTRY, ADD_ENTRY, RENAME_ENTRY, CHANGE_COOKIE_VERIFIER = range(6)


def get_dir_delegation(notices=(), child_attributes=(), directory_attributes=(), delay=(0, 0), signal=False):
    """The result is None where none is to be had."""
    pack = pack_bitmap(nfs4.op(Op.GET_DIR_DELEGATION).u32(signal), notices)
    for _ in range(2):
        pack.u64(delay[0]).u32(delay[1])
    pack_names(pack_names(pack, child_attributes), directory_attributes)

    def read_result(unpack):
        if unpack.u32() != 0:
            boolean(unpack)
            return None
        return DirectoryDelegation(unpack.fixed(8), nfs4.stateid(unpack), bitmap(unpack), names(unpack), names(unpack))
    return Ask(pack, read_result)
