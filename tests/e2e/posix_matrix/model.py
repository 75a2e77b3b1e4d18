"""What Linux demands of one system call on a small tree of files: the error it ends with, or what it changes.

Pure: a World is made from a scene (cells.py), one method of Call is called on it, and World.look tells of each name what is
there and which times have moved. Errors come in the order in which the kernel's path walk and its checks find them (path_resolution(7), and
section ERRORS of each call in POSIX). Where a client of NFS cannot do as a local file system does, a flag of
Rules says so; differences.py has the reasons.
"""

import dataclasses
import stat

PATH_BYTES = 4096  # with the NUL at the end
NAME_BYTES = 255
LINKS_FOLLOWED = 40
SEARCH, WRITE, READ = 1, 2, 4
DEVICES = ("chr", "blk")
KINDS = {"file": stat.S_IFREG, "dir": stat.S_IFDIR, "link": stat.S_IFLNK, "fifo": stat.S_IFIFO, "sock": stat.S_IFSOCK,
         "chr": stat.S_IFCHR, "blk": stat.S_IFBLK}


@dataclasses.dataclass(frozen=True)
class User:
    name: str
    uid: int
    gid: int
    groups: tuple = ()

    def is_in(self, gid):
        return gid == self.gid or gid in self.groups


@dataclasses.dataclass(frozen=True)
class Rules:
    read_only: bool = False  # the file system
    # Of the machine: sysctl fs.protected_*, and whether devices may be opened.
    protected_hardlinks: int = 0
    protected_symlinks: int = 0
    protected_fifos: int = 0
    protected_regular: int = 0
    devices: bool = True
    # What differs over NFS (differences.py).
    server_decides: bool = False
    asks_access: tuple = ()  # of "open" and "change": of a file
    drops_empty_changes: bool = False
    touches_one_time: bool = False
    # And only where the client has not seen what is there yet.
    makes_blindly: bool = False
    takes_for_links: bool = False


class Fails(Exception):
    """The name of an error: what the call ends with."""


@dataclasses.dataclass(eq=False)
class Node:
    kind: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    target: str = ""
    made: str = ""  # the path that the scene gave it
    nlink: int = 1
    entries: dict = dataclasses.field(default_factory=dict)
    # "same", "moved", or nanoseconds that were set
    ctime: object = "same"
    mtime: object = "same"

    def changed(self):
        self.ctime = self.mtime = "moved"

    def seen(self, paths):
        size = len(self.target) if self.kind == "link" else self.size if self.kind == "file" else 0
        was = [paths.index(self.made), self.ctime, self.mtime] if self.made else ["new", "new", "new"]
        return [*was, self.kind, self.mode, self.uid, self.gid, self.nlink, size]


class World:
    def __init__(self, scene):
        self.root = Node("dir", 0o755, 0, 0)
        for item in scene:
            parent, name = self.parent_of(item.path)
            if item.kind == "same":
                node = self.find(item.target)
                node.nlink += 1
            else:
                node = Node(item.kind, item.mode, item.uid, item.gid, item.size, item.target, item.path)
                if node.kind == "dir":
                    node.nlink = 2
                    parent.nlink += 1
            parent.entries[name] = node

    def find(self, path):
        node = self.root
        for name in path.split("/"):
            node = node.entries.get(name) if node else None
        return node

    def parent_of(self, path):
        above, _, name = path.rpartition("/")
        return (self.find(above) if above else self.root), name

    def look(self, paths):
        """What is at each path: nothing, or the number of the path that it had before, or "new", and what it is like."""
        return [node.seen(paths) if (node := self.find(path)) else None for path in paths]


