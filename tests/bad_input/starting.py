"""Starts that must fail with a message a newcomer understands, and those beside a server that is running."""

import json
import os
import signal
import subprocess

from lib import nfs3, server
from lib.process import Process
from lib.report import check, equal, eventually

USAGE, FAILED = 2, 1
OTHER_USER = 65533


def start_fails(arguments, *words, status=None, prefix=(), seconds=20, environment=None):
    """nfsd must end by itself with a failure whose text has all the words; returns the text."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DITTO_")}
    done = subprocess.run([*prefix, str(server.NFSD), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=seconds, env={**clean, **(environment or {})})
    text = done.stdout.decode(errors="replace")
    what = " ".join(arguments)
    check(done.returncode > 0, f"`{what}` ended with {done.returncode}: {text[-500:]}")
    check(status is None or done.returncode == status, f"`{what}` ended with {done.returncode}, wanted {status}: {text[-500:]}")
    for word in words:
        check(word.lower() in text.lower(), f"`{what}` does not say {word!r}: {text[-500:]}")
    check(len(text.splitlines()) <= 12, f"`{what}` says too much: {text[:1500]}")
    return text


def succeeds(*arguments):
    done = subprocess.run([str(server.NFSD), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=20)
    equal(done.returncode, 0, f"the exit status of {arguments}")
    return done.stdout.decode()


def flags(scratch):
    data = ["--data", str(scratch / "data"), "--nfs-port", "0"]
    start_fails([*data, "--nonsense"], "--nonsense", status=USAGE)
    start_fails([*data, "--nfs-prot", "1"], "--nfs-port", status=USAGE)
    start_fails(["--data", str(scratch / "data"), "--nfs-port", "65536"], "65536", status=USAGE)
    start_fails(["--data", str(scratch / "data"), "--nfs-port", "many"], "many", status=USAGE)
    start_fails(["--nfs-port"], "nfs-port", status=USAGE)
    start_fails([*data, "--listen", "not-an-address"], "not-an-address")
    start_fails([*data, "--listen", "192.0.2.77"], "192.0.2.77")
    start_fails([*data, "--share", "a/b"], "a/b", status=USAGE)
    start_fails([*data], "DITTO_NFS_PROT", status=USAGE, environment={"DITTO_NFS_PROT": "1"})
    start_fails(["--data", str(scratch / "data")], "DITTO_NFS_PORT", status=USAGE, environment={"DITTO_NFS_PORT": "x"})
    check(not (scratch / "data").exists() or not any((scratch / "data").iterdir()), "a start that failed left something behind")
    check("--data" in succeeds("--help"), "--help does not name --data")
    check(any(c.isdigit() for c in succeeds("--version")), "--version has no number")


def broken_configuration(scratch):
    scratch.mkdir(parents=True)
    file = scratch / "nfsd.json"

    def refused(text, *words):
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        start_fails(["--config", str(file)], *words, status=USAGE)

    start_fails(["--config", str(scratch / "absent.json")], "absent.json")
    start_fails(["--config", str(scratch)], str(scratch))
    refused('{"nfs_port": 0,', "nfsd.json")
    refused("", "nfsd.json")
    refused(b"\xff\xfe\x00{", "nfsd.json")
    refused('[]', "nfsd.json")
    refused('{"nfs_prot": 0}', "nfs_prot", "nfs_port")
    refused('{"nfs_port": "0"}', "nfs_port")
    refused('{"nfs_port": 70000}', "nfs_port", "65535")
    refused('{"nfs_port": 0, "nfs_port": 1}', "nfs_port")
    refused('{"shares": [{"name": "a", "squash": "rot"}]}', "squash", "root")
    refused('{"shares": [{"squash": "root"}]}', "name")
    refused('{"shares": [{"name": "a"}, {"name": "a"}]}', "a")
    refused('{"shares": [{"name": "a", "networks": ["300.0.0.0/8"]}]}', "300.0.0.0/8")
    refused('{"shares": [{"name": "a", "root_mode": "999"}]}', "root_mode")
    refused('{"portmap": {"prt": 1}}', "prt", "port")
    refused('{"data": "' + "x" * 100_000 + '"', "nfsd.json")
    refused("[" * 100_000, "nfsd.json")
    done = succeeds("--data", str(scratch / "d"), "--nfs-port", "0", "--print-config")
    file.write_text(done)
    equal(json.loads(succeeds("--config", str(file), "--print-config"))["data"], str(scratch / "d"), "the printed configuration, used again")


def without_permission(scratch):
    """Run as another user, or as oneself on a directory that allows nothing."""
    scratch.mkdir(parents=True)
    scratch.chmod(0o755)
    data = scratch / "data"
    data.mkdir()
    data.chmod(0o700 if os.geteuid() == 0 else 0o000)
    prefix = ["setpriv", f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups"] if os.geteuid() == 0 else []
    try:
        start_fails(["--data", str(data), "--nfs-port", "0"], str(data), "permission", status=FAILED, prefix=prefix)
        start_fails(["--data", str(data / "below"), "--nfs-port", "0"], str(data), "permission", prefix=prefix)
        start_fails(["--data", str(data), "--check"], str(data), "permission", prefix=prefix)
    finally:
        data.chmod(0o700)
    check(not any(data.iterdir()), "something was written all the same")


def not_a_directory(scratch):
    scratch.mkdir(parents=True)
    file = scratch / "file"
    file.write_text("precious")
    start_fails(["--data", str(file), "--nfs-port", "0"], str(file), status=FAILED)
    start_fails(["--data", str(scratch / "absent"), "--check"], "absent")
    check(not (scratch / "absent").exists(), "--check made a directory")
    equal(file.read_text(), "precious", "the file")


def foreign_directory(scratch):
    """A directory that holds something else is not taken for a store."""
    data = scratch / "data"
    data.mkdir(parents=True)
    (data / "thesis.txt").write_text("precious")
    try:
        start_fails(["--data", str(data), "--nfs-port", "0"], str(data), seconds=3)
    except subprocess.TimeoutExpired:
        return "it serves beside what was there"
    finally:
        equal((data / "thesis.txt").read_text(), "precious", "the file that was there")


def damaged_store(scratch):
    """Pages of a store's files that were overwritten: an error that says so, or a check that does; never a crash."""
    one = server.Nfsd(scratch)
    with one.start(), nfs3.Client(one.port) as raw:
        root = raw.mount(one.path())
        for number in range(50):
            raw.write(raw.create(root, b"f%d" % number), 0, b"x" * 5000)
        one.stop()
    files = sorted((f for f in one.data.rglob("*") if f.is_file() and f.stat().st_size > 4096), key=lambda f: -f.stat().st_blocks)
    check(files, "the store has no file of more than a page")
    whole = {f: f.read_bytes() for f in files if f.stat().st_size < 64 << 20}
    tried = 0
    for file, data in list(whole.items())[:3]:
        for damage in (b"\xa5" * 4096 + data[4096:], data[:4096] + b"\0" * 4096 + data[8192:], data[:8192] + b"\xff" * 4096 + data[12288:]):
            file.write_bytes(damage)
            status, output = one.check(seconds=30)
            check(status >= 0, f"--check of a damaged {file.name} was killed by signal {-status}: {output[-500:]}")
            tried += 1
            file.write_bytes(data)
    status, output = one.check()
    equal(status, 0, f"--check after the damage was undone ({output[-300:]})")
    return f"{tried} damages"


