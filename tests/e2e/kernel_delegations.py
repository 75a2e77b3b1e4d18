"""Delegations with two kernel clients: given, worth something, recalled and returned, by the counters of both sides."""

import time

from kernel_v4 import VERSIONS
from lib import nfs3
from lib.report import Skip, check, equal, eventually
from own_server import MOUNT, mounted

LEASE_SECONDS = 8
READY_SECONDS = 40
OPENS = 20
REST_SECONDS = 5.5  # after a recall nobody is given one of the file
RETURN_SECONDS = 10


def counts(scene):
    if not hasattr(scene.server, "status"):
        raise Skip("this server has no counters of delegations")
    return scene.server.status()["nfs4_delegations"]


def grown(before, now):
    return {name: now[name] - before[name] for name in now if name != "held"}


def file_of(scene, version, text=b"first"):
    """Made by a client of NFSv3, so that nobody has anything of it: (path in guests, name of its directory)."""
    path, entry = scene.directory("delegated", version)
    raw, root = scene.client()
    with raw:
        directory = raw.lookup(root, entry.encode())
        made = raw.create(directory, b"file", mode=0o666)
        raw.write(made, 0, text)
    return path + "/file"


def warm_up(scene, version, guest):
    """A client of 4.0 is given nothing before it has answered at its callback address, and confirmed its owner."""
    def given():
        before = counts(scene)["read_given"]
        guest.call("open_again", path=file_of(scene, version), times=1)
        return counts(scene)["read_given"] > before
    eventually(given, READY_SECONDS, "the first delegation", pause=0.5)


def write_patiently(raw, file, text):
    """As a client of NFSv3 has to, while others have it to themselves."""
    started = time.monotonic()
    while True:
        try:
            return raw.write(file, 0, text)
        except nfs3.NfsError as error:
            if error.status != nfs3.Status.JUKEBOX or time.monotonic() - started > RETURN_SECONDS:
                raise


def mount_of(path):
    return path[:path.index("/", len("/mnt/"))]


def reads_by_itself(version):
    """Who may only read opens and reads without asking, beside others, until somebody writes."""
    def test(scene):
        a, b = scene.two(version)
        for guest in (a, b):
            warm_up(scene, version, guest)
        path = file_of(scene, version)
        at, before = mount_of(path), counts(scene)
        for guest in (a, b):
            equal(guest.call("open_again", path=path, times=1), ["first"], "what is there")
        equal(grown(before, counts(scene))["read_given"], 2, "delegations to read")
        first = a.call("operation_counts", directory=at)
        equal(a.call("open_again", path=path, times=OPENS), ["first"], "what is there")
        asked = a.call("operation_counts", directory=at)
        equal({name: asked[name] - first[name] for name in ("OPEN", "OPEN_NOATTR", "READ")}, {"OPEN": 0, "OPEN_NOATTR": 0, "READ": 0}, "asked for")
        raw, root = scene.client()
        with raw:
            directory = raw.lookup(root, path.split("/")[-2].encode())
            write_patiently(raw, raw.lookup(directory, b"file"), b"other")
        for guest in (a, b):
            equal(guest.call("open_again", path=path, times=1), ["other"], "what is there")
        seen = grown(before, counts(scene))
        equal([seen[name] for name in ("recalled", "returned", "revoked")], [2, 2, 0], "recalled, returned, revoked")
        returned = a.call("operation_counts", directory=at)["DELEGRETURN"] - first["DELEGRETURN"]
        equal(returned, 1, "DELEGRETURNs of one client")
    return test


def writes_by_itself(version):
    """Who alone has a file keeps what it writes; who looks is told, and who reads gets it."""
    def test(scene):
        a, b = scene.two(version)
        warm_up(scene, version, a)
        path = file_of(scene, version)
        before = counts(scene)
        opened = a.call("append_open", path=path, text=", second")
        equal(grown(before, counts(scene))["write_given"], 1, "delegations to write")
        equal(b.call("size_of", path=path), len("first, second"), "its size, for another client")
        seen = grown(before, counts(scene))
        check(seen["asked"] >= 1, f"nobody asked: {seen}")
        equal(seen["recalled"], 0, "recalled by being looked at")
        # What it has not written when it must let others in it writes at the latest when it closes the file.
        check(b.call("open_again", path=path, times=1)[0] in ("first", "first, second"), "another client reads something else")
        a.call("close_number", number=opened)
        equal(b.call("open_again", path=path, times=1), ["first, second"], "what another client reads")
        seen = grown(before, counts(scene))
        equal([seen[name] for name in ("recalled", "returned", "revoked")], [1, 1, 0], "recalled, returned, revoked")
        time.sleep(REST_SECONDS)
        a.call("close_number", number=a.call("append_open", path=path, text=", third"))
        equal(b.call("open_again", path=path, times=1), ["first, second, third"], "what another client reads")
        equal(counts(scene)["write_given"] - before["write_given"], 2, "delegations to write")
    return test


def reclaimed(version):
    """What a client kept to itself when the server was killed it has back, and nobody reads around it."""
    def test(scene):
        a, b = scene.two(version)
        with mounted(version, a, b, lease_seconds=LEASE_SECONDS) as one:
            path = f"{MOUNT}/kept"
            a.call("write_file", path=path, seed=1, size=5)
            opened = a.call("append_open", path=path, text=" and more")
            equal(one.status()["nfs4_delegations"]["held"], 1, "delegations")
            one.kill()
            one.start()
            eventually(lambda: one.status()["nfs4_delegations"]["write_given"] == 1, LEASE_SECONDS + RETURN_SECONDS, "its reclaim", pause=0.2)
            equal(b.call("size_of", path=path), len(" and more") + 5, "the size that another client sees")
            a.call("close_number", number=opened)
            seen = one.status()["nfs4_delegations"]
            equal(seen["revoked"], 0, "revoked")
    return test


TESTS = [test for version in VERSIONS for test in (
    (f"kernel {version}: delegations to read, until somebody writes", reads_by_itself(version)),
    (f"kernel {version}: delegations to write, looked at and recalled", writes_by_itself(version)),
    (f"kernel {version}: delegations to write, reclaimed from a server that was killed", reclaimed(version)),
)]
