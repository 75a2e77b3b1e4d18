"""Who may include whom: the table of docs/architecture.md. A new edge is a decision: it is made here, and there."""

import re

from source import Finding, rule

# Room -> rooms (or single headers) of libditto that its files may include; a room may always include itself and base.
# The longest matching folder is a file's room.
EDGES = {
    "base": [],
    "wire": [],
    "store": [],
    "state": [],
    "auth": [],
    "vfs": ["store"],
    "rpc": ["wire"],
    "gate": ["vfs", "state"],
    # Protocols touch nodes through the gate only; of vfs they see what the gate's own signatures are made of.
    "nfs": ["gate", "state", "auth", "rpc", "wire", "vfs/access.hpp", "vfs/acl/acl.hpp", "vfs/acl/mode.hpp", "vfs/acl/parts.hpp",
            "vfs/attributes.hpp", "vfs/credential.hpp", "vfs/file_system.hpp", "vfs/filehandle.hpp", "vfs/node.hpp"],
    "smb": ["gate", "auth", "wire", "vfs/access.hpp", "vfs/acl/acl.hpp", "vfs/acl/mode.hpp", "vfs/acl/parts.hpp",
            "vfs/attributes.hpp", "vfs/credential.hpp", "vfs/file_system.hpp", "vfs/filehandle.hpp", "vfs/node.hpp"],
    "server": ["wire", "store", "state", "auth", "vfs", "rpc", "gate", "nfs", "smb", "include"],
    "capi": ["server", "include"],
    "include": [],
}

# What is not ours -> the paths that may include it.
EXTERNAL = {
    r"asio(\.hpp|/.*)": r"libditto/(base/task[^/]*|rpc/.*|server/.*)",
    r"lmdb\.h": r"libditto/store/kv/lmdb.*",
    r"nlohmann/.*": r"libditto/server/.*",
    r"openssl/.*": r"libditto/base/crypto[^/]*\.cpp",
    r"fmt/.*": r"libditto/.*\.cpp",
    r"CLI/.*": r"servers/.*",
    r"catch2/.*": r"tests/.*",
}
OPEN_TO_TESTS = re.compile(r"tests/")

FACE_ONLY = ("servers", "examples", "bindings")


def room_of(path):
    """libditto/store/kv/lmdb.cpp -> store; None outside of libditto."""
    parts = path.split("/")
    return parts[1] if parts[0] == "libditto" and len(parts) > 2 else None


@rule("rooms include only the rooms they stand on")
def room_edges(tree):
    rooms = {room_of(s.path) for s in tree.under("libditto")}
    for source in tree.cpp("libditto"):
        room = room_of(source.path)
        if room not in EDGES:
            yield Finding(source.path, 1, f"the room '{room}' is not in the table of tests/tidy/edges.py")
            continue
        for line, name in source.includes:
            target = "include" if name.startswith("ditto/") else name.split("/")[0]
            if target not in rooms and target not in EDGES:
                continue
            allowed = ["include"] if room == "include" else [room, "base", *EDGES[room]]
            if target not in allowed and name not in allowed:
                yield Finding(source.path, line, f"{room} may not include {name}")


@rule("includes within libditto are spelled from its root")
def spelled_from_root(tree):
    for source in tree.cpp("libditto"):
        folder = source.path.rsplit("/", 1)[0]
        for line, name in source.includes:
            if name.startswith(".") or ("/" not in name and (tree.root / folder / name).is_file()):
                yield Finding(source.path, line, f'"{name}" is not spelled from libditto/')


@rule("servers, examples and bindings see include/ditto only")
def face_only(tree):
    for source in tree.cpp(*FACE_ONLY):
        for line, name in source.includes:
            first = name.split("/")[0]
            if first in EDGES and "/" in name and not (tree.root / source.path.split("/")[0] / name).is_file():
                yield Finding(source.path, line, f"{name} is inside libditto: use include/ditto")
            elif "libditto/" in name:
                yield Finding(source.path, line, f"{name} is inside libditto: use include/ditto")


@rule("libraries are included only where the design has them")
def external_libraries(tree):
    for source in tree.cpp("libditto", *FACE_ONLY, "tests"):
        for line, name in source.includes:
            for library, where in EXTERNAL.items():
                if not re.fullmatch(library, name) or re.fullmatch(where, source.path):
                    continue
                if not OPEN_TO_TESTS.match(source.path):
                    yield Finding(source.path, line, f"{name} may be included only in {where}")
