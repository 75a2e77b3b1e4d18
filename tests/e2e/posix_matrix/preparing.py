"""Puts scenes into a share by raw calls of NFSv3, as root, many at a time."""

import os
import struct

from lib import nfs3, rpc
from lib.nfs3 import Proc

IN_FLIGHT = 64
TYPES = {"chr": nfs3.CHR, "blk": nfs3.BLK, "sock": nfs3.SOCK, "fifo": nfs3.FIFO}
DEVICES = {"chr": os.makedev(1, 3), "blk": os.makedev(240, 70000)}


def call_of(item, directory, handles):
    name = nfs3.name(directory, item.path.rpartition("/")[2].encode())
    values = {"mode": item.mode, "uid": item.uid, "gid": item.gid}
    if item.kind == "same":
        return Proc.LINK, nfs3.handle(handles[item.target]).opaque(directory).opaque(item.path.rpartition("/")[2].encode())
    if item.kind == "dir":
        return Proc.MKDIR, nfs3.set_attributes(name, **values)
    if item.kind == "link":
        return Proc.SYMLINK, nfs3.set_attributes(name, **values).opaque(item.target.encode())
    if item.kind == "file":
        return Proc.CREATE, nfs3.set_attributes(name.u32(nfs3.GUARDED), size=item.size, **values)
    pack = nfs3.set_attributes(name.u32(TYPES[item.kind]), **values)
    if item.kind in DEVICES:
        pack.u32(os.major(DEVICES[item.kind])).u32(os.minor(DEVICES[item.kind]))
    return Proc.MKNOD, pack


def make_all(client, root, items):
    """Those of the top first, then what is in them, at last the further names."""
    handles = {"": root}
    for level in sorted({level_of(item) for item in items}):
        at = [item for item in items if level_of(item) == level]
        for first in range(0, len(at), IN_FLIGHT):
            make_some(client, at[first:first + IN_FLIGHT], handles)


def level_of(item):
    return 9 if item.kind == "same" else item.path.count("/")


def make_some(client, items, handles):
    waiting = {}
    for item in items:
        procedure, pack = call_of(item, handles[item.path.rpartition("/")[0]], handles)
        waiting[client.send_nfs(procedure, pack)] = item
    for _ in range(len(items)):
        reply = client.receive_record()
        item = waiting.pop(struct.unpack_from(">I", reply)[0])
        unpack = rpc.results_of(reply)
        if status := unpack.u32():
            raise nfs3.NfsError(f"making {item}", nfs3.status_of(status))
        if item.kind != "same":
            handles[item.path] = nfs3.made(unpack)[0]
