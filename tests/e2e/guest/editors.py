"""One of several clients that edit the same directories at once, each of which knows what it did: of the files that are its own it
knows every byte, and those that go from one to the other say by their names what must be in them.
"""

import collections
import errno
import hashlib
import os
import random
import stat
import time

EXCHANGE, FOLDERS, MOST_FILES, LARGEST = "exchange", 4, 40, 200_000
# Others move and remove names between a look at a directory and a look at them.
GONE = (errno.ENOENT, errno.ESTALE)


class Node:
    """A file, by however many names."""

    def __init__(self, data, mode=0o644):
        self.data, self.mode = bytearray(data), mode


def told(path):
    """What is there, in a word."""
    found = os.lstat(path)
    if stat.S_ISDIR(found.st_mode):
        return "directory"
    if stat.S_ISLNK(found.st_mode):
        return f"link to {os.readlink(path)}"
    with open(path, "rb") as file:
        return f"{oct(found.st_mode & 0o7777)} {hashlib.sha256(file.read()).hexdigest()}"


def tree_of(root):
    """Path below the root -> what is there."""
    tree = {}
    for directory, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(directory, name)
            tree[os.path.relpath(path, root)] = told(path)
    return tree


def prepare_editing(root):
    for name in (EXCHANGE, *(f"folder-{i}" for i in range(FOLDERS))):
        os.mkdir(f"{root}/{name}")
        os.chmod(f"{root}/{name}", 0o777)


