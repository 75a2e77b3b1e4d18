"""A client of NFSv4.1 that holds something, in one call for each step: for tests that see what becomes of it."""

from . import nfs4
from .nfs4 import Op, op, pack_stateid, step_into

CHANGE, FILEID = 3, 20  # attributes


class Holder(nfs4.Session):
    """There at once."""

    def __init__(self, port, owner=b"client", slots=1):
        super().__init__(port, owner, slots=slots)
        for _ in self.arrive():
            pass

    def at(self, path, *operations):
        """The results of operations at a path from the root, or at a filehandle."""
        if isinstance(path, bytes):
            steps = [nfs4.putfh(path)]
        else:
            steps = [op(Op.PUTROOTFH)] + [nfs4.lookup(name.encode()) for name in path.split("/") if name]
        unpack = self.compound(*steps, *operations)
        unpack.fixed(8 * len(steps))
        return unpack

    def handle(self, path):
        return step_into(self.at(path, op(Op.GETFH)), Op.GETFH).opaque()

    def attribute(self, path, number):
        """One of 64 bits."""
        pack = op(Op.GETATTR).u32(1).u32(1 << number)
        unpack = step_into(self.at(path, pack), Op.GETATTR)
        unpack.fixed(4 * unpack.u32())
        unpack.u32()
        return unpack.u64()

    def open(self, directory, name, access=nfs4.SHARE_BOTH, deny=nfs4.DENY_NONE, owner=b"owner"):
        """Makes the file when it is not there. Its stateid, and its filehandle."""
        pack = op(Op.OPEN).u32(0).u32(access).u32(deny).u64(self.client).opaque(owner)
        pack.u32(1).u32(0).u32(0).opaque(b"").u32(0).opaque(name.encode())
        unpack = step_into(self.at(directory, pack, op(Op.GETFH)), Op.OPEN)
        stateid = nfs4.opened(unpack)
        return stateid, step_into(unpack, Op.GETFH).opaque()

    def lock(self, file, opened, offset, length, kind=nfs4.WRITE_LT, owner=b"locker"):
        return nfs4.stateid(step_into(self.at(file, nfs4.lock(self.client, owner, opened, offset, length, kind)), Op.LOCK))

    def read(self, file, stateid):
        self.at(file, pack_stateid(op(Op.READ), stateid).u64(0).u32(100))

    def write(self, file, stateid, data=b"data"):
        self.at(file, pack_stateid(op(Op.WRITE), stateid).u64(0).u32(2).opaque(data))

    def close_file(self, file, stateid):
        self.at(file, nfs4.close(stateid))

    def free(self, stateid):
        self.compound(pack_stateid(op(Op.FREE_STATEID), stateid))
