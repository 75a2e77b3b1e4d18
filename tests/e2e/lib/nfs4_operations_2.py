"""What NFSv4.2 adds to the operations of the tests' own client (RFC 7862, RFC 8276), and those of pNFS, which are there to be refused."""

import collections

from . import nfs4
from .nfs4_attributes import bitmap, boolean, pack_bitmap
from .nfs4_numbers import Op
from .nfs4_operations import ANONYMOUS, Ask, change_info, nothing

Data = collections.namedtuple("Data", "offset data")
Hole = collections.namedtuple("Hole", "offset length")
Pieces = collections.namedtuple("Pieces", "eof pieces")
Sought = collections.namedtuple("Sought", "eof offset")
Names = collections.namedtuple("Names", "cookie names eof")
WriteResponse = collections.namedtuple("WriteResponse", "callback count stable verifier")
Copied = collections.namedtuple("Copied", "response consecutive synchronous")
Progress = collections.namedtuple("Progress", "count complete")

DATA, HOLE = 0, 1
EITHER, CREATE, REPLACE = range(3)  # setxattr_option4


def ranged(number, stateid, offset, length):
    return nfs4.pack_stateid(nfs4.op(number), stateid).u64(offset).u64(length)


def allocate(stateid, offset, length):
    return Ask(ranged(Op.ALLOCATE, stateid, offset, length), nothing)


def deallocate(stateid, offset, length):
    return Ask(ranged(Op.DEALLOCATE, stateid, offset, length), nothing)


def io_advise(stateid, offset, length, hints):
    return Ask(pack_bitmap(ranged(Op.IO_ADVISE, stateid, offset, length), hints), bitmap)


def seek(stateid, offset, what):
    return Ask(nfs4.pack_stateid(nfs4.op(Op.SEEK), stateid).u64(offset).u32(what), lambda unpack: Sought(boolean(unpack), unpack.u64()))


def piece(unpack):
    kind = unpack.u32()
    assert kind in (DATA, HOLE), f"a piece of kind {kind}"
    return Data(unpack.u64(), unpack.opaque()) if kind == DATA else Hole(unpack.u64(), unpack.u64())


def read_plus(stateid, offset, count):
    pack = nfs4.pack_stateid(nfs4.op(Op.READ_PLUS), stateid).u64(offset).u32(count)
    return Ask(pack, lambda unpack: Pieces(boolean(unpack), [piece(unpack) for _ in range(unpack.u32())]))


def write_same(stateid, offset, block, count):
    """app_data_block4 with a pattern of one block."""
    pack = nfs4.pack_stateid(nfs4.op(Op.WRITE_SAME), stateid).u32(2)
    pack.u64(offset).u64(len(block)).u64(count).u64(0).u32(0).u64(0).opaque(block)
    return Ask(pack, write_response)


def write_response(unpack):
    callback = [nfs4.stateid(unpack) for _ in range(unpack.u32())]
    return WriteResponse(callback[0] if callback else None, unpack.u64(), unpack.u32(), unpack.fixed(8))


def copy(source, target, source_offset, offset, count, consecutive=True, synchronous=True):
    """From the saved file to the current one."""
    pack = nfs4.pack_stateid(nfs4.pack_stateid(nfs4.op(Op.COPY), source), target)
    pack.u64(source_offset).u64(offset).u64(count).u32(consecutive).u32(synchronous).u32(0)
    return Ask(pack, lambda unpack: Copied(write_response(unpack), boolean(unpack), boolean(unpack)))


def clone(source, target, source_offset, offset, count):
    pack = nfs4.pack_stateid(nfs4.pack_stateid(nfs4.op(Op.CLONE), source), target)
    return Ask(pack.u64(source_offset).u64(offset).u64(count), nothing)


def offload_status(stateid):
    def progress(unpack):
        count = unpack.u64()
        complete = [unpack.u32() for _ in range(unpack.u32())]
        return Progress(count, complete[0] if complete else None)
    return Ask(nfs4.pack_stateid(nfs4.op(Op.OFFLOAD_STATUS), stateid), progress)


def offload_cancel(stateid):
    return Ask(nfs4.pack_stateid(nfs4.op(Op.OFFLOAD_CANCEL), stateid), nothing)


def copy_notify(stateid):
    """For a destination that is named."""
    return Ask(nfs4.pack_stateid(nfs4.op(Op.COPY_NOTIFY), stateid).u32(1).opaque(b"another"), nothing)


# ---- RFC 8276

def getxattr(name):
    return Ask(nfs4.op(Op.GETXATTR).opaque(name.encode()), lambda unpack: unpack.opaque())


def setxattr(name, value, how=EITHER):
    return Ask(nfs4.op(Op.SETXATTR).u32(how).opaque(name.encode()).opaque(value), change_info)


def listxattrs(cookie=0, maxcount=1 << 16):
    def read(unpack):
        following = unpack.u64()
        return Names(following, [unpack.opaque().decode() for _ in range(unpack.u32())], boolean(unpack))
    return Ask(nfs4.op(Op.LISTXATTRS).u64(cookie).u32(maxcount), read)


def removexattr(name):
    return Ask(nfs4.op(Op.REMOVEXATTR).opaque(name.encode()), change_info)


# ---- pNFS, each with arguments that are whole

FILES_LAYOUT = 1


def pnfs():
    """name -> Ask."""
    device = bytes(16)
    layout = nfs4.op(Op.LAYOUTGET).u32(0).u32(FILES_LAYOUT).u32(1).u64(0).u64(1 << 20).u64(4096)
    commit = nfs4.pack_stateid(nfs4.op(Op.LAYOUTCOMMIT).u64(0).u64(4096).u32(0), ANONYMOUS)
    back = nfs4.op(Op.LAYOUTRETURN).u32(0).u32(FILES_LAYOUT).u32(1).u32(1).u64(0).u64(4096)
    stats = nfs4.pack_stateid(nfs4.op(Op.LAYOUTSTATS).u64(0).u64(4096), ANONYMOUS).u64(0).u64(0).u64(0).u64(0)
    asked = {
        Op.LAYOUTGET: nfs4.pack_stateid(layout, ANONYMOUS).u32(4096),
        Op.LAYOUTCOMMIT: commit.u32(0).u32(0).u32(FILES_LAYOUT).opaque(b""),
        Op.LAYOUTRETURN: nfs4.pack_stateid(back, ANONYMOUS).opaque(b""),
        Op.LAYOUTERROR: nfs4.pack_stateid(nfs4.op(Op.LAYOUTERROR).u64(0).u64(4096), ANONYMOUS).u32(0),
        Op.LAYOUTSTATS: stats.fixed(device).u32(FILES_LAYOUT).opaque(b""),
        Op.GETDEVICEINFO: nfs4.op(Op.GETDEVICEINFO).fixed(device).u32(FILES_LAYOUT).u32(4096).u32(0),
    }
    return {number.name: Ask(pack, nothing) for number, pack in asked.items()}