def second_server(scratch):
    """The directory has one owner; who it is is said."""
    with server.Nfsd(scratch).start() as one:
        text = start_fails(["--data", str(one.data), "--nfs-port", "0"], str(one.data), str(one.pid), status=FAILED)
        start_fails(["--data", str(one.data), "--check"], str(one.pid))
        with nfs3.Client(one.port) as raw:
            raw.null()
        one.kill()
        again = server.Nfsd(scratch).start()  # a lock of a dead owner is no obstacle
        again.stop()
    return text.strip().splitlines()[-1][:100]


def port_in_use(scratch):
    with server.Nfsd(scratch).start() as one:
        start_fails(["--data", str(scratch / "other"), "--nfs-port", str(one.port)], str(one.port), status=FAILED)


def signals(scratch):
    """SIGTERM and SIGINT end it with status 0, also at once after the start; SIGHUP does not end it badly."""
    for number in (signal.SIGTERM, signal.SIGINT):
        one = server.Nfsd(scratch).start()
        one.process.signal(number)
        equal(one.process.wait(15), 0, f"the status after {number.name}")
    data = ["--data", str(scratch / "data"), "--nfs-port", "0"]
    for delay in (0.0, 0.01, 0.05):
        process = Process([str(server.NFSD), *data])
        process.wait_line(lambda line: None, delay)
        process.signal(signal.SIGTERM)
        status = process.wait(15)
        check(status in (0, -signal.SIGTERM), f"SIGTERM after {delay} s: status {status}: {process.output[-300:]}")
    with server.Nfsd(scratch).start() as one, nfs3.Client(one.port) as raw:
        raw.null()


def too_many_connections(scratch):
    """Beyond max_connections a connection is closed at once; when one leaves there is room for another."""
    with server.Nfsd(scratch, settings={"max_connections": 20}).start() as one:
        kept = [nfs3.Client(one.port) for _ in range(20)]
        for raw in kept:
            raw.null()
        for _ in range(5):
            with nfs3.Client(one.port, timeout=5) as raw:
                try:
                    raw.null()
                    raise AssertionError("connection 21 was served")
                except (nfs3.rpc.Closed, ConnectionResetError, BrokenPipeError):
                    pass
        kept.pop().close()
        eventually(lambda: serves(one.port), 5, "there is room again")
        for raw in kept:
            raw.null()
            raw.close()


def serves(port):
    try:
        with nfs3.Client(port, timeout=5) as raw:
            raw.null()
        return True
    except (nfs3.rpc.Closed, OSError):
        return False


TESTS = [
    ("start: wrong flags", flags),
    ("start: broken configuration", broken_configuration),
    ("start: a data directory without permission", without_permission),
    ("start: a data directory that is none", not_a_directory),
    ("start: a directory of somebody else's", foreign_directory),
    ("start: damaged stores", damaged_store),
    ("start: a second server on the same directory", second_server),
    ("start: a port in use", port_in_use),
    ("start: signals", signals),
    ("start: max_connections", too_many_connections),
]
