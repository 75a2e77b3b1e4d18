"""Two kernel clients that edit one tree at the same time, for a while: what either knows that it did, what both of them see in the
end, and what the server has must be one and the same, by checksums. EDIT_SECONDS says how long; the default suits every build.
"""

import hashlib
import os

from kernel_delegations import counts, grown
from lib.report import check, equal

SECONDS = int(os.environ.get("EDIT_SECONDS", "20"))
FEWEST = 2  # operations in a second, of each
EXCHANGE = "exchange"
LINK, DIRECTORY = 5, 2  # ftype3
CONTENDED_SECONDS = 8
LONGEST_SECONDS = 5  # so long a client of version 3 waits before it asks again


def in_the_server(scene, entry):
    """The tree as a client without a cache reads it: path -> what guest/editors.py says of it."""
    raw, root = scene.client()
    tree = {}

    def walk(directory, path):
        for each in raw.list(directory, plus=True):
            name = each.name.decode()
            if name in (".", ".."):
                continue
            node, below = raw.lookup(directory, each.name), f"{path}{name}"
            found = raw.getattr(node)
            if found.type == DIRECTORY:
                tree[below] = "directory"
                walk(node, below + "/")
            elif found.type == LINK:
                tree[below] = f"link to {raw.readlink(node).decode()}"
            else:
                tree[below] = f"{oct(found.mode & 0o7777)} {hashlib.sha256(raw.read_all(node)).hexdigest()}"
    with raw:
        walk(raw.lookup(root, entry.encode()), "")
    return tree


def handed_over(tree):
    """What lies in the exchange, by what its names say."""
    found = {}
    for path in tree:
        if path.startswith(EXCHANGE + "/"):
            _, _, mode, sum_ = path.split("-")
            found[path] = f"{mode} {sum_}"
    return found


def differences(found, wanted):
    return [(path, found.get(path), wanted.get(path)) for path in sorted({*found, *wanted}) if found.get(path) != wanted.get(path)]


def slowest(result):
    kind = max(result["slowest"], key=result["slowest"].get)
    return f"the slowest {kind} {result['slowest'][kind]:.1f} s"


def edited(versions):
    def test(scene):
        guests = [scene.mounted(name, version) for name, version in zip("AB", versions)]
        _, entry = scene.directory("edited")
        roots = [f"{directory}/{entry}" for _, directory in guests]
        guests[0][0].call("prepare_editing", root=roots[0])
        work = [guest.start("edit", root=root, tag=guest.name, seconds=SECONDS, seed=entry) for (guest, _), root in zip(guests, roots)]
        results = [each.wait(SECONDS + 300) for each in work]
        for guest, _ in guests:
            guest.call("forget_cache")
        trees = [guest.call("tree_of", root=root) for (guest, _), root in zip(guests, roots)]
        folders = {path: "directory" for path in trees[0] if path == EXCHANGE or path.startswith("folder-") and "/" not in path}
        equal(len(folders), 5, "the folders that were there from the beginning")
        wanted = {**folders, **handed_over(trees[0]), **results[0]["tree"], **results[1]["tree"]}
        for who, tree in (("A", trees[0]), ("B", trees[1]), ("the server", in_the_server(scene, entry))):
            equal(differences(tree, wanted)[:5], [], f"{who}: what is there, and what should be")
        done = [sum(result["counts"].values()) for result in results]
        check(min(done) >= FEWEST * SECONDS, f"{done} operations in {SECONDS} s: {results[0]['seconds']}, {results[1]['seconds']}")
        received = [result["received"] for result in results]
        check(min(received) > 0, f"files from one to the other: {received}")
        return (f"{done[0]} and {done[1]} operations, {sum(received)} files handed over, {len(wanted)} are left, "
                f"{slowest(results[0])}, {slowest(results[1])}")
    return test


def contended(versions):
    """At the same few files, some of which are open all the time and others replaced and removed: delegations come and go, and nobody is kept
    waiting for long."""
    def test(scene):
        guests = [scene.mounted(name, version) for name, version in zip("AB", versions)]
        _, entry = scene.directory("contended")
        before = counts(scene)
        work = [guest.start("contend", root=f"{at}/{entry}", tag=guest.name, seconds=CONTENDED_SECONDS, files=5) for guest, at in guests]
        results = [each.wait(CONTENDED_SECONDS + 120) for each in work]
        seen = grown(before, counts(scene))
        check(min(seen[name] for name in ("write_given", "recalled", "returned")) > 0, f"what became of delegations: {seen}")
        equal(seen["revoked"], 0, "revoked")
        done = [sum(count for count, _, _ in result.values()) for result in results]
        check(min(done) >= FEWEST * CONTENDED_SECONDS, f"{done} operations: {results}")
        longest = max(longest for result in results for _, _, longest in result.values())
        check(longest < LONGEST_SECONDS, f"an operation took {longest:.1f} s: {results}")
        return f"{done[0]} and {done[1]} operations, the longest took {longest:.1f} s, {seen['recalled']} recalls"
    return test


PAIRS = (("3", "4.2"), ("4.2", "4.2"))
TESTS = [(f"kernel {a} and {b}: two clients edit one tree", edited((a, b))) for a, b in PAIRS]
TESTS += [(f"kernel {a} and {b}: two clients want the same files", contended((a, b))) for a, b in PAIRS]
