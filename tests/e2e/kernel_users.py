"""Several users on kernel clients; root as root, and root as nobody."""

from lib.report import check, equal

ROOT = [0, 0, []]
ANN = [1001, 1001, [2000]]
BEN = [1002, 1002, [2000]]
EVE = [1003, 1003, []]
# More groups than AUTH_SYS carries (16): the file's group is the last.
MANY = [1004, 1004, list(range(3000, 3015)) + [2000]]
NOBODY = 65534


def expect(guest, rows):
    """rows: (user, action, path, wanted words)."""
    words = guest.call("act_all", rows=[row[:3] for row in rows])
    for (user, action, path, wanted), word in zip(rows, words):
        check(word in wanted.split("|"), f"user {user[0]}: {action} {path}: {word}, wanted {wanted}")


def users_and_groups(scene):
    a = scene.guest("A")
    path, _ = scene.directory("users")
    own = lambda name, uid, gid, mode: a.call("own", path=f"{path}/{name}", uid=uid, gid=gid, mode=mode)  # noqa: E731
    for name in ("private", "grouped", "public", "none"):
        a.call("write_file", path=f"{path}/{name}", seed=1, size=100)
    own("private", 1001, 1001, 0o600)
    own("grouped", 1001, 2000, 0o660)
    own("public", 1001, 1001, 0o644)
    own("none", 1001, 2000, 0o000)
    a.call("make_directory", path=f"{path}/shut")
    own("shut", 1001, 2000, 0o750)
    a.call("make_directory", path=f"{path}/tmp")
    own("tmp", 0, 0, 0o1777)
    no, never = "EACCES", "EPERM"
    expect(a, [
        (ANN, "read", f"{path}/private", "ok"), (ANN, "write", f"{path}/private", "ok"),
        (BEN, "read", f"{path}/private", no), (EVE, "write", f"{path}/private", no), (ROOT, "write", f"{path}/private", "ok"),
        (BEN, "write", f"{path}/grouped", "ok"), (EVE, "read", f"{path}/grouped", no), (MANY, "write", f"{path}/grouped", "ok"),
        (EVE, "read", f"{path}/public", "ok"), (EVE, "write", f"{path}/public", no), (ANN, "read", f"{path}/none", no),
        (ROOT, "read", f"{path}/none", "ok"),
        (BEN, "chmod", f"{path}/public", never), (BEN, "give away", f"{path}/public", never), (ANN, "give away", f"{path}/public", never),
        (ANN, "group 2000", f"{path}/public", "ok"), (EVE, "truncate", f"{path}/public", no), (EVE, "touch", f"{path}/public", no),
        (EVE, "touch to", f"{path}/public", never), (BEN, "touch", f"{path}/grouped", "ok"), (BEN, "touch to", f"{path}/grouped", never),
        (BEN, "list", f"{path}/shut", "ok"), (EVE, "list", f"{path}/shut", no), (EVE, "enter", f"{path}/shut", no),
        (BEN, "create", f"{path}/shut/x", no), (ANN, "create", f"{path}/shut/x", "ok"), (EVE, "device", f"{path}/tmp/device", never),
        (ANN, "create", f"{path}/tmp/anns", "ok"), (BEN, "remove", f"{path}/tmp/anns", "EPERM|EACCES"),
        (BEN, "rename", f"{path}/tmp/anns", "EPERM|EACCES"), (ANN, "rename", f"{path}/tmp/anns", "ok"),
        (ANN, "remove", f"{path}/tmp/anns.moved", "ok"),
    ])
    created = a.call("stat_of", path=f"{path}/shut/x")
    equal((created["uid"], created["gid"], created["mode"] & 0o7777), (1001, 1001, 0o644), "owner, group and mode of what ann created")


