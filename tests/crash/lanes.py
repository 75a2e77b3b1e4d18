"""Lanes: each sends one operation after the other, chosen by chance, on names of its own in directories that all share."""

import struct

from lib import nfs3
from lib.nfs3 import Proc, Status
from lib.xdr import Packer

from model import BLOCK, State

LARGEST_FILE = 16 * BLOCK
WEIGHTS = {"create": 26, "mkdir": 3, "symlink": 3, "write": 24, "overwrite": 8, "unstable": 10, "commit": 10, "chmod": 4, "truncate": 6,
           "rename": 12, "replace": 5, "remove": 12, "rmdir": 1, "link": 5}


class Refused(Exception):
    """The server refused what must work."""


class Lane:
    def __init__(self, name, rng, shared, keeps_unstable):
        self.name, self.rng, self.shared = name, rng, shared
        self.keeps_unstable = keeps_unstable  # whether a killed server loses nothing that it acknowledged, as nfsd
        self.state = State()
        self.pending = None  # the operation that was sent and not answered
        self.verifier = None  # of the exclusive create that is pending
        self.count = 0
        self.touched = set()  # nodes whose data this round has changed or tried to

    # ---- choosing

    def new_name(self):
        self.count += 1
        tail = "x" * self.rng.choice([0, 0, 0, 10, 60, 200])
        return f"{self.name}-{self.count}-{tail}".encode()[:255]

    def new_id(self):
        return f"{self.name}:{self.count}"

    def directory(self):
        return self.rng.choice(["left", "right", *self.state.of_kind("directory")])

    def top(self):
        return self.rng.choice(["left", "right"])

    def choose(self):
        while True:
            word = self.rng.choices(list(WEIGHTS), WEIGHTS.values())[0]
            operation = getattr(self, "choose_" + word)()
            if operation is not None:
                return operation

    def some_file(self):
        files = self.state.of_kind("file")
        # Mostly recent ones, so that several operations meet on one file.
        return self.rng.choice(files[-8:] if self.rng.random() < 0.7 else files) if files else None

    def choose_create(self):
        return {"do": "create", "directory": self.directory(), "name": self.new_name(), "node": self.new_id(),
                "mode": self.rng.choice([0o600, 0o644, 0o755]), "exclusive": self.rng.random() < 0.3}

    def choose_mkdir(self):
        if len(self.state.of_kind("directory")) < 4:
            return {"do": "mkdir", "directory": self.top(), "name": self.new_name(), "node": self.new_id(), "mode": 0o755}
        return None

    def choose_symlink(self):
        return {"do": "symlink", "directory": self.directory(), "name": self.new_name(), "node": self.new_id(),
                "target": self.rng.randbytes(self.rng.randrange(1, 300)).replace(b"\0", b"0")}

    def choose_write(self, stable=True):
        node = self.some_file()
        if node is None:
            return None
        size = self.state.nodes[node].size
        offset = self.rng.choice([0, size, size + self.rng.randrange(9000), self.rng.randrange(size + 1)])
        length = self.rng.choice([1, 100, 1000, BLOCK, 3 * BLOCK, 30_000])
        if offset + length > LARGEST_FILE:
            return None
        return {"do": "write", "node": node, "offset": offset, "data": self.rng.randbytes(length), "stable": stable}

    def choose_overwrite(self):
        """Within one block and within the file: the case in which nothing half-done can be excused."""
        node = self.some_file()
        if node is None or self.state.nodes[node].size == 0:
            return None
        offset = self.rng.randrange(self.state.nodes[node].size)
        room = min(BLOCK - offset % BLOCK, self.state.nodes[node].size - offset)
        return {"do": "write", "node": node, "offset": offset, "data": self.rng.randbytes(room), "stable": True}

    def uncommitted(self):
        return [node for node in self.state.of_kind("file")[-12:] if self.state.nodes[node].uncommitted]

    def choose_unstable(self):
        operation = self.choose_write(stable=False)
        if operation and self.state.nodes[operation["node"]].uncommitted > 4:
            return {"do": "commit", "node": operation["node"]}
        return operation

    def choose_commit(self):
        waiting = self.uncommitted()
        return {"do": "commit", "node": self.rng.choice(waiting)} if waiting else None

    def choose_chmod(self):
        nodes = [node for node, found in self.state.nodes.items() if found.kind != "symlink"]
        return {"do": "chmod", "node": self.rng.choice(nodes), "mode": self.rng.choice([0o600, 0o640, 0o711, 0o755])} if nodes else None

    def choose_truncate(self):
        node = self.some_file()
        if node is None:
            return None
        size = self.state.nodes[node].size
        return {"do": "truncate", "node": node, "size": self.rng.choice([0, size // 2, size + 5000, self.rng.randrange(LARGEST_FILE)])}

    def choose_rename(self):
        if not self.state.entries:
            return None
        source = self.rng.choice(list(self.state.entries))
        is_directory = self.state.nodes[self.state.entries[source]].kind == "directory"
        return {"do": "rename", "source": source, "target": (self.top() if is_directory else self.directory(), self.new_name())}

    def choose_replace(self):
        places = [where for where, node in self.state.entries.items() if self.state.nodes[node].kind != "directory"]
        if len(places) < 2:
            return None
        source, target = self.rng.sample(places, 2)
        return {"do": "rename", "source": source, "target": target}

    def choose_remove(self):
        places = [where for where, node in self.state.entries.items() if self.state.nodes[node].kind != "directory"]
        # Mostly the young: the store is to grow.
        return {"do": "remove", "where": self.rng.choice(places[-10:])} if places else None

    def choose_rmdir(self):
        empty = [where for where, node in self.state.entries.items()
                 if self.state.nodes[node].kind == "directory" and not self.state.names_in(node)]
        return {"do": "rmdir", "where": self.rng.choice(empty)} if empty else None

    def choose_link(self):
        node = self.some_file()
        if node is None or self.state.links(node) > 3:
            return None
        return {"do": "link", "node": node, "where": (self.directory(), self.new_name())}

    # ---- calling

    def handle_of(self, directory):
        return self.shared[directory] if directory in self.shared else self.state.nodes[directory].handle

    def begin(self):
        """Chooses an operation and returns (procedure, arguments)."""
        self.pending = self.choose()
        self.verifier = self.rng.randbytes(8)
        if "node" in self.pending:
            self.touched.add(self.pending["node"])
        return self.encoded()

    def encoded(self):
        """The pending operation as a call; the same again for a retry."""
        return getattr(self, "encode_" + self.pending["do"])(self.pending)

    def entry_at(self, where):
        return nfs3.name(self.handle_of(where[0]), where[1])

    def file(self, operation):
        return self.state.nodes[operation["node"]].handle

    def encode_create(self, op):
        directory, name = self.handle_of(op["directory"]), op["name"]
        if op["exclusive"]:
            return Proc.CREATE, nfs3.create_arguments(directory, name, nfs3.EXCLUSIVE, self.verifier)
        return Proc.CREATE, nfs3.create_arguments(directory, name, nfs3.GUARDED, mode=op["mode"])

    def encode_mkdir(self, op):
        return Proc.MKDIR, nfs3.set_attributes(self.entry_at((op["directory"], op["name"])), mode=op["mode"])

    def encode_symlink(self, op):
        return Proc.SYMLINK, nfs3.set_attributes(self.entry_at((op["directory"], op["name"]))).opaque(op["target"])

    def encode_write(self, op):
        stable = nfs3.FILE_SYNC if op["stable"] else nfs3.UNSTABLE
        return Proc.WRITE, nfs3.write_arguments(self.file(op), op["offset"], op["data"], stable)

    def encode_commit(self, op):
        return Proc.COMMIT, nfs3.handle(self.file(op)).u64(0).u32(0)

    def encode_chmod(self, op):
        return Proc.SETATTR, nfs3.setattr_arguments(self.file(op), mode=op["mode"])

    def encode_truncate(self, op):
        return Proc.SETATTR, nfs3.setattr_arguments(self.file(op), size=op["size"])

    def encode_rename(self, op):
        return Proc.RENAME, self.entry_at(op["source"]).opaque(self.handle_of(op["target"][0])).opaque(op["target"][1])

    def encode_remove(self, op):
        return Proc.REMOVE, self.entry_at(op["where"])

    def encode_rmdir(self, op):
        return Proc.RMDIR, self.entry_at(op["where"])

    def encode_link(self, op):
        return Proc.LINK, Packer().opaque(self.file(op)).opaque(self.handle_of(op["where"][0])).opaque(op["where"][1])

    def acknowledge(self, unpack):
        """The reply has come; raises Refused if it is an error or not what was asked for."""
        operation, self.pending = self.pending, None
        status = nfs3.status_of(unpack.u32())
        if status != Status.OK:
            raise Refused(f"{self.name}: {short(operation)}: {status!r}")
        if operation["do"] == "write":
            result = nfs3.written(unpack)
            if result.count != len(operation["data"]) or (operation["stable"] and result.committed != nfs3.FILE_SYNC):
                raise Refused(f"{self.name}: {short(operation)}: {result}")
            # The server may promise more than was asked for, and is then held to it.
            operation["stable"] = result.committed == nfs3.FILE_SYNC
            operation["kept"] = self.keeps_unstable
        self.state.apply(operation)
        if operation["do"] in ("create", "mkdir", "symlink"):
            node = self.state.nodes[operation["node"]]
            node.handle, attributes = nfs3.made(unpack)
            if node.handle is None or attributes is None:
                raise Refused(f"{self.name}: {short(operation)}: no filehandle or no attributes")
            node.fileid = attributes.fileid


def short(operation):
    return {key: (value if not isinstance(value, bytes) or len(value) < 40 else f"{len(value)} bytes") for key, value in operation.items()}


def xid_of(reply):
    return struct.unpack_from(">I", reply)[0]
