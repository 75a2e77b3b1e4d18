"""The cells of the POSIX matrix: who does what to a node of which type, in a directory of what kind.

A cell's scene is a directory `d` with the node `d/n` in it, and beside it what its call needs: `d/t`, a file; `d/s`, an empty
directory; `d/k`, another name of the node; `e`, another directory. What the call makes is `d/x` or `e/x`, or below the node `d/n/x`.
"""

import dataclasses

from . import plan
from .model import User

OWNER = User("owner", 1001, 1001, (2000, 3000))
MEMBER = User("member", 1002, 1002, (2000,))
OTHER = User("other", 1003, 1003)
ROOT = User("root", 0, 0)
USERS = (OWNER, MEMBER, OTHER, ROOT)
NOBODY = User("squashed root", 65534, 65534)  # by the server
KEEPER = User("keeper", 1009, 1009)  # has the directories, and looks at everything
GROUP = 2000
KINDS = ("file", "dir", "link", "fifo", "sock", "chr", "blk")
SIZE = 5
CHAIN = 41  # base/c1 -> ".", base/c2 -> "c1" and so on


@dataclasses.dataclass(frozen=True)
class Item:
    path: str
    kind: str
    mode: int = 0o664
    uid: int = OWNER.uid
    gid: int = GROUP
    size: int = 0
    target: str = ""  # of a symbolic link; of kind "same" the other name


@dataclasses.dataclass(frozen=True)
class Cell:
    scene: tuple
    user: User
    call: tuple  # name and arguments; paths begin with d or e
    new: str = ""  # what it may make
    read_only: bool = False
    about: str = ""
    unseen: bool = False  # by somebody who has not looked at anything there yet

    def __str__(self):
        nodes = ", ".join(f"{item.path} {item.kind} {item.mode:o} {item.uid}:{item.gid}" for item in self.scene if item.path[0] != "c")
        call = f"{self.call[0]}{tuple(short(argument) for argument in self.call[1:])}"
        return f"{self.user.name}: {call}{' read-only' if self.read_only else ''}{' unseen' if self.unseen else ''} [{self.about}: {nodes}]"

    @property
    def there(self):
        return [item.path for item in self.scene if item.path[0] in "de"]

    @property
    def watched(self):
        return self.there + ([self.new] if self.new else [])


def short(argument):
    return f"{argument[:12]}...({len(argument)})" if isinstance(argument, str) and len(argument) > 60 else argument


# Kind of directory -> mode, owner (None: whoever acts), group
PLACES = {
    "open": (0o777, KEEPER.uid, 0),
    "sticky": (0o1777, KEEPER.uid, 0),
    "own sticky": (0o1777, None, 0),
    "of the group": (0o770, KEEPER.uid, GROUP),
    "unsearchable": (0o766, KEEPER.uid, 0),
    "unwritable": (0o755, KEEPER.uid, 0),
    "read-only": (0o777, KEEPER.uid, 0),
}
SET_GROUP = {"setgid": (0o2777, KEEPER.uid, GROUP)}

FILE_T = Item("d/t", "file", size=SIZE)
DIR_S = Item("d/s", "dir", 0o775)
LINK_K = Item("d/k", "same", target="d/n")
DAY = 86_400 * 10**9

# Calls on the node: (call, what it needs beside, what it makes)
OPENS = [(("open", "d/n", flags), (), "") for flags in (
    ("rdonly",), ("wronly",), ("rdwr",), ("creat", "rdonly"), ("creat", "trunc", "wronly"), ("trunc", "wronly"), ("directory", "rdonly"),
    ("nofollow", "rdonly"))]
ATTRIBUTES = [
    (("chmod", "d/n", 0o640), (), ""), (("chmod", "d/n", 0o6755), (), ""),
    (("chown", "d/n", OTHER.uid, -1), (), ""), (("chown", "d/n", -1, 3000), (), ""), (("chown", "d/n", -1, 4000), (), ""),
    (("chown", "d/n", -1, -1), (), ""),
    (("truncate", "d/n", 0), (), ""), (("truncate", "d/n", 100), (), ""),
] + [(("utimensat", "d/n", *times), (), "") for times in (("now", "now"), (DAY, 2 * DAY + 7), ("omit", 3 * DAY), ("omit", "now"))]
NAMES = [
    (("link", "d/n", "d/x"), (), "d/x"), (("link", "d/n", "d/t"), (FILE_T,), ""), (("link", "d/n", "e/x"), ("to e",), "e/x"),
    (("link", "d/n", "e/x"), ("in e",), "e/x"),
    (("rename", "d/n", "d/x"), (), "d/x"), (("rename", "d/n", "d/t"), (FILE_T,), ""), (("rename", "d/n", "d/s"), (DIR_S,), ""),
    (("rename", "d/t", "d/n"), (FILE_T,), ""), (("rename", "d/s", "d/n"), (DIR_S,), ""), (("rename", "d/n", "d/n"), (), ""),
    (("rename", "d/n", "e/x"), ("to e",), "e/x"), (("rename", "d/n", "e/x"), ("in e",), "e/x"),
    (("rmdir", "d/n"), (), ""), (("unlink", "d/n"), (), ""),
]
OF_LINKS = [(("lchown", "d/n", -1, 3000), (), ""), (("lchown", "d/n", OTHER.uid, -1), (), ""),
            (("utimensat", "d/n", DAY, 2 * DAY, False), (), ""), (("utimensat", "d/n", "now", "now", False), (), "")]
