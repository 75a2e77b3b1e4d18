"""Access control lists on kernel clients: set and shown by nfs4-acl-tools, and enforced between users of two clients."""

import re

from kernel_users import ANN, BEN, EVE, MANY, ROOT, expect
from lib.report import check, equal, eventually

VERSIONS = ("4.0", "4.2")


def shown_and_set(scene, version):
    """What a mode means is shown; what is set comes back, and the mode follows, and the other way round."""
    guest, _ = scene.mounted("A", version)
    path = scene.directory("shown", version)[0] + "/file"
    guest.call("write_file", path=path, seed=1, size=10)
    guest.call("own", path=path, uid=1001, gid=2000, mode=0o640)
    shown = guest.call("get_list", path=path)
    check(any(entry.startswith("A::OWNER@:") and "w" in entry for entry in shown), f"the mode's list has no owner who writes: {shown}")
    equal([entry for entry in shown if entry.startswith("A::EVERYONE@")], ["A::EVERYONE@:tc"], "what 0640 leaves everyone")
    wanted = ["A::OWNER@:rwatTcC", "D::1002:wa", "A::1002:rtc", "A:g:GROUP@:rtc", "A::EVERYONE@:tc"]
    guest.call("set_list", path=path, entries=wanted)
    equal(guest.call("get_list", path=path), [entry.replace("A:g:GROUP@", "A::GROUP@") for entry in wanted], "the list that was set")
    guest.call("forget_cache")
    equal(oct(guest.call("stat_of", path=path)["mode"] & 0o7777), oct(0o640), "the list's mode")
    guest.call("own", path=path, uid=1001, gid=2000, mode=0o600)
    left = guest.call("get_list", path=path)
    check(not any(entry.startswith("A::1002:") and "r" in entry for entry in left), f"0600 leaves somebody else reading: {left}")


def enforced(scene, version):
    """Between two clients: what one sets, users of the other are held to, by version 3 as well."""
    a, b = scene.two(version)
    path, entry = scene.directory("enforced", version)
    a.call("write_file", path=f"{path}/f", seed=1, size=10)
    a.call("own", path=f"{path}/f", uid=1001, gid=1001, mode=0o600)
    no = "EACCES"
    expect(b, [(BEN, "read", f"{path}/f", no), (MANY, "read", f"{path}/f", no)])
    a.call("set_list", path=f"{path}/f", entries=["A::OWNER@:rwatTcCy", "A::1002:rtc", "D::1003:r", "A:g:2000:rwatc", "A::EVERYONE@:tc"])
    rows = lambda at: [  # noqa: E731
        (BEN, "write", f"{at}/f", "ok"), (BEN, "read", f"{at}/f", "ok"), (EVE, "read", f"{at}/f", no), (EVE, "write", f"{at}/f", no),
        (MANY, "read", f"{at}/f", "ok"), (MANY, "write", f"{at}/f", "ok"), (ANN, "write", f"{at}/f", "ok"), (ROOT, "read", f"{at}/f", "ok"),
        (BEN, "chmod", f"{at}/f", "EPERM"),
    ]
    b.call("forget_cache")
    expect(b, rows(path))
    v3, at3 = scene.mounted("B", "3")
    expect(v3, rows(f"{at3}/{entry}"))


def inherited(scene, version):
    """Entries for what is made in a directory are there at once, and decide, whatever the umask."""
    a, b = scene.two(version)
    path, _ = scene.directory("inherited", version)
    a.call("own", path=path, uid=0, gid=0, mode=0o755)
    a.call("set_list", path=path, entries=["A::OWNER@:rwaDxtTnNcCoy", "A:fd:1001:rwaDxtTnNcCoy", "A:fdi:1002:rxtncy", "A::EVERYONE@:rxtncy"])
    expect(b, [(ANN, "create", f"{path}/anns", "ok"), (BEN, "create", f"{path}/bens", "EACCES"), (ANN, "mkdir", f"{path}/d", "ok")])
    expect(b, [(ANN, "create", f"{path}/d/deeper", "ok"), (BEN, "create", f"{path}/d/bens", "EACCES")])
    entries = a.call("get_list", path=f"{path}/d")
    check(any("1002" in entry and "fd" in entry for entry in entries), f"the directory below hands nothing on: {entries}")
    # Not what was made by O_EXCL: version 4.0 says nothing of its mode then, and it inherits nothing.
    a.call("write_file", path=f"{path}/d/written", seed=1, size=10)
    of_file = a.call("get_list", path=f"{path}/d/written")
    check(any(entry.startswith("A::1002:") and "r" in entry for entry in of_file), f"the file inherited nothing: {of_file}")


def removed(scene, version):
    """DELETE_CHILD is enough to remove, where nothing else may be changed."""
    a, b = scene.two(version)
    path, _ = scene.directory("removed", version)
    a.call("write_file", path=f"{path}/f", seed=1, size=10)
    a.call("set_list", path=f"{path}", entries=["A::OWNER@:rwaDxtTcCy", "A::1002:rwaDxtcy", "D::EVERYONE@:waD", "A::EVERYONE@:rxtcy"])
    expect(b, [(EVE, "remove", f"{path}/f", "EACCES"), (EVE, "create", f"{path}/g", "EACCES"), (BEN, "create", f"{path}/g", "ok"), (BEN, "remove", f"{path}/f", "ok")])


def recorded(scene, version):
    """What an entry of type U asks for is in the server's log: who did what to which file, from where; by version 3 as well."""
    a, b = scene.two(version)
    path, entry = scene.directory("recorded", version)
    a.call("write_file", path=f"{path}/f", seed=1, size=10)
    a.call("own", path=f"{path}/f", uid=1001, gid=1001, mode=0o640)
    a.call("add_entry", path=f"{path}/f", entry="U:SF:EVERYONE@:rwa")
    kept = next(each for each in a.call("get_list", path=f"{path}/f") if each.startswith("U:"))
    a.call("own", path=f"{path}/f", uid=1001, gid=1001, mode=0o600)
    equal([each for each in a.call("get_list", path=f"{path}/f") if each.startswith("U:")], [kept], "the entry after a change of the mode")
    b.call("forget_cache")
    before = scene.server.status()["audit"]
    expect(b, [(ANN, "read", f"{path}/f", "ok"), (BEN, "read", f"{path}/f", "EACCES")])
    after = scene.server.status()["audit"]
    check(after["granted"] > before["granted"] and after["refused"] > before["refused"], f"from {before} to {after}")
    def told(user, outcome):
        line = re.compile(rf" audit user {user}, group {user}, at [0-9.]+ was {outcome} READ_DATA.* of file \d+ in share export: /{entry}/f$", re.MULTILINE)
        return lambda: line.search(scene.server.process.output)
    eventually(told(1001, "granted"), 10, "the log's line of who reads")
    eventually(told(1002, "refused"), 10, "the log's line of who may not")
    v3, at3 = scene.mounted("B", "3")
    expect(v3, [(EVE, "read", f"{at3}/{entry}/f", "EACCES")])
    eventually(told(1003, "refused"), 10, "the log's line of who may not by version 3")


def by(version, test):
    return lambda scene: test(scene, version)


TESTS = [(f"acl {version}: {name}", by(version, test)) for version in VERSIONS for name, test in (
    ("a list is shown, set, and tied to the mode", shown_and_set),
    ("lists hold for users of both clients, and by version 3", enforced),
    ("lists are inherited", inherited),
    ("lists say who removes", removed),
    ("what lists record is in the log", recorded),
)]