class Editor:
    def __init__(self, root, tag, seed):
        self.root, self.tag, self.chance = root, tag, random.Random(f"{tag}{seed}")
        self.nodes, self.links, self.folders, self.made = {}, {}, set(), 0
        self.counts, self.seconds, self.slowest, self.received = collections.Counter(), collections.Counter(), collections.Counter(), 0

    def path(self, name):
        return f"{self.root}/{name}"

    def new_name(self):
        self.made += 1
        return f"folder-{self.chance.randrange(FOLDERS)}/{self.tag}-{self.made}"

    def some(self, least=1):
        """One of its files; none if it has too few."""
        return self.chance.choice(sorted(self.nodes)) if len(self.nodes) >= least else None

    def bytes(self):
        return self.chance.randbytes(self.chance.choice((0, 10, 1000, 5000, LARGEST)) * self.chance.randrange(1, 11) // 10)

    # ---- what it does; None: there was nothing to do it with

    def create(self):
        if len(self.nodes) >= MOST_FILES:
            return self.unlink()
        name, data = self.new_name(), self.bytes()
        file = os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        put(file, data, 0)
        self.nodes[name] = Node(data)
        return name

    def append(self):
        if name := self.some():
            data = self.bytes()[:20_000]
            put(os.open(self.path(name), os.O_WRONLY | os.O_APPEND), data, None)
            self.nodes[name].data += data
        return name

    def patch(self):
        if name := self.some():
            node, data = self.nodes[name], self.bytes()[:20_000]
            at = self.chance.randrange(len(node.data) + 5000)
            put(os.open(self.path(name), os.O_RDWR), data, at)
            if data:
                node.data += bytes(max(0, at - len(node.data)))
                node.data[at:at + len(data)] = data
        return name

    def rewrite(self):
        if name := self.some():
            data = self.bytes()
            put(os.open(self.path(name), os.O_WRONLY | os.O_TRUNC), data, 0)
            self.nodes[name].data[:] = data
        return name

    def truncate(self):
        if name := self.some():
            node = self.nodes[name]
            size = self.chance.randrange(len(node.data) + 3000)
            os.truncate(self.path(name), size)
            node.data[size:] = bytes(max(0, size - len(node.data)))
        return name

    def chmod(self):
        if name := self.some():
            self.nodes[name].mode = self.chance.choice((0o600, 0o640, 0o644, 0o664))
            os.chmod(self.path(name), self.nodes[name].mode)
        return name

    def move(self):
        """To a new name, or over another of its own."""
        if name := self.some():
            target = self.some() if self.chance.random() < 0.3 else self.new_name()
            if self.nodes.get(target) is self.nodes[name]:
                return None  # the same file by two names stays as it is
            os.rename(self.path(name), self.path(target))
            self.nodes[target] = self.nodes.pop(name)
        return name

    def link(self):
        if (name := self.some()) and len(self.nodes) < MOST_FILES:
            other = self.new_name()
            os.link(self.path(name), self.path(other))
            self.nodes[other] = self.nodes[name]
        return name

    def unlink(self):
        if name := self.some(10):
            os.unlink(self.path(name))
            del self.nodes[name]
        return name

    def symlink(self):
        name = f"{self.new_name()}-link"
        self.links[name] = f"to-{self.made}"
        os.symlink(self.links[name], self.path(name))
        if len(self.links) > 5:
            old = min(self.links)
            os.unlink(self.path(old))
            del self.links[old]
        return name

    def folder(self):
        """Made, and removed again some time later."""
        if len(self.folders) < 3:
            name = self.new_name() + "-folder"
            os.mkdir(self.path(name))
            self.folders.add(name)
        else:
            name = self.folders.pop()
            os.rmdir(self.path(name))
        return name

    def verify(self):
        """A file of its own is what it left there."""
        if name := self.some():
            node, path = self.nodes[name], self.path(name)
            with open(path, "rb") as file:
                found = file.read()
            if found != node.data:
                at = next((i for i, (a, b) in enumerate(zip(found, node.data)) if a != b), min(len(found), len(node.data)))
                raise AssertionError(f"{self.tag}: {name}: {len(found)} bytes instead of {len(node.data)}, the first other one at {at}")
            if (mode := os.stat(path).st_mode & 0o7777) != node.mode:
                raise AssertionError(f"{self.tag}: {name}: mode {oct(mode)} instead of {oct(node.mode)}")
        return name

    def give(self):
        """Puts a file where others take it from."""
        name = self.some(10)
        if name is None or sum(node is self.nodes[name] for node in self.nodes.values()) > 1:
            return None
        node = self.nodes.pop(name)
        self.made += 1
        os.rename(self.path(name), self.path(f"{EXCHANGE}/{self.tag}-{self.made}-{oct(node.mode)}-{hashlib.sha256(node.data).hexdigest()}"))
        return name

    def take(self):
        """Whoever moves a file out of there has it, as whoever put it there left it."""
        there = os.listdir(self.path(EXCHANGE))
        if not there or len(self.nodes) >= MOST_FILES:
            return None
        name, mine = self.chance.choice(sorted(there)), self.new_name()
        giver, _, mode, wanted = name.split("-")
        try:
            os.rename(self.path(f"{EXCHANGE}/{name}"), self.path(mine))
        except OSError as error:
            if error.errno in GONE:
                return None  # another was quicker
            raise
        with open(self.path(mine), "rb") as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != wanted:
            raise AssertionError(f"{self.tag}: {name} of {giver} has {len(data)} other bytes")
        self.nodes[mine] = Node(data, int(mode, 8))
        self.received += giver != self.tag
        return mine

    def look_around(self):
        """At whatever is there: names, attributes, and contents, which others may be writing just now."""
        folder = self.path(f"folder-{self.chance.randrange(FOLDERS)}")
        names = sorted(name for name in os.listdir(folder) if not name.startswith(self.tag + "-"))
        for name in self.chance.sample(names, min(2, len(names))):
            try:
                told(f"{folder}/{name}")
            except OSError as error:
                if error.errno not in GONE:
                    raise
        return folder if names else None

    KINDS = (create, create, append, append, patch, patch, rewrite, truncate, chmod, move, link, unlink, symlink, folder, verify, verify, verify,
             give, give, take, take, look_around)

    def step(self):
        kind = self.chance.choice(self.KINDS)
        started = time.monotonic()
        if kind(self) is None:
            return
        took, name = time.monotonic() - started, kind.__name__
        self.counts[name] += 1
        self.seconds[name] += took
        self.slowest[name] = max(self.slowest[name], took)

    def tree(self):
        """What it must be, of what is its own."""
        own = {name: f"{oct(node.mode)} {hashlib.sha256(node.data).hexdigest()}" for name, node in self.nodes.items()}
        return {**own, **{name: f"link to {target}" for name, target in self.links.items()}, **{name: "directory" for name in self.folders}}


def put(file, data, at):
    """All of it at an offset, or at the end; closes the file."""
    try:
        while data:
            wrote = os.write(file, data) if at is None else os.pwrite(file, data, at)
            data, at = data[wrote:], None if at is None else at + wrote
    finally:
        os.close(file)


def edit(root, tag, seconds, seed):
    """What it did, how long each kind took, and what its part of the tree must be."""
    editor, end = Editor(root, tag, seed), time.monotonic() + seconds
    while time.monotonic() < end:
        editor.step()
    os.sync()
    return {"counts": editor.counts, "seconds": editor.seconds, "slowest": editor.slowest, "received": editor.received, "tree": editor.tree()}