OF_LINKED = [(("unlink", "d/n"), (LINK_K,), ""), (("rename", "d/n", "d/k"), (LINK_K,), ""), (("rename", "d/t", "d/n"), (FILE_T, LINK_K), "")]


def making(path):
    """Every call that makes a name."""
    return [("mkdir", path, 0o777), ("mkfifo", path, 0o666), ("mknod", path, "chr", 0o666), ("mknod", path, "file", 0o666),
            ("mknod", path, "sock", 0o666), ("mknod", path, "blk", 0o666), ("open", path, ("creat", "excl", "wronly")), ("symlink", "some/where", path)]


def calls_on(kind):
    yield from OPENS + ATTRIBUTES + NAMES
    if kind == "link":
        yield from OF_LINKS
    if kind != "dir":
        yield from OF_LINKED
    for path in ("d/n", "d/n/x"):
        # What is in the way is the same for all of them.
        yield from ((call, (), "d/n/x" if path == "d/n/x" else "") for call in making(path) if call[0] != "mknod" or call[2] == "chr")


def node(kind, mode=0o664, gid=GROUP):
    """`d/n`, with the file that it leads to if it is a symbolic link."""
    if kind == "link":
        return (Item("d/n", "link", 0o777, gid=gid, target="t"), Item("d/t", "file", mode, gid=gid, size=SIZE))
    return (Item("d/n", kind, mode | 0o111 if kind == "dir" else mode, gid=gid, size=SIZE if kind == "file" else 0),)


def scene(kind, place, user, needs=(), mode=0o664, gid=GROUP):
    others = tuple(item for item in needs if not isinstance(item, str))
    tops = {"d": place, **({"e": PLACES["open"]} if "to e" in needs else {"d": PLACES["open"], "e": place} if "in e" in needs else {})}
    directories = tuple(Item(name, "dir", kind_mode, user.uid if uid is None else uid, group) for name, (kind_mode, uid, group) in tops.items())
    nodes = node(kind, mode, gid) if kind else ()
    return directories + nodes + tuple(item for item in others if item.path not in {each.path for each in nodes})


def product(users, places):
    """Types x calls x users x places."""
    for name, place in places.items():
        for user in users:
            for kind in KINDS:
                for call, needs, new in calls_on(kind):
                    yield Cell(scene(kind, place, user, needs), user, call, new, name == "read-only", name)


def new_names(users, places):
    for name, place in places.items():
        for user in users:
            for call in [*making("d/x"), ("open", "d/x", ("creat", "rdwr"))]:
                yield Cell(scene("", place, user), user, call, "d/x", name == "read-only", name)


def modes():
    """What the bits of files and directories give, in an open directory."""
    for mode in (0o000, 0o600, 0o060, 0o006, 0o6777, 0o6666):
        for user in USERS:
            for kind in ("file", "dir"):
                for call, needs, new in OPENS + ATTRIBUTES:
                    yield Cell(scene(kind, PLACES["open"], user, needs, mode), user, call, new, about=f"mode {mode:o}")
    for user in USERS:  # none of whom is in the group
        for kind in ("file", "dir"):
            for call, needs, new in ATTRIBUTES[:6]:
                yield Cell(scene(kind, PLACES["open"], user, needs, 0o6775, 4000), user, call, new, about="another group")


def on_paths(old, new):
    """Every call with its paths replaced: (call, whether it is about a node that is there)."""
    yield from ((("chmod", old, 0o640), True), (("chown", old, -1, 3000), True), (("lchown", old, -1, 3000), True),
                (("truncate", old, 0), True), (("utimensat", old, "now", "now"), True), (("utimensat", old, "now", "now", False), True),
                (("open", old, ("rdonly",)), True), (("open", old, ("creat", "rdonly")), True), (("open", old, ("trunc", "wronly")), True),
                (("unlink", old), True), (("rmdir", old), True), (("link", old, "d/x"), True), (("rename", old, "d/x"), True),
                (("link", "d/n", new), False), (("rename", "d/n", new), False))
    yield from ((call, False) for call in making(new))