class Call:
    """One user's calls on a world. Each method changes it or raises Fails."""

    def __init__(self, world, user, rules, umask=0o022):
        self.world, self.user, self.rules, self.umask = world, user, rules, umask
        self.links, self.refusals = 0, []

    # ---- permissions

    def may(self, node, wanted):
        if self.user.uid == 0:
            return not wanted & SEARCH or node.kind == "dir" or bool(node.mode & 0o111)
        shift = 6 if self.user.uid == node.uid else 3 if self.user.is_in(node.gid) else 0
        return wanted & ~(node.mode >> shift) & 7 == 0

    def owns(self, node):
        return self.user.uid in (0, node.uid)

    def need(self, node, wanted, opens=False):
        """inode_permission()."""
        if wanted & WRITE and self.rules.read_only and node.kind in ("file", "dir", "link"):
            asks = node.kind == "file" and ("open" if opens else "change") in self.rules.asks_access
            raise Fails("EACCES" if asks else "EROFS")
        if not self.may(node, wanted):
            raise Fails("EACCES")

    def want_write(self):
        if self.rules.read_only:
            self.refuse("EROFS")

    def need_entry(self, directory):
        """The right to make or remove a name in it."""
        if not self.may(directory, WRITE | SEARCH):
            self.refuse("EACCES")

    def refuse(self, error):
        if not self.rules.server_decides:
            raise Fails(error)
        self.refusals.append(error)

    def ask(self):
        """All that a client sees itself is good: the server's word."""
        for error in ("EROFS", "EACCES"):
            if error in self.refusals:
                raise Fails(error)

    # ---- paths

    def walk(self, path, follow=True):
        """(directory, last name, its node or None)."""
        if len(path) >= PATH_BYTES:
            raise Fails("ENAMETOOLONG")
        if not path:
            raise Fails("ENOENT")
        at, left = self.world.root, [name for name in path.split("/") if name]
        while True:
            self.need(at, SEARCH)
            name, last = left.pop(0), not left
            if len(name) > NAME_BYTES:
                raise Fails("ENAMETOOLONG")
            node = at if name == "." else at.entries.get(name)
            if node and node.kind == "link" and (follow or not last):
                self.follow(at, node, last)
                left = [name for name in node.target.split("/") if name] + left
                continue
            if last:
                return at, name, node
            if node is None:
                raise Fails("ENOENT")
            if node.kind != "dir":
                raise Fails("ENOTDIR")
            at = node

    def follow(self, directory, link, last):
        self.links += 1
        if self.links > LINKS_FOLLOWED:
            raise Fails("ELOOP")
        if last and self.rules.protected_symlinks and directory.mode & 0o1002 == 0o1002 \
                and link.uid not in (self.user.uid, directory.uid):
            raise Fails("EACCES")

    def existing(self, path, follow=True):
        node = self.walk(path, follow)[2]
        if node is None:
            raise Fails("ENOENT")
        return node

    # ---- attributes

    def chmod(self, path, mode):
        node = self.existing(path)
        self.want_write()
        self.ask()
        if not self.owns(node):
            raise Fails("EPERM")
        if self.user.uid != 0 and not self.user.is_in(node.gid):
            mode &= ~stat.S_ISGID
        node.mode, node.ctime = mode, "moved"

    def chown(self, path, uid, gid, follow=True):
        node = self.existing(path, follow)
        if self.rules.drops_empty_changes and (uid, gid) == (-1, -1):
            return
        self.want_write()
        self.ask()
        drops = node.kind != "dir" and bool(node.mode & 0o6000)
        if not self.may_own(node, uid, gid) or drops and not self.owns(node):
            raise Fails("EPERM")
        if node.kind != "dir":
            self.drop_set_ids(node)
        node.uid, node.gid = node.uid if uid == -1 else uid, node.gid if gid == -1 else gid
        node.ctime = "moved"

    def may_own(self, node, uid, gid):
        if self.user.uid == 0 or (uid, gid) == (-1, -1):
            return True
        return self.owns(node) and uid in (-1, node.uid) and (gid in (-1, node.gid) or self.user.is_in(gid))

    def drop_set_ids(self, node):
        """A setgid bit without execute permission stays for who could set it."""
        keeps = not node.mode & 0o010 and (self.user.uid == 0 or self.user.is_in(node.gid))
        node.mode &= ~(stat.S_ISUID if keeps else stat.S_ISUID | stat.S_ISGID)

    def lchown(self, path, uid, gid):
        self.chown(path, uid, gid, follow=False)

    def truncate(self, path, size):
        node = self.existing(path)
        if node.kind != "file":
            raise Fails("EISDIR" if node.kind == "dir" else "EINVAL")
        self.need(node, WRITE)
        self.resize(node, size)

    def resize(self, node, size):
        node.size = size
        node.changed()
        if self.user.uid != 0:
            self.drop_set_ids(node)

    def utimensat(self, path, atime, mtime, follow=True):
        """Each time is nanoseconds, "now" or "omit"."""
        node = self.existing(path, follow)
        self.want_write()
        if not self.owns(node):
            self.guard_times(node, {atime, mtime})
        self.ask()
        node.ctime = "moved"
        if mtime != "omit":
            node.mtime = "moved" if mtime == "now" else mtime

    def guard_times(self, node, times):
        """Who may write to it may set both times to now."""
        if times == {"now"}:
            self.need(node, WRITE)
            return
        self.ask()
        if not self.rules.touches_one_time or not times <= {"now", "omit"}:
            raise Fails("EPERM")
        self.need(node, WRITE)

    # ---- names

    def vacant(self, path):
        """Where a new name may be made, as far as names go."""
        return self.vacancy(*self.walk(path, follow=False))

    def vacancy(self, directory, name, node):
        if node is not None and not self.rules.makes_blindly:
            raise Fails("EEXIST")
        self.want_write()
        if node is None:
            self.need_entry(directory)
        return directory, name

    def make(self, directory, name, kind, mode, target=""):
        self.ask()
        if name in directory.entries:
            raise Fails("EEXIST")
        gid = directory.gid if directory.mode & stat.S_ISGID else self.user.gid
        mode = 0o777 if kind == "link" else mode & ~self.umask
        if kind == "dir":
            mode |= directory.mode & stat.S_ISGID
            directory.nlink += 1
        made = Node(kind, mode, self.user.uid, gid, target=target, nlink=2 if kind == "dir" else 1)
        directory.entries[name] = made
        directory.changed()

    def mkdir(self, path, mode):
        self.make(*self.vacant(path), "dir", mode)

    def mkfifo(self, path, mode):
        self.make(*self.vacant(path), "fifo", mode)

    def mknod(self, path, kind, mode):
        directory, name = self.vacant(path)
        if kind in DEVICES and self.user.uid != 0:
            raise Fails("EPERM")
        self.make(directory, name, kind, mode)

    def symlink(self, target, path):
        if not target or len(target) >= PATH_BYTES:
            raise Fails("ENAMETOOLONG" if target else "ENOENT")
        self.make(*self.vacant(path), "link", 0o777, target)

    def link(self, path, new):
        node = self.existing(path, follow=False)
        self.links = 0
        directory, name, found = self.walk(new, follow=False)
        if found is not None:
            raise Fails("EEXIST")
        self.want_write()
        self.guard_link(node)
        self.need_entry(directory)
        if node.kind == "dir":
            raise Fails("EPERM")
        self.ask()
        directory.entries[name] = node
        node.nlink += 1
        node.ctime = "moved"
        directory.changed()

    def guard_link(self, node):
        if not self.rules.protected_hardlinks or self.owns(node):
            return
        writable = self.may(node, READ | WRITE) and not self.rules.read_only
        if node.kind != "file" or node.mode & stat.S_ISUID or node.mode & 0o2010 == 0o2010 or not writable:
            raise Fails("EPERM")

    def need_removal(self, directory, node, as_directory):
        """may_delete()."""
        self.need_entry(directory)
        if directory.mode & stat.S_ISVTX and self.user.uid not in (0, node.uid, directory.uid):
            raise Fails("EPERM")
        if as_directory != (node.kind == "dir"):
            raise Fails("ENOTDIR" if as_directory else "EISDIR")

    def remove(self, path, as_directory):
        directory, name, node = self.walk(path, follow=False)
        self.want_write()
        if node is None:
            raise Fails("ENOENT")
        self.need_removal(directory, node, as_directory)
        self.ask()
        if node.entries:
            raise Fails("ENOTEMPTY")
        self.drop(directory, name)
        directory.changed()

    def unlink(self, path):
        self.remove(path, as_directory=False)

    def rmdir(self, path):
        self.remove(path, as_directory=True)

    def drop(self, directory, name):
        node = directory.entries.pop(name)
        node.nlink -= 1
        node.ctime = "moved"
        directory.nlink -= node.kind == "dir"

    def rename(self, old, new):
        source, old_name, node = self.walk(old, follow=False)
        self.links = 0
        target, new_name, over = self.walk(new, follow=False)
        self.want_write()
        if node is None:
            raise Fails("ENOENT")
        if over is node:
            return
        is_directory = node.kind == "dir"
        self.need_removal(source, node, is_directory)
        if over is None:
            self.need_entry(target)
        else:
            self.need_removal(target, over, is_directory)
        if is_directory and target is not source and not self.may(node, WRITE):
            self.refuse("EACCES")
        self.ask()
        if over is not None:
            if over.entries:
                raise Fails("ENOTEMPTY")
            self.drop(target, new_name)
        target.entries[new_name] = source.entries.pop(old_name)
        source.nlink -= is_directory
        target.nlink += is_directory
        node.ctime = "moved"
        source.changed()
        target.changed()

    # ---- open

    def open(self, path, flags, mode=0o666):
        """flags: words of open(2) in lower case; always O_NONBLOCK."""
        follow = not ("nofollow" in flags or {"creat", "excl"} <= set(flags))
        directory, name, node = self.walk(path, follow)
        if node is None and "creat" not in flags:
            raise Fails("ENOENT")
        if node is None or "excl" in flags:
            return self.make(*self.vacancy(directory, name, node), "file", mode)
        if "creat" in flags:
            if node.kind == "dir":
                raise Fails("EISDIR")
            self.guard_sticky(directory, node)
        if "directory" in flags and node.kind != "dir":
            raise Fails("ENOTDIR")
        self.open_node(node, flags)
        if "trunc" in flags and node.kind == "file":
            self.resize(node, 0)
        return None

    def guard_sticky(self, directory, node):
        level = {"fifo": self.rules.protected_fifos, "file": self.rules.protected_regular}.get(node.kind, 1)
        if not level or not directory.mode & stat.S_ISVTX or node.uid in (directory.uid, self.user.uid):
            return
        if directory.mode & 0o002 or level > 1 and directory.mode & 0o020:
            raise Fails("EACCES")

    def open_node(self, node, flags):
        writes = bool({"wronly", "rdwr"} & set(flags))
        wanted = READ * ("wronly" not in flags) | WRITE * (writes or "trunc" in flags)
        if node.kind == "link" or self.rules.takes_for_links and "nofollow" in flags and node.kind not in ("file", "dir"):
            raise Fails("ELOOP")
        if node.kind == "dir" and wanted & WRITE:
            raise Fails("EISDIR")
        if node.kind in DEVICES and not self.rules.devices:
            raise Fails("EACCES")
        self.need(node, wanted, opens=True)
        # Nobody reads the FIFO, no driver has the block device, and a socket is not opened by its name.
        if node.kind in ("sock", "blk") or node.kind == "fifo" and "wronly" in flags:
            raise Fails("ENXIO")
