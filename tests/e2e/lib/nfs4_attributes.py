"""fattr4 for the tests' own client: attributes by name, as values of Python (RFC 8881, 5; RFC 7862, 12; RFC 8275; RFC 8276; RFC 9754)."""

import collections

from .xdr import Packer, Unpacker

Time = collections.namedtuple("Time", "seconds nanoseconds")
Ace = collections.namedtuple("Ace", "type flag mask who")

OpenArguments = collections.namedtuple("OpenArguments", "access deny want claim create")  # RFC 9754

SERVER_TIME = "now"  # in place of a Time for time_access_set and time_modify_set


def pack_bitmap(pack, numbers):
    words = [0] * (max(numbers, default=-1) // 32 + 1)
    for number in numbers:
        words[number // 32] |= 1 << number % 32
    pack.u32(len(words))
    for word in words:
        pack.u32(word)
    return pack


def bitmap(unpack):
    """The numbers of the bits that are set."""
    return [32 * i + bit for i in range(unpack.u32()) for word in (unpack.u32(),) for bit in range(32) if word >> bit & 1]


def boolean(unpack):
    value = unpack.u32()
    assert value in (0, 1), f"{value} is no bool"
    return value == 1


def time(unpack):
    return Time(unpack.u64(), unpack.u32())


def aces(unpack):
    return [Ace(unpack.u32(), unpack.u32(), unpack.u32(), unpack.opaque().decode()) for _ in range(unpack.u32())]


def pack_aces(pack, value):
    pack.u32(len(value))
    for ace in value:
        pack.u32(ace.type).u32(ace.flag).u32(ace.mask).opaque(ace.who.encode())


def pack_time(pack, value):
    pack.u64(value.seconds).u32(value.nanoseconds)


def pack_time_set(pack, value):
    pack.u32(0) if value == SERVER_TIME else pack_time(pack.u32(1), value)


def pair(read):
    return lambda unpack: (read(unpack), read(unpack))


U32, U64, TEXT = Unpacker.u32, Unpacker.u64, lambda unpack: unpack.opaque().decode()

# Number, name, how it is read, and, where it can be set or is told in CB_GETATTR, how it is packed.
TABLE = (
    (0, "supported_attrs", bitmap), (1, "type", U32), (2, "fh_expire_type", U32), (3, "change", U64, Packer.u64), (4, "size", U64, Packer.u64),
    (5, "link_support", boolean), (6, "symlink_support", boolean), (7, "named_attr", boolean), (8, "fsid", pair(U64)),
    (9, "unique_handles", boolean), (10, "lease_time", U32), (11, "rdattr_error", U32), (12, "acl", aces, pack_aces), (13, "aclsupport", U32),
    (15, "cansettime", boolean), (16, "case_insensitive", boolean), (17, "case_preserving", boolean), (18, "chown_restricted", boolean),
    (19, "filehandle", Unpacker.opaque), (20, "fileid", U64), (21, "files_avail", U64), (22, "files_free", U64), (23, "files_total", U64),
    (26, "homogeneous", boolean), (27, "maxfilesize", U64), (28, "maxlink", U32), (29, "maxname", U32), (30, "maxread", U64),
    (31, "maxwrite", U64), (33, "mode", U32, Packer.u32), (34, "no_trunc", boolean), (35, "numlinks", U32),
    (36, "owner", TEXT, lambda pack, value: pack.opaque(value.encode())), (37, "owner_group", TEXT, lambda pack, value: pack.opaque(value.encode())),
    (41, "rawdev", pair(U32)), (42, "space_avail", U64), (43, "space_free", U64), (44, "space_total", U64), (45, "space_used", U64),
    (47, "time_access", time), (48, "time_access_set", None, pack_time_set), (50, "time_create", time, pack_time), (51, "time_delta", time),
    (52, "time_metadata", time), (53, "time_modify", time), (54, "time_modify_set", None, pack_time_set), (55, "mounted_on_fileid", U64),
    (56, "dir_notif_delay", time), (57, "dirent_notif_delay", time),
    (58, "dacl", lambda unpack: (unpack.u32(), aces(unpack)), lambda pack, value: pack_aces(pack.u32(value[0]), value[1])),
    (59, "sacl", lambda unpack: (unpack.u32(), aces(unpack)), lambda pack, value: pack_aces(pack.u32(value[0]), value[1])),
    (74, "mode_set_masked", None, lambda pack, value: pack.u32(value[0]).u32(value[1])),
    (75, "suppattr_exclcreat", bitmap), (76, "fs_charset_cap", U32), (77, "clone_blksize", U32), (78, "space_freed", U64),
    (79, "change_attr_type", U32), (81, "mode_umask", None, lambda pack, value: pack.u32(value[0]).u32(value[1])),
    (82, "xattr_support", boolean), (86, "open_arguments", lambda unpack: OpenArguments(*(bitmap(unpack) for _ in OpenArguments._fields))),
)
NUMBERS = {row[1]: row[0] for row in TABLE}
NAMES = {row[0]: row[1] for row in TABLE}
READ = {row[0]: row[2] for row in TABLE}
PACK = {row[1]: row[3] for row in TABLE if len(row) > 3}


def pack_names(pack, names):
    return pack_bitmap(pack, [NUMBERS[name] for name in names])


def names(unpack):
    return [NAMES.get(number, number) for number in bitmap(unpack)]


def pack_fattr(pack, values):
    """name -> value; in the order of their numbers, as the format has it."""
    body = Packer()
    for name in sorted(values, key=NUMBERS.get):
        PACK[name](body, values[name])
    return pack_names(pack, values).opaque(bytes(body.bytes))


def fattr(unpack):
    """name -> value. It must be whole, and nothing may follow within it."""
    numbers = bitmap(unpack)
    body = Unpacker(unpack.opaque())
    values = {NAMES[number]: READ[number](body) for number in numbers}
    assert body.offset == len(body.data), f"{len(body.data) - body.offset} bytes behind {list(values)}"
    return values
