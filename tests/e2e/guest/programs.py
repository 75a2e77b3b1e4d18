"""Programs that people use, on generated input: tar, git, sqlite3, fio."""

import io
import os
import random
import tarfile

from clients import forget_cache, run

TREE = "/tmp/e2e-tree.tar"
REPOSITORY = "/tmp/e2e-repository"
GIT = {"GIT_CONFIG_NOSYSTEM": "1", "HOME": "/tmp", "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@t", "GIT_COMMITTER_NAME": "t",
       "GIT_COMMITTER_EMAIL": "t@t", "PATH": os.environ.get("PATH", "/usr/bin:/bin")}


def make_tree_tar(files=2000):
    """An archive of so many files of many sizes, in nested directories, with symbolic and hard links among them."""
    rng = random.Random(files)
    with tarfile.open(TREE, "w") as tar:
        for number in range(files):
            entry = tarfile.TarInfo(f"tree/d{number % 40}/s{number % 3}/file-{number}.txt")
            data = rng.randbytes(rng.choice([0, 1, 100, 700, 3000, 4096, 9000, 20000]))
            entry.size, entry.mode, entry.mtime = len(data), rng.choice([0o644, 0o755, 0o600]), 1_500_000_000 + number
            tar.addfile(entry, io.BytesIO(data))
            if number % 100 == 50:
                link = tarfile.TarInfo(f"tree/d{number % 40}/link-{number}")
                link.type, link.linkname = tarfile.SYMTYPE, f"s{number % 3}/file-{number}.txt"
                tar.addfile(link)
                hard = tarfile.TarInfo(f"tree/d{number % 40}/hard-{number}")
                hard.type, hard.linkname = tarfile.LNKTYPE, entry.name
                tar.addfile(hard)


def untar(directory, files=2000):
    make_tree_tar(files)
    run("tar", "xf", TREE, "-C", directory)
    forget_cache()
    run("tar", "df", TREE, "-C", directory)  # bytes, modes, owners and times
    found = sum(len(names) for _, _, names in os.walk(os.path.join(directory, "tree")))
    wanted = files + 2 * len(range(50, files, 100))
    assert found == wanted, f"{found} files, wanted {wanted}"


def make_repository(files=300, commits=3):
    """Once for all clones in this client."""
    if os.path.exists(REPOSITORY):
        return
    rng = random.Random(commits)
    run("git", "-c", "init.defaultBranch=main", "init", "-q", REPOSITORY, env=GIT)
    for commit in range(commits):
        for number in range(commit, files, commit + 1):
            folder = f"{REPOSITORY}/part{number % 11}"
            os.makedirs(folder, exist_ok=True)
            with open(f"{folder}/file{number}", "w") as file:
                file.writelines(f"{rng.random()}\n" for _ in range(rng.randrange(200)))
        run("git", "-C", REPOSITORY, "add", "-A", env=GIT)
        run("git", "-C", REPOSITORY, "commit", "-qm", f"commit {commit}", env=GIT)


def clone(directory):
    make_repository()
    target = os.path.join(directory, "clone")
    run("git", "clone", "-q", "--no-local", REPOSITORY, target, env=GIT)
    forget_cache()
    run("git", "-C", target, "fsck", "--full", "--strict", env=GIT)
    status = run("git", "-C", target, "status", "--porcelain", env=GIT)
    assert status == "", f"the clone is not clean: {status[:200]}"
    run("git", "-C", target, "checkout", "-q", "-b", "work", "HEAD~1", env=GIT)
    run("git", "-C", target, "gc", "-q", "--prune=now", env=GIT)
    run("git", "-C", target, "fsck", "--full", "--strict", env=GIT)


def sqlite(directory, journal):
    file = os.path.join(directory, f"{journal}.db")
    rows = 3000
    run("sqlite3", file, f"""
        pragma journal_mode={journal}; create table t(a integer primary key, b text); create index i on t(b);
        begin; with recursive c(x) as (select 1 union all select x+1 from c where x<{rows}) insert into t select x, hex(randomblob(40)) from c; commit;
        update t set b = b || b where a % 7 = 0; delete from t where a % 3 = 0; vacuum;
        begin; delete from t; rollback;""")
    for _ in range(5):
        run("sqlite3", file, "insert into t(b) values(hex(randomblob(2000)));")
    forget_cache()
    got = run("sqlite3", file, "pragma integrity_check; select count(*) from t;").split()
    assert got == ["ok", str(rows - rows // 3 + 5)], f"{got}"


def fio(directory, name, *flags):
    """fio writes and then verifies; it fails by itself on a wrong checksum."""
    run("fio", f"--name={name}", f"--directory={directory}", "--ioengine=psync", "--verify=crc32c", "--do_verify=1", "--verify_fatal=1",
        "--randrepeat=1", "--end_fsync=1", "--output-format=terse", *flags)


def fio_cached(directory):
    fio(directory, "cached", "--size=48m", "--bsrange=1k-64k", "--bs_unaligned", "--rw=randwrite")


def fio_direct(directory):
    fio(directory, "direct", "--size=24m", "--bs=32k", "--rw=randrw", "--direct=1", "--numjobs=2")


def fio_large(directory):
    fio(directory, "large", "--size=96m", "--bs=1m", "--rw=write")
