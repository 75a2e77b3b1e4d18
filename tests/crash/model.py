"""What must be there after a crash: the entries, nodes and contents of one lane, a series of operations one after the other.

Everything acknowledged is certain. Of a server that promises less for what was written UNSTABLE and not committed, any of those
blocks (4 KiB) and sizes may have survived that was there since the last COMMIT.
"""

import copy

BLOCK = 4096


def splice(block, at, data):
    return block[:at] + data + block[at + len(data):]


class Node:
    def __init__(self, kind, mode, target=b""):
        self.kind, self.mode, self.target = kind, mode, target
        self.handle = self.fileid = None  # known when the reply that names them has come


class File(Node):
    def __init__(self, mode):
        super().__init__("file", mode)
        self.size = 0  # with everything acknowledged
        self.sizes = {0}  # that may be found
        self.blocks = {}  # number -> contents that may be found, the newest last
        self.uncommitted = 0  # writes since the last COMMIT that were acknowledged as UNSTABLE

    def candidates(self, number):
        return self.blocks.get(number, [bytes(BLOCK)])

    def write(self, offset, data, stable):
        for number in range(offset // BLOCK, (offset + len(data) - 1) // BLOCK + 1):
            begin = max(offset, number * BLOCK)
            part = data[begin - offset:(number + 1) * BLOCK - offset]
            old = self.candidates(number)
            new = [splice(block, begin - number * BLOCK, part) for block in old]
            self.blocks[number] = list(dict.fromkeys(new if stable else old + new))
        end = offset + len(data)
        self.size = max(self.size, end)
        self.sizes = {max(size, end) for size in self.sizes} if stable else self.sizes | {self.size}

    def overwrite_in_parts(self, offset, data):
        """A write that was under way: blocks that were there may be old or new each, nothing else has changed."""
        before = self.size, set(self.sizes)
        inside = data[:max(0, self.size - offset)]
        if inside:
            self.write(offset, inside, stable=False)
        self.size, self.sizes = before

    def commit(self):
        self.uncommitted = 0
        self.sizes = {self.size}
        self.blocks = {number: blocks[-1:] for number, blocks in self.blocks.items()}

    def truncate(self, size):
        for number in list(self.blocks):
            keep = size - number * BLOCK
            if keep <= 0:
                del self.blocks[number]
            elif keep < BLOCK:
                cut = [block[:keep] + bytes(BLOCK - keep) for block in self.blocks[number]]
                self.blocks[number] = list(dict.fromkeys(cut))
        self.size, self.sizes = size, {size}

    def mismatch(self, content):
        """Why this content cannot be, or ''."""
        if len(content) not in self.sizes:
            return f"its size is {len(content)}, not one of {sorted(self.sizes)}"
        for number in range((len(content) + BLOCK - 1) // BLOCK):
            found = content[number * BLOCK:(number + 1) * BLOCK]
            if all(found != block[:len(found)] for block in self.candidates(number)):
                zero = ", it is zero" if not any(found) else ""
                return f"block {number} of {len(content)} bytes is none of {len(self.candidates(number))} that it may be{zero}"
        return ""

    def settle(self, content):
        """This is what was found: from now on it is certain."""
        self.blocks, self.uncommitted = {}, 0
        for number in range((len(content) + BLOCK - 1) // BLOCK):
            found = content[number * BLOCK:(number + 1) * BLOCK]
            self.blocks[number] = [found + bytes(BLOCK - len(found))]
        self.size, self.sizes = len(content), {len(content)}


class State:
    """Entries: (directory, name) -> node id; a directory is "left", "right" (shared by all lanes) or a node id."""

    def __init__(self):
        self.nodes, self.entries = {}, {}

    def copy(self):
        return copy.deepcopy(self)

    def links(self, node_id):
        return sum(1 for one in self.entries.values() if one == node_id)

    def names_in(self, directory):
        return {name: node_id for (where, name), node_id in self.entries.items() if where == directory}

    def of_kind(self, kind):
        return [node_id for node_id, node in self.nodes.items() if node.kind == kind]

    def drop(self, where):
        node_id = self.entries.pop(where)
        if self.links(node_id) == 0:
            del self.nodes[node_id]

    def apply(self, operation):
        """The operation was executed whole."""
        getattr(self, "_" + operation["do"])(**{key: value for key, value in operation.items() if key != "do"})

    def _create(self, directory, name, node, mode, exclusive):
        self.nodes[node] = File(None if exclusive else mode)
        self.entries[directory, name] = node

    def _mkdir(self, directory, name, node, mode):
        self.nodes[node] = Node("directory", mode)
        self.entries[directory, name] = node

    def _symlink(self, directory, name, node, target):
        self.nodes[node] = Node("symlink", None, target)
        self.entries[directory, name] = node

    def _write(self, node, offset, data, stable, kept=False):
        self.nodes[node].write(offset, data, stable or kept)
        self.nodes[node].uncommitted += not stable

    def _commit(self, node):
        self.nodes[node].commit()

    def _chmod(self, node, mode):
        self.nodes[node].mode = mode

    def _truncate(self, node, size):
        self.nodes[node].truncate(size)

    def _rename(self, source, target):
        if self.entries.get(target) == self.entries[source]:
            return  # two names of one file: nothing happens
        node_id = self.entries.pop(source)
        if target in self.entries:
            self.drop(target)
        self.entries[target] = node_id

    def _remove(self, where):
        self.drop(where)

    _rmdir = _remove

    def _link(self, node, where):
        self.entries[where] = node


def after_crash(state, pending):
    """The states that may be found if `pending` (or None) was under way: absent, whole, and for data in place in parts."""
    yield state
    if pending is None:
        return
    whole = state.copy()
    whole.apply(pending)
    yield whole
    if pending["do"] == "write":
        parts = state.copy()
        parts.nodes[pending["node"]].overwrite_in_parts(pending["offset"], pending["data"])
        yield parts