def limits():
    """Names and paths at their limits, and circles of symbolic links."""
    for length in (255, 256):
        name = "d/" + "l" * length
        for call, there in on_paths(name, name):
            for kind in KINDS:
                base = scene(kind, PLACES["open"], OWNER)
                named = tuple(dataclasses.replace(item, path=name) if item.path == "d/n" else item for item in base)
                of = named if there and length == 255 else base
                new = name if not there and length == 255 else "d/x"
                yield Cell(of, OWNER, call, new, about=f"a name of {length}")
    for length in (4095, 4096):
        old, new = (padded("d", length, name) for name in ("n", "x"))
        for call, _ in on_paths(old, new):
            for kind in KINDS:
                yield Cell(scene(kind, PLACES["open"], OWNER), OWNER, call, "d/x", about=f"a path of {length}")
        yield Cell(scene("", PLACES["open"], OWNER), OWNER, ("symlink", "t" * length, "d/x"), "d/x", about=f"a link to {length}")
    yield Cell(scene("", PLACES["open"], OWNER), OWNER, ("symlink", "", "d/x"), "d/x", about="a link to nothing")


def padded(top, length, name):
    """So long a path, where the scene is put (plan.py), that leads to top/name."""
    missing = length - len(plan.put(f"{top}/{name}", 0))
    return top + "/." * (missing // 2) + "/" * (missing % 2) + "/" + name


def loops():
    circle = (Item("d/a", "link", 0o777, target="b"), Item("d/b", "link", 0o777, target="a"))
    chain = tuple(Item(f"c{i}", "link", 0o777, 0, 0, target=f"c{i - 1}" if i > 1 else ".") for i in range(1, CHAIN + 1))
    absent = (Item("d/l", "link", 0o777, target="x"),)
    for user in (OWNER, ROOT):
        for kind in ("file", "dir"):
            base = scene(kind, PLACES["open"], user)
            for prefix, extra, about in (("d/a", circle, "a circle"), (f"c{CHAIN - 1}/d", chain, "40 links"), (f"c{CHAIN}/d", chain, "41 links")):
                for call, _ in on_paths(f"{prefix}/n", f"{prefix}/x"):
                    yield Cell(base + extra, user, call, "d/x", about=about)
        base = scene("", PLACES["open"], user)
        for call, _ in on_paths("d/a", "d/a"):
            if call[1] != "d/n":
                yield Cell(base + circle, user, call, "d/x", about="a circle itself")
        for call in on_paths("d/l", "d/l"):
            if call[0][1] != "d/n":
                yield Cell(base + absent, user, call[0], "d/x", about="a link to nothing")


def full_directories():
    inner = Item("d/n/i", "file")
    full = (DIR_S, Item("d/s/i", "file"))
    for user in USERS:
        for call, needs, new in ((("rmdir", "d/n"), (), ""), (("rename", "d/n", "d/x"), (), "d/x"), (("rename", "d/n", "d/s"), full, ""),
                                 (("unlink", "d/n"), (), "")):
            yield Cell(scene("dir", PLACES["open"], user, needs) + (inner,), user, call, new, about="a directory that is not empty")
        for call in (("open", "d/x", ("rdonly",)), ("chmod", "d/x", 0o640), ("unlink", "d/x"), ("rmdir", "d/x"), ("rename", "d/x", "d/n"),
                     ("link", "d/x", "d/y"), ("truncate", "d/x", 0), ("utimensat", "d/x", "now", "now"), ("chown", "d/x", -1, -1),
                     ("open", "d/x", ("creat", "rdonly"))):
            yield Cell(scene("file", PLACES["open"], user), user, call, "d/x", about="what is not there")


def unseen():
    """Opens and new names where the client does not know what is there."""
    for name in ("open", "unwritable", "read-only"):
        for user in USERS:
            for kind in KINDS:
                for call in [call for call, _, _ in OPENS] + making("d/n"):
                    yield Cell(scene(kind, PLACES[name], user), user, call, "", name == "read-only", name, unseen=True)


def cells():
    """All for an ordinary share; those of a read-only one among them."""
    yield from product(USERS, PLACES)
    yield from new_names(USERS, {**PLACES, **SET_GROUP})
    yield from modes()
    yield from limits()
    yield from loops()
    yield from full_directories()
    yield from unseen()


def squashed():
    """Root where the share makes nobody of it."""
    places = {name: place for name, place in PLACES.items() if name != "read-only"}
    yield from product((NOBODY,), places)
    yield from new_names((NOBODY,), places)
