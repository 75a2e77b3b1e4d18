"""The POSIX matrix (posix_matrix): some ten thousand cells of who does what to which node where, by kernel clients and on tmpfs."""

import collections
import contextlib
import dataclasses
import functools
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from lib import kernel, nfs3, server
from lib.namespace import ROOT
from lib.report import Skip, check, equal
from posix_matrix import cells, differences, plan, preparing
from posix_matrix.model import Rules

SHOWN = 12
LOCAL = ROOT / "tests/e2e/guest/posix_cells.py"
MEMORY = Path("/dev/shm")  # a disk's syncs would be most of the time
# Share -> what is done there, what becomes of it when the scenes are there, and what it is then.
SHARES = {
    "matrix": (lambda: (cell for cell in cells.cells() if not cell.read_only), {}, Rules()),
    "readonly": (lambda: (cell for cell in cells.cells() if cell.read_only), {"read_only": True}, Rules(read_only=True)),
    "squashed": (cells.squashed, {"squash": "root"}, Rules()),
}


def judge(parts):
    """parts: [(plan, results, the rules of a cell)] -> how many cells there were; fails with those that differ."""
    differing = [one for planned, results, rules_of in parts for one in planned.judge(results, rules_of)]
    count = sum(len(results) for _, results, _ in parts)
    check(not differing, f"{len(differing)} of {count} cells:\n{kinds_of(differing)}\n" + "\n".join(map(told, differing[:SHOWN])))
    return f"{count} cells"


def kinds_of(differing):
    """How many differ in the same way."""
    ways = collections.Counter((cell.call[0], want[0] or "ok", got[0] or "ok", cell.read_only) for cell, want, got in differing)
    return "\n".join(f"    {number} x {call}: {got}, wanted {want}{', read-only' if read_only else ''}"
                     for (call, want, got, read_only), number in ways.most_common(SHOWN))


def told(one):
    cell, (want, wanted), (got, found) = one
    lines = [f"{cell}: {got or 'ok'}, wanted {want or 'ok'}"]
    lines += [f"    {path}: {is_}, wanted {should}" for path, is_, should in zip(cell.watched, found, wanted) if is_ != should]
    return "\n".join(lines)


@functools.cache
def planned():
    return {share: (plan.Plan(of(), rules), rules) for share, (of, _, rules) in SHARES.items()}


def on_this_host(_):
    """What the model is worth: this host's kernel does as it says."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        raise Skip("it takes root to be several users, and to mount a file system of its own")
    here = [plans for share, plans in planned().items() if share != "squashed"]
    parts = [[[dataclasses.astuple(item) for item in one.items()], list(one.rows()), rules.read_only] for one, rules in here]
    command = ["unshare", "--mount", "--propagation", "private", "python3", str(LOCAL)]
    done = subprocess.run(command, input=json.dumps(parts).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    said = done.stderr.decode()
    if done.returncode != 0 and ("ermission denied" in said or "not permitted" in said):
        raise Skip(f"this host does not let root mount a file system, or make devices: {said[-200:]}")
    check(done.returncode == 0, said[-800:])
    value = json.loads(done.stdout)
    return judge([(one, results, lambda _, rules=dataclasses.replace(rules, **value["protections"]): rules)
                  for (one, rules), results in zip(here, value["results"])])


@contextlib.contextmanager
def prepared(plans):
    """A server of its own with the scenes in its shares, which are then made what they are to be."""
    if server.uses_ganesha():
        raise Skip("another server has other settings")
    with tempfile.TemporaryDirectory(prefix="ditto-posix-", dir=MEMORY if MEMORY.is_dir() else None) as scratch:
        os.chmod(scratch, 0o755)
        shares = [{"name": name, "squash": "none", "root_mode": "0755"} for name in SHARES]
        with server.Nfsd(scratch, shares=shares) as one:
            for name, (planned_, _) in plans.items():
                with nfs3.Client(one.port) as client:
                    preparing.make_all(client, client.mount(one.path(name)), planned_.items())
            one.shares = [{**share, **SHARES[share["name"]][1]} for share in shares]
            done = subprocess.run([str(server.NFSD), "--config", str(one.write_configuration()), "--reload"], stdout=subprocess.PIPE, timeout=60)
            check(b"changed /readonly, /squashed" in done.stdout, f"--reload: {done.stdout.decode()}")
            yield one


def through(version):
    def test(scene):
        guest, plans, parts = scene.guest("A"), planned(), []
        protections = guest.call("protections")
        with prepared(plans) as one:
            for share, (planned_, rules) in plans.items():
                at = guest.mount(one, directory=f"/mnt/{share}-posix", share=share, version=version)
                try:
                    results = guest.call("matrix", at=at, rows=list(planned_.rows()))
                finally:
                    guest.call("unmount", directory=at)
                parts.append((planned_, results, differences.over_nfs(dataclasses.replace(rules, **protections), version)))
        return judge(parts)
    return test


def finds_what_is_wrong(_):
    """An error, a time and a link count that are other than they should be are each found."""
    one, rules = planned()["matrix"]
    results = [plan.outcome(cell, rules) for cells_ in one.cells for cell in cells_]
    equal(one.judge(results, lambda _: rules), [], "cells that differ from themselves")
    wrong = [at for at, (error, _) in enumerate(results) if not error][::20]
    for number, at in enumerate(wrong):
        error, found = results[at]
        was, ctime, mtime, kind, mode, uid, gid, nlink, size = found[0]
        other = (("EIO", found), (error, [[was, "back", mtime, kind, mode, uid, gid, nlink, size], *found[1:]]),
                 (error, [[was, ctime, mtime, kind, mode, uid, gid, nlink + 1, size], *found[1:]]))
        results[at] = list(other[number % 3])
    equal(len(one.judge(results, lambda _: rules)), len(wrong), "cells found to differ")
    return f"{len(wrong)} planted"


def differences_are_needed(_):
    """Without any row of the table some cell would be judged otherwise, by each version that it is for."""
    for version in ("3", "4.2"):
        for flag in differences.flags(version):
            for one, rules in planned().values():
                judged, without = (differences.over_nfs(rules, version, leave_out=left) for left in ("", flag))
                if any(plan.outcome(cell, judged(cell)) != plan.outcome(cell, without(cell)) for cells_ in one.cells for cell in cells_):
                    break
            else:
                check(False, f"{flag} makes no difference by version {version}")


HOST_TESTS = [
    ("posix: the model is as this host's kernel, on tmpfs", on_this_host),
    ("posix: what differs from the model is found", finds_what_is_wrong),
    ("posix: each difference of NFS is needed", differences_are_needed),
]
TESTS = [(f"posix {version}: types x calls x users x directories, limits, loops", through(version)) for version in ("3", "4.2")]