def set_ids_are_cleared(scene):
    """A write by somebody else and a change of the owner take the setuid and setgid bits away."""
    a = scene.guest("A")
    path, _ = scene.directory("setid")
    a.call("write_file", path=f"{path}/f", seed=1, size=10)
    a.call("own", path=f"{path}/f", uid=1001, gid=2000, mode=0o777)
    expect(a, [(ANN, "setid", f"{path}/f", "ok")])
    a.call("own", path=f"{path}/f", uid=1001, gid=2000, mode=0o6777)
    expect(a, [(EVE, "write", f"{path}/f", "ok")])
    a.call("forget_cache")
    equal(oct(a.call("stat_of", path=f"{path}/f")["mode"] & 0o7777), oct(0o777), "the mode after somebody's write")
    a.call("own", path=f"{path}/f", uid=1001, gid=2000, mode=0o6777)
    expect(a, [(ROOT, "give away", f"{path}/f", "ok")])
    equal(oct(a.call("stat_of", path=f"{path}/f")["mode"] & 0o7777), oct(0o777), "the mode after a chown")


def set_group_directory(scene):
    a = scene.guest("A")
    path, _ = scene.directory("setgid")
    a.call("own", path=path, uid=0, gid=2000, mode=0o2777)
    expect(a, [(EVE, "create", f"{path}/f", "ok"), (EVE, "mkdir", f"{path}/d", "ok")])
    equal(a.call("stat_of", path=f"{path}/f")["gid"], 2000, "the group of a file made there")
    found = a.call("stat_of", path=f"{path}/d")
    equal((found["gid"], bool(found["mode"] & 0o2000)), (2000, True), "group and setgid bit of a directory made there")


def squashed_root(scene):
    a = scene.guest("A")
    at = a.mount(scene.server, directory="/mnt/squashed", share="squashed", options="noac")
    expect(a, [
        (ROOT, "create", f"{at}/roots", "ok"), (ANN, "create", f"{at}/anns", "ok"), (ROOT, "give away", f"{at}/roots", "EPERM"),
        (ANN, "write", f"{at}/roots", "EACCES"), (ANN, "chmod", f"{at}/anns", "ok"), (ROOT, "read", f"{at}/anns", "EACCES"),
        (ROOT, "take", f"{at}/anns", "EPERM"), (ROOT, "chmod", f"{at}/anns", "EPERM"), (ROOT, "device", f"{at}/device", "EPERM"),
        (ROOT, "remove", f"{at}/anns", "EPERM|EACCES"), (ANN, "remove", f"{at}/anns", "ok"),
    ])
    found = a.call("stat_of", path=f"{at}/roots")
    equal((found["uid"], found["gid"]), (NOBODY, NOBODY), "the owner of what root created")
    expect(a, [(ROOT, "remove", f"{at}/roots", "ok")])
    a.call("unmount", directory=at)


def squashed_all(scene):
    a = scene.guest("A")
    at = a.mount(scene.server, directory="/mnt/everybody", share="everybody", options="noac")
    expect(a, [(ANN, "create", f"{at}/f", "ok")])
    found = a.call("stat_of", path=f"{at}/f")
    equal((found["uid"], found["gid"]), (NOBODY, NOBODY), "the owner of what ann created")
    # The client's kernel judges by the ids it has, so only what it leaves to the server can be asked for.
    expect(a, [(BEN, "create", f"{at}/g", "ok"), (ROOT, "remove", f"{at}/f", "ok")])
    a.call("unmount", directory=at)


def read_only(scene):
    a = scene.guest("A")
    at = a.mount(scene.server, directory="/mnt/readonly", share="readonly")
    expect(a, [(ROOT, "list", at, "ok"), (ROOT, "create", f"{at}/f", "EROFS"), (ANN, "mkdir", f"{at}/d", "EROFS|EACCES")])
    a.call("unmount", directory=at)


TESTS = [
    ("users: owner, group, others, sticky directory, 16 groups", users_and_groups),
    ("users: setuid and setgid bits go with a write and a chown", set_ids_are_cleared),
    ("users: a setgid directory hands its group on", set_group_directory),
    ("users: root squash", squashed_root),
    ("users: all squash", squashed_all),
    ("users: a read-only share", read_only),
]
