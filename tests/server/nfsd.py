#!/usr/bin/env python3
"""The executable from outside: flags, configuration, exit statuses, signals: nfsd.py NFSD SCHEMA"""

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import counted  # noqa: E402
from program import CLEAN, NFSD, PATIENCE, Running, nfsd  # noqa: E402

SCHEMA = sys.argv[2]


def configuration(*arguments, **environment):
    done = nfsd(*arguments, "--print-config", **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Nfsd(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = str(self.folder / "data")

    def config(self, text):
        path = self.folder / "ditto.json"
        path.write_text(text)
        return str(path)

    def test_help_version_and_schema(self):
        done = nfsd("--help")
        self.assertEqual(done.returncode, 0)
        for word in ("--data", "--share NAME", "--nfs-port", "--check", "--repair", "--contents", "Examples", "Exit status", "mount -t nfs"):
            self.assertIn(word, done.stdout)
        done = nfsd("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^nfsd \(Ditto\) \d+\.\d+\.\d+\n$")
        self.assertEqual(nfsd("--print-schema").stdout, Path(SCHEMA).read_text())

    def test_precedence_defaults_file_environment_flags(self):
        self.assertEqual(configuration()["nfs_port"], 12049)
        file = self.config('{"nfs_port": 1, "threads": 1, "data": "x" /* comment */}')
        found = configuration("--config", file)
        self.assertEqual((found["nfs_port"], found["threads"], found["data"], found["listen"]), (1, 1, "x", "127.0.0.1"))
        found = configuration("--config", file, DITTO_NFS_PORT="2", DITTO_THREADS="2")
        self.assertEqual((found["nfs_port"], found["threads"], found["data"]), (2, 2, "x"))
        found = configuration("--config", file, "--nfs-port", "3", DITTO_NFS_PORT="2", DITTO_THREADS="2")
        self.assertEqual((found["nfs_port"], found["threads"], found["data"]), (3, 2, "x"))

    def test_shares_keep_their_rules_when_selected(self):
        file = self.config('{"shares": [{"name": "a", "read_only": true}, {"name": "b", "squash": "all"}]}')
        names = lambda found: [share["name"] for share in found["shares"]]
        self.assertEqual(names(configuration()), ["export"])
        self.assertEqual(names(configuration("--config", file)), ["a", "b"])
        found = configuration("--config", file, "--share", "b", "--share", "c", DITTO_SHARES="a")
        self.assertEqual(names(found), ["b", "c"])
        self.assertEqual(found["shares"][0]["squash"], "all")
        found = configuration("--config", file, DITTO_SHARES="a")
        self.assertEqual(names(found), ["a"])
        self.assertTrue(found["shares"][0]["read_only"])

    def test_portmap_flag(self):
        self.assertEqual(configuration()["portmap"], {"enabled": False, "port": 10111})
        self.assertEqual(configuration("--portmap")["portmap"], {"enabled": True, "port": 10111})
        self.assertEqual(configuration("--portmap=111")["portmap"], {"enabled": True, "port": 111})
        self.assertEqual(configuration("--portmap", "--nfs-port", "1")["nfs_port"], 1)

    def test_printed_configuration_is_a_configuration(self):
        printed = nfsd("--print-config", "--share", "x", "--portmap=7", "--log-level", "warn").stdout
        self.assertEqual(nfsd("--config", self.config(printed), "--print-config").stdout, printed)

    def test_wrong_usage_is_status_2(self):
        for arguments, message in (
            (["--nosuch"], "--nosuch: there is no such flag; the nearest is --"),
            (["--nfs-prot=1"], "--nfs-prot: there is no such flag; the nearest is --nfs-port"),
            (["extra"], "extra"),
            (["--nfs-port", "x"], '--nfs-port: expected a whole number from 0 to 65535, found "x"'),
            (["--nfs-port", "65536"], "found 65536"),
            (["--portmap=x"], "--portmap: expected"),
            (["--share", "a/b"], "contains a slash"),
            (["--share", "a", "--share", "a"], "given twice"),
            (["--listen", "localhost"], "not an IP address"),
            (["--log-level", "loud"], "--log-level: expected debug, info"),
            (["--repair"], "--check"),
            (["--contents"], "--check"),
            (["--check", "--data", ":memory:"], "data directory"),
            (["--config", "/nonexistent"], "/nonexistent"),
            (["--config", self.config('{"lisen": "::1"}')], 'the nearest is "listen"'),
        ):
            with self.subTest(arguments):
                done = nfsd(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(message, done.stderr)
                self.assertRegex(done.stderr, r"^nfsd: ")
                self.assertEqual(done.stdout, "")

    def test_misspelt_environment_is_status_2(self):
        done = nfsd("--print-config", DITTO_NFSPORT="1")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stderr, "nfsd: DITTO_NFSPORT: there is no such setting; the nearest is DITTO_NFS_PORT\n")

    def test_environment_of_others_is_theirs(self):
        self.assertEqual(nfsd("--print-config", DITTO_LIBRARY="/x").returncode, 0)

    def test_serves_until_told_to_stop(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with Running("--data", self.data, "--nfs-port", "0") as server:
                self.assertEqual(server.address, "127.0.0.1")
                socket.create_connection((server.address, server.port), PATIENCE).close()
                self.assertEqual(server.end(number), 0)
                with self.assertRaises(OSError):
                    socket.create_connection((server.address, server.port), PATIENCE)

    def test_versions_of_nfs_are_those_that_are_wanted(self):
        def null(server, version):
            """The words of the reply to NULL, behind its record mark."""
            call = struct.pack(">IIIIIIIIII", 7, 0, 2, 100003, version, 0, 0, 0, 0, 0)
            with socket.create_connection((server.address, server.port), PATIENCE) as client:
                client.sendall(struct.pack(">I", 0x80000000 | len(call)) + call)
                size = struct.unpack(">I", client.recv(4, socket.MSG_WAITALL))[0] & 0x7FFFFFFF
                return struct.unpack(f">{size // 4}I", client.recv(size, socket.MSG_WAITALL))

        def mismatch(low, high):
            return (7, 1, 0, 0, 0, 2, low, high)

        good = (7, 1, 0, 0, 0, 0)
        with Running("--data", ":memory:", "--nfs-port", "0", "--nfs-versions", "3") as server:
            self.assertEqual(null(server, 3), good)
            self.assertEqual(null(server, 4), mismatch(3, 3))
        with Running("--data", ":memory:", "--nfs-port", "0") as server:
            self.assertEqual(null(server, 3), good)
            self.assertEqual(null(server, 4), good)
            self.assertEqual(null(server, 2), mismatch(3, 4))
        with Running("--data", ":memory:", "--nfs-port", "0", "--nfs-versions", "4.1") as server:
            self.assertEqual(null(server, 3), mismatch(4, 4))
            self.assertEqual(null(server, 4), good)

    def test_hangup_changes_nothing_where_the_configuration_has_not_changed(self):
        with Running("--data", ":memory:", "--nfs-port", "0") as server:
            server.process.send_signal(signal.SIGHUP)
            socket.create_connection((server.address, server.port), PATIENCE).close()
            self.assertEqual(server.end(), 0)

    def test_idle_connections_do_not_delay_the_end(self):
        with Running("--data", ":memory:", "--nfs-port", "0", "--stop-seconds", "3600") as server:
            with socket.create_connection((server.address, server.port), PATIENCE):
                self.assertEqual(server.end(), 0)

    def test_ipv6(self):
        with Running("--data", ":memory:", "--nfs-port", "0", "--listen", "::1") as server:
            self.assertEqual(server.address, "[::1]")
            socket.create_connection(("::1", server.port), PATIENCE).close()
            self.assertEqual(server.end(), 0)

    def test_log_as_json(self):
        with Running("--data", ":memory:", "--nfs-port", "0", "--log-format", "json") as server:
            self.assertEqual(server.end(), 0)
            for line in server.lines:
                self.assertIsInstance(json.loads(line), dict)

    def test_failed_starts_are_status_1_and_name_the_reason(self):
        with Running("--data", self.data, "--nfs-port", "0") as server:
            other = str(self.folder / "other")
            for arguments, messages in (
                (["--data", self.data, "--nfs-port", "0"], [self.data, str(server.process.pid)]),
                (["--data", other, "--nfs-port", str(server.port)], ["127.0.0.1", str(server.port), "nfs_port"]),
                (["--data", other, "--listen", "192.0.2.1"], ["192.0.2.1"]),
                (["--data", "/nonexistent/data"], ["/nonexistent/data"]),
                (["--data", "/proc/ditto-data"], ["/proc/ditto-data"]),
                (["--check", "--data", self.data], [self.data, str(server.process.pid)]),
                (["--check", "--data", str(self.folder / "absent")], [str(self.folder / "absent")]),
            ):
                with self.subTest(arguments):
                    done = nfsd(*arguments)
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertEqual(done.stdout, "")
                    for message in messages:
                        self.assertIn(message, done.stderr)
            self.assertEqual(server.end(), 0)
            self.assertFalse((self.folder / "absent").exists())

    @unittest.skipIf(os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(), "needs setpriv")
    def test_directory_without_permission(self):
        closed = self.folder / "closed"
        closed.mkdir(mode=0o000)
        self.folder.chmod(0o755)
        command = [NFSD, "--data", str(closed / "data"), "--nfs-port", "0"]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=CLEAN, stdin=subprocess.DEVNULL)
        closed.chmod(0o700)
        if "setpriv: failed to execute" in done.stderr:
            self.skipTest("the build folder is closed to other users")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("permission", done.stderr)

    def test_check_of_a_sound_store(self):
        with Running("--data", self.data, "--nfs-port", "0") as server:
            self.assertEqual(server.end(), 0)
        for flags in ([], ["--repair"], ["--contents"]):
            done = nfsd("--data", self.data, "--check", *flags)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("no problems", done.stdout)
            self.assertEqual("bytes of contents verified" in done.stdout, flags == ["--contents"])


if __name__ == "__main__":
    counted.main()
