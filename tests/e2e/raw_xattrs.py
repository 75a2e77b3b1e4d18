"""Extended attributes over NFSv4.2 as no kernel here sends them (RFC 8276): whole values, cookies, and what change attributes say."""

import random

from lib import nfs4_operations as ops
from lib import nfs4_operations_2 as ops2
from lib.nfs4_numbers import Status
from lib.report import check, equal

LARGEST = 64 << 10
FRAME = 8 + 4 + 4  # of LISTXATTRS: cookie, how many, eof


def node(world):
    client = world.client()
    return client, client.open(world.directory(client, "xattrs"), "file")[1]


def whole_values(world):
    """64 KiB come back as they went, a byte more does not go."""
    client, file = node(world)
    values = {f"value {size}": random.Random(size).randbytes(size) for size in (0, 1, 4096, LARGEST)}
    for name, value in values.items():
        client.at(file, ops2.setxattr(name, value))
    for name, value in values.items():
        equal(client.at(file, ops2.getxattr(name)) == value, True, name)
    equal(client.status(file, ops2.setxattr("too long", bytes(LARGEST + 1))), Status.XATTR2BIG, "a byte more")
    equal(client.at(file, ops2.listxattrs()).names, sorted(values), "names")
    equal(client.attributes(file, "xattr_support"), {"xattr_support": True}, "what the file system says")


def made_and_replaced(world):
    """CREATE, REPLACE, EITHER, and each change told with the change attribute before and after it."""
    client, file = node(world)
    def change():
        return client.attributes(file, "change")["change"]
    before = change()
    told = client.at(file, ops2.setxattr("a", b"first", ops2.CREATE))
    equal([told.before, told.after, told.after > told.before], [before, change(), True], "the change")
    equal(client.status(file, ops2.setxattr("a", b"other", ops2.CREATE)), Status.EXIST, "made again")
    equal(client.status(file, ops2.setxattr("b", b"other", ops2.REPLACE)), Status.NOXATTR, "replaced without being there")
    client.at(file, ops2.setxattr("a", b"second", ops2.REPLACE))
    equal(client.at(file, ops2.getxattr("a")), b"second", "its value")
    before = change()
    told = client.at(file, ops2.removexattr("a"))
    equal([told.before, told.after, told.after > told.before], [before, change(), True], "the change")
    for gone in (ops2.removexattr("a"), ops2.getxattr("a")):
        equal(client.status(file, gone), Status.NOXATTR, "what is gone")
    before = change()
    equal(client.status(file, ops2.setxattr("", b"v")) != Status.OK, True, "an empty name is refused")
    equal(change(), before, "the change attribute after what failed")
    client.at("export", ops.create(ops.LINK, f"link {world.made}", target="file"))
    equal(client.status(f"export/link {world.made}", ops2.setxattr("a", b"v")), Status.PERM, "of a symbolic link")


def cookies(world):
    """Page by page, in order, each name once; maxcount to the byte."""
    client, file = node(world)
    names = [f"{i:03}" + "n" * (i % 5) for i in range(100)]
    for first in range(0, len(names), 50):
        client.at(file, *[ops2.setxattr(name, b"v") for name in names[first:first + 50]])
    found, cookie, pages = [], 0, 0
    while True:
        page = client.at(file, ops2.listxattrs(cookie, 200))
        check(FRAME + sum(4 + (len(name) + 3) // 4 * 4 for name in page.names) <= 200, "more than was asked for")
        found, cookie, pages = found + page.names, page.cookie, pages + 1
        if page.eof:
            break
    equal(found, names, "names")
    check(pages > 5, f"{pages} pages")
    first = client.at(file, ops2.listxattrs(0, FRAME + 4 + 4))
    equal([first.names, first.eof], [[names[0]], False], "room for one")
    equal(client.status(file, ops2.listxattrs(0, FRAME + 4)), Status.TOOSMALL, "room for none")
    equal(client.status(file, ops2.listxattrs(len(names) + 1, 200)), Status.BAD_COOKIE, "a cookie of nobody's")
    equal(client.at(file, ops2.listxattrs(len(names), 200)), ops2.Names(len(names), [], True), "from the last on")
    client.at(file, ops2.removexattr(names[-1]))
    page = client.at(file, ops2.listxattrs(first.cookie, 1 << 16))
    equal(page.names, names[1:-1], "the rest, after one behind the cookie is gone")


def between_two(world):
    """What one sets another sees at once, and its cached change attribute is old."""
    client, file = node(world)
    other = world.client()
    seen = other.attributes(file, "change")["change"]
    client.at(file, ops2.setxattr("mark", b"value"))
    equal(other.at(file, ops2.getxattr("mark")), b"value", "what another sees")
    check(other.attributes(file, "change")["change"] > seen, "the change attribute did not move")
    equal(other.status("fixed", ops2.setxattr("mark", b"value")), Status.ROFS, "on a read-only share")


TESTS = [
    ("raw 4.2: xattrs of up to 64 KiB", whole_values),
    ("raw 4.2: xattrs made, replaced, removed, with their changes", made_and_replaced),
    ("raw 4.2: xattrs listed by cookies", cookies),
    ("raw 4.2: xattrs between two clients", between_two),
]
