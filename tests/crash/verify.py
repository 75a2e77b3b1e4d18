"""Compares what a restarted server shows with what the lanes' models allow."""

import stat

from lib import nfs3
from lib.report import check

from lanes import short
from model import after_crash

KINDS = {nfs3.REG: "file", nfs3.DIR: "directory", nfs3.LNK: "symlink"}


class Found:
    """The server's tree: for the shared directories and those inside, name -> entry."""

    def __init__(self, client, shared):
        self.client, self.contents = client, {}
        self.tree = {name: self.walk(handle, name) for name, handle in shared.items()}

    def walk(self, handle, path):
        entries = {}
        for entry in self.client.list(handle, plus=True, count=1 << 18):
            check(entry.name not in entries, f"{path} lists {entry.name[:60]!r} twice")
            check(entry.attributes is not None and entry.handle, f"READDIRPLUS of {path} gives nothing for {entry.name[:60]!r}")
            below = None
            if entry.attributes.type == nfs3.DIR:
                below = self.walk(entry.handle, f"{path}/{entry.name[:40]!r}")
            entries[entry.name] = (entry, below)
        folders = sum(1 for _, below in entries.values() if below is not None)
        links = self.client.getattr(handle).nlink
        check(links == 2 + folders, f"{path} has {links} links and {folders} directories")
        return entries

    def content(self, entry):
        if entry.fileid not in self.contents:
            self.contents[entry.fileid] = self.client.read_all(entry.handle)
        return self.contents[entry.fileid]

    def names(self):
        return {name for entries in self.tree.values() for name in entries}


def mismatch(lane, state, found, thorough):
    """Why the tree cannot be this state of the lane, or ''."""
    prefix = lane.name.encode() + b"-"
    for top in found.tree:
        mine = {name: value for name, value in found.tree[top].items() if name.startswith(prefix)}
        if why := directory_mismatch(lane, state, top, mine, found, thorough):
            return why
    return ""


def directory_mismatch(lane, state, directory, entries, found, thorough):
    wanted = state.names_in(directory)
    if wanted.keys() != entries.keys():
        missing, extra = sorted(wanted.keys() - entries.keys()), sorted(entries.keys() - wanted.keys())
        return f"{directory}: missing {[n[:50] for n in missing[:3]]}, extra {[n[:50] for n in extra[:3]]}"
    for name, node_id in wanted.items():
        entry, below = entries[name]
        if why := node_mismatch(lane, state, node_id, entry, found, thorough):
            return f"{directory}/{name[:50]!r} ({node_id}): {why}"
        if below is not None and (why := directory_mismatch(lane, state, node_id, below, found, thorough)):
            return why
    return ""


def node_mismatch(lane, state, node_id, entry, found, thorough):
    node, attributes = state.nodes[node_id], entry.attributes
    if KINDS.get(attributes.type) != node.kind:
        return f"it is a {KINDS.get(attributes.type)}, not a {node.kind}"
    if node.handle is not None and (node.handle, node.fileid) != (entry.handle, entry.fileid):
        return "it is another file than before"
    if node.mode is not None and stat.S_IMODE(attributes.mode) != node.mode:
        return f"its mode is {attributes.mode:o}, not {node.mode:o}"
    if node.kind == "symlink" and (node_id in lane.touched or thorough) and found.client.readlink(entry.handle) != node.target:
        return "it points elsewhere"
    if node.kind != "directory" and attributes.nlink != state.links(node_id):
        return f"it has {attributes.nlink} links, not {state.links(node_id)}"
    if node.kind == "file":
        if attributes.size not in node.sizes:
            return f"its size is {attributes.size}, not one of {sorted(node.sizes)}"
        if thorough or node_id in lane.touched:
            return node.mismatch(found.content(entry))
    return ""


def settle(lane, state, found):
    """Takes what was found as the lane's state."""
    lane.state, lane.pending = state, None
    for directory in ["left", "right", *state.of_kind("directory")]:
        for name, node_id in state.names_in(directory).items():
            entry = locate(state, found, directory, name)
            node = state.nodes[node_id]
            node.handle, node.fileid = entry.handle, entry.fileid
            if node.kind == "file":
                node.mode = stat.S_IMODE(entry.attributes.mode)
                if node_id in lane.touched:
                    node.settle(found.content(entry))
    lane.touched.clear()


def locate(state, found, directory, name):
    if directory in found.tree:
        return found.tree[directory][name][0]
    (parent, own), = [where for where, node_id in state.entries.items() if node_id == directory]
    return found.tree[parent][own][1][name][0]


def check_lane(lane, found, thorough=False):
    """Returns "whole" or "absent" for the pending operation ("" if there was none); raises AssertionError."""
    reasons = []
    for number, state in enumerate(after_crash(lane.state, lane.pending)):
        if not (why := mismatch(lane, state, found, thorough)):
            word = "" if lane.pending is None else ("absent", "whole", "in parts")[number]
            settle(lane, state, found)
            return word
        reasons.append(why)
    under_way = short(lane.pending) if lane.pending else "nothing"
    raise AssertionError(f"lane {lane.name}, under way: {under_way}: " + "; or: ".join(reasons))


def check_nothing_else(lanes, found):
    known = {name for lane in lanes for directory in ("left", "right") for name in lane.state.names_in(directory)}
    extra = found.names() - known
    check(not extra, f"{len(extra)} entries that nobody made, among them {sorted(extra)[:3]}")
    ids = {}
    for lane in lanes:
        for node_id, node in lane.state.nodes.items():
            check(ids.setdefault(node.fileid, node_id) == node_id, f"{node_id} and {ids[node.fileid]} have one inode number")
    return ids
