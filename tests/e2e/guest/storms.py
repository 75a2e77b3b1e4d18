"""Loads that two clients put on the same directories at the same time."""

import errno
import os
import random
import time


def churn(directory, seconds, tag):
    """Creates, renames and removes entries among those that are there. Returns how many of each."""
    rng, end, mine, counts, number = random.Random(tag), time.monotonic() + seconds, [], [0, 0, 0], 0
    while time.monotonic() < end:
        what = rng.randrange(3) if len(mine) > 20 else 0
        if what == 0:
            number += 1
            mine.append(f"{directory}/churn-{tag}-{number}")
            os.close(os.open(mine[-1], os.O_CREAT | os.O_EXCL, 0o644))
        elif what == 1:
            number += 1
            at = rng.randrange(len(mine))
            os.rename(mine[at], f"{directory}/churn-{tag}-{number}")
            mine[at] = f"{directory}/churn-{tag}-{number}"
        else:
            os.unlink(mine.pop(rng.randrange(len(mine))))
        counts[what] += 1
    return counts


def list_checked(directory, prefix, count):
    """One listing must hold the entries PREFIX0 .. PREFIX(count-1) once each, and nothing twice. Returns its length."""
    got = os.listdir(directory)
    assert len(got) == len(set(got)), f"{len(got) - len(set(got))} entries came twice"
    missing = {f"{prefix}{number}" for number in range(count)} - set(got)
    assert not missing, f"{len(missing)} of {count} entries are missing, among them {sorted(missing)[:3]}"
    return len(got)


def prepare_storm(root, tokens):
    """Two directories; in each, files that hold their own token."""
    for side in ("left", "right"):
        os.makedirs(f"{root}/{side}", exist_ok=True)
    for token in range(tokens):
        with open(f"{root}/left/start-{token}", "w") as file:
            file.write(f"token {token}")


def rename_storm(root, seconds, tag, names, own):
    """Moves entries between the directories, onto each other too (shared names), while somebody else does the same; and
    moves `own` files that nobody else touches. Returns how many renames worked and how many lost a race."""
    rng, end, worked, lost = random.Random(tag), time.monotonic() + seconds, 0, 0
    mine = []
    for number in range(own):
        mine.append(f"{root}/left/own-{tag}-{number}-0")
        with open(mine[-1], "w") as file:
            file.write(f"own {tag} {number}")
    generation = 0
    while time.monotonic() < end:
        if rng.random() < 0.4:
            at = rng.randrange(own)
            generation += 1
            target = f"{root}/{rng.choice(['left', 'right'])}/own-{tag}-{at}-{generation}"
            os.rename(mine[at], target)
            mine[at] = target
            worked += 1
            continue
        source = f"{root}/{rng.choice(['left', 'right'])}/start-{rng.randrange(names)}"
        target = f"{root}/{rng.choice(['left', 'right'])}/start-{rng.randrange(names)}"
        try:
            os.rename(source, target)
            worked += 1
        except OSError as error:
            assert error.errno in (errno.ENOENT, errno.ESTALE), f"{source} to {target}: {error}"
            lost += 1
    return [worked, lost, mine]


def check_storm(root, owned):
    """After the storm: no token twice, no entry without a whole token, every own file where its owner left it."""
    seen = {}
    for side in ("left", "right"):
        for name in os.listdir(f"{root}/{side}"):
            path = f"{root}/{side}/{name}"
            with open(path) as file:
                token = file.read()
            assert token.split(" ")[0] in ("token", "own"), f"{path} holds {token!r}"
            assert token not in seen, f"{token} is at {seen.get(token)} and at {path}"
            assert os.stat(path).st_nlink == 1, f"{path} has {os.stat(path).st_nlink} links"
            seen[token] = path
    for path in owned:
        assert path in seen.values(), f"{path} is gone"
    return len(seen)


def folder_storm(root, seconds, tag, count):
    """Moves directories into each other; a move that would make a circle must be refused."""
    rng, end, worked, refused = random.Random(tag), time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        places = [path for path, _, _ in os.walk(root)]
        source, target = rng.choice(places), rng.choice(places)
        if source == root:
            continue
        try:
            os.rename(source, f"{target}/{os.path.basename(source)}")
            worked += 1
        except OSError as error:
            allowed = (errno.ENOENT, errno.ESTALE, errno.EINVAL, errno.ENOTEMPTY, errno.EEXIST)
            assert error.errno in allowed, f"{source} to {target}: {error}"
            refused += 1
    return [worked, refused]


def prepare_folders(root, count):
    for number in range(count):
        os.makedirs(f"{root}/f{number}")


def check_folders(root, count):
    """Every directory can still be reached from the root, once, and its link count is right."""
    found = []
    for path, folders, _ in os.walk(root):
        found += folders
        links = os.stat(path).st_nlink
        assert links == 2 + len(folders), f"{path} has {links} links and {len(folders)} directories"
    assert sorted(found) == sorted(f"f{number}" for number in range(count)), f"found {sorted(found)}"


def create_many(directory, tag, count):
    """Creates files exclusively and writes to each; returns when all are on the server."""
    for number in range(count):
        file = os.open(f"{directory}/{tag}-{number}", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o640)
        os.write(file, f"{tag} {number}".encode() * 50)
        os.close(file)


def check_many(directory, tag, count):
    for number in range(count):
        with open(f"{directory}/{tag}-{number}") as file:
            assert file.read() == f"{tag} {number}" * 50, f"{tag}-{number} is not whole"
        assert os.stat(f"{directory}/{tag}-{number}").st_mode & 0o777 == 0o640, f"{tag}-{number} has another mode"
    assert len(os.listdir(directory)) == count, f"{len(os.listdir(directory))} entries, wanted {count}"


def contend(root, tag, seconds, files):
    """Writes, reads, replaces, removes and looks at the same few files as somebody else does, and keeps some open for a while.
    Kind -> how often, how long all of it took, and the longest."""
    chance, end, kinds, kept = random.Random(tag), time.monotonic() + seconds, {}, []

    def append(path):
        with open(path, "a") as file:
            file.write(tag)

    def write(path):
        with open(path, "w") as file:
            file.write(tag * chance.randrange(5000))

    def read(path):
        with open(path) as file:
            file.read()

    def replace(path):
        write(f"{root}/{tag}-new")
        os.rename(f"{root}/{tag}-new", path)

    def keep(path):
        kept.append(open(path, "a+"))
        kept[-1].write(tag)
        kept[-1].flush()
        if len(kept) > 3:
            kept.pop(0).close()

    def listed(path):
        for name in os.listdir(root):
            os.stat(f"{root}/{name}")

    def truncate(path):
        os.truncate(path, 100)

    work = (append, write, read, replace, keep, listed, truncate, os.stat, os.unlink)
    while time.monotonic() < end:
        kind, started = chance.choice(work), time.monotonic()
        try:
            kind(f"{root}/shared-{chance.randrange(files)}")
        except OSError as error:
            # Interop: Linux 6.1 answers a rename with ETXTBSY by itself while it still hides what the name stood for.
            if error.errno not in (errno.ENOENT, errno.ESTALE, errno.ETXTBSY):
                raise
        took, (count, whole, longest) = time.monotonic() - started, kinds.get(kind.__name__, (0, 0, 0))
        kinds[kind.__name__] = (count + 1, whole + took, max(longest, took))
    for file in kept:
        try:
            file.close()
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
    return kinds
