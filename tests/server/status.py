#!/usr/bin/env python3
"""nfsd --status and the control socket behind it, from outside: status.py NFSD FAILING_SYNC"""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[1:1] = [str(TESTS / "support"), str(TESTS / "e2e")]
import counted  # noqa: E402
from lib import nfs3  # noqa: E402
from program import CLEAN, NFSD, PATIENCE, Running, nfsd  # noqa: E402

FAILING_SYNC = sys.argv[2]
QUIET = 30  # what an answer takes, at most, on a busy machine


def serving(data, *flags, **environment):
    return Running("--data", str(data), "--nfs-port", "0", *flags, **environment)


def json_of(data):
    done = nfsd("--status", "--json", "--data", str(data))
    return done.returncode, json.loads(done.stdout)


class Status(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = self.folder / "data"
        self.socket = self.data / "control.sock"

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        connection.connect(str(self.socket))  # with a timeout it would not wait for a queue that is full
        connection.settimeout(QUIET)
        return connection

    def exchange(self, request):
        """All that the server sends before it closes."""
        connection = self.connect()
        connection.sendall(request)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer

    def test_a_server_that_is_well(self):
        with serving(self.data, "--share", "photos", "--share", "music") as server:
            with socket.create_connection((server.address, server.port), PATIENCE):
                deadline = time.monotonic() + QUIET
                while json_of(self.data)[1]["listeners"][0]["connections"] != 1:
                    self.assertLess(time.monotonic(), deadline)
            done = nfsd("--status", "--data", str(self.data))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for word in (f"process {server.process.pid}", f"127.0.0.1:{server.port}", "/photos", "/music", str(self.data), "serving"):
                self.assertIn(word, done.stdout)
            self.assertNotIn("ATTENTION", done.stdout)
            self.assertLess(len(done.stdout.splitlines()), 24)
            code, found = json_of(self.data)
            self.assertEqual(code, 0)
            self.assertEqual((found["pid"], found["state"], found["attention"]), (server.process.pid, "serving", []))
            self.assertEqual([share["name"] for share in found["shares"]], ["photos", "music"])
            self.assertEqual({share["store"] for share in found["shares"]}, {str(self.data)})
            [store] = found["stores"]
            self.assertEqual((store["directory"], store["state"]), (str(self.data), "serving"))
            self.assertGreater(store["durable_lsn"], 0)
            self.assertGreater(store["journal"]["max_bytes"], store["journal"]["bytes"])
            self.assertEqual(server.end(), 0)
        self.assertFalse(self.socket.exists())

    def test_the_settings_find_the_server(self):
        file = self.folder / "ditto.json"
        file.write_text(json.dumps({"data": str(self.data), "nfs_port": 0}))
        with Running("--config", str(file)) as server:
            self.assertEqual(nfsd("--status", "--config", str(file)).returncode, 0)
            self.assertEqual(nfsd("--status", DITTO_DATA=str(self.data)).returncode, 0)
            self.assertEqual(server.end(), 0)

    def test_only_the_owner_may_connect_whatever_the_umask(self):
        before = os.umask(0)
        self.addCleanup(os.umask, before)
        with serving(self.data) as server:
            mode = self.socket.stat().st_mode
            self.assertTrue(stat.S_ISSOCK(mode))
            self.assertEqual(stat.S_IMODE(mode), 0o600)
            self.assertEqual(server.end(), 0)

    def test_no_server(self):
        empty = self.folder / "empty"
        empty.mkdir()
        for place in (self.data, empty):
            done = nfsd("--status", "--data", str(place))
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(f"{place}/control.sock", done.stderr)
            self.assertIn("--data", done.stderr)
        self.assertFalse(self.data.exists())
        done = nfsd("--status", "--data", ":memory:")
        self.assertEqual(done.returncode, 2)
        self.assertIn("memory", done.stderr)
        for flags in (["--json"], ["--status", "--check"]):
            self.assertEqual(nfsd(*flags).returncode, 2)

    def test_a_killed_server_leaves_a_socket_that_the_next_one_replaces(self):
        with serving(self.data) as server:
            server.end(signal.SIGKILL)
        self.assertTrue(self.socket.exists())
        done = nfsd("--status", "--data", str(self.data))
        self.assertEqual(done.returncode, 2)
        self.assertIn("killed", done.stderr)
        with serving(self.data) as server:
            code, found = json_of(self.data)
            self.assertEqual((code, found["pid"]), (0, server.process.pid))
            # A start that the lock refuses leaves the socket to its owner.
            self.assertEqual(nfsd("--data", str(self.data), "--nfs-port", "0").returncode, 1)
            self.assertEqual(json_of(self.data)[1]["pid"], server.process.pid)
            self.assertEqual(server.end(), 0)

    def test_a_path_longer_than_a_socket_address(self):
        deep = self.folder / ("d" * 100) / ("e" * 100)
        deep.mkdir(parents=True)
        with serving(deep / "data") as server:
            self.assertEqual(json_of(deep / "data")[1]["pid"], server.process.pid)
            relative = subprocess.run([NFSD, "--status", "--data", "data"], cwd=deep, capture_output=True, env=CLEAN, timeout=PATIENCE)
            self.assertEqual(relative.returncode, 0)
            self.assertEqual(server.end(), 0)
        self.assertFalse((deep / "data/control.sock").exists())

    def test_two_servers_do_not_meet(self):
        other = self.folder / "other"
        with serving(self.data) as one, serving(other) as two:
            self.assertEqual(json_of(self.data)[1]["pid"], one.process.pid)
            self.assertEqual(json_of(other)[1]["pid"], two.process.pid)
            self.assertEqual(one.end(), 0)
            self.assertEqual(json_of(other)[1]["pid"], two.process.pid)
            self.assertEqual(two.end(), 0)

    def test_without_a_socket(self):
        with serving(self.data, "--control", "false") as server:
            self.assertFalse(self.socket.exists())
            self.assertEqual(nfsd("--status", "--data", str(self.data)).returncode, 2)
            self.assertEqual(server.end(), 0)

    def test_something_else_of_that_name_is_left_alone(self):
        with serving(self.data) as server:
            self.assertEqual(server.end(), 0)
        self.socket.write_text("mine")
        with serving(self.data) as server:
            self.assertTrue(any("control.sock" in line for line in server.lines), server.lines)
            self.assertEqual(server.end(), 0)
        self.assertEqual(self.socket.read_text(), "mine")

    def test_requests_by_hand(self):
        with serving(self.data) as server:
            for request, status in (
                (b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n", b"200"),
                (b"GET /status HTTP/1.0\n\n", b"200"),
                (b"HEAD /status HTTP/1.1\r\n\r\n", b"200"),
                (b"GET /nosuch HTTP/1.1\r\n\r\n", b"404"),
                (b"DELETE /status HTTP/1.1\r\n\r\n", b"405"),
                (b"\0\xff\x16\x03\x01\r\n\r\n", b"400"),
                (b"GET /status\r\n\r\n", b"400"),
                (b"GET /a b HTTP/1.1\r\n\r\n", b"400"),
                (b"x" * 8192, b"431"),
            ):
                with self.subTest(request[:40]):
                    header, _, body = self.exchange(request).partition(b"\r\n\r\n")
                    self.assertEqual(header.split()[1], status)
                    if request.startswith(b"HEAD"):
                        self.assertEqual(body, b"")
                    else:
                        self.assertIsInstance(json.loads(body), dict)
                        self.assertIn(f"Content-Length: {len(body)}".encode(), header)
            self.assertEqual(server.end(), 0)
            # What a client does wrong is no fault of the server's.
            self.assertFalse([line for line in server.lines if "WARN" in line.upper() or "ERROR" in line.upper()])

    def test_clients_that_hang_are_bounded_and_given_up(self):
        with serving(self.data) as server:
            hanging = [self.connect() for _ in range(15)]
            for each in hanging:
                each.sendall(b"GET /status HT")
            self.assertEqual(json_of(self.data)[0], 0)
            # A client more than there may be is told so at once.
            hanging.append(self.connect())
            hanging[-1].sendall(b"GET")
            descriptors = len(os.listdir(f"/proc/{server.process.pid}/fd"))
            header, _, body = self.all_of(self.connect()).partition(b"\r\n\r\n")
            self.assertEqual(header.split()[1], b"503")
            self.assertIn("ask again", json.loads(body)["error"])
            extra = [self.connect() for _ in range(30)]
            for each in extra:
                self.assertIn(self.all_of(each)[9:12], (b"503", b""))
            self.assertLessEqual(len(os.listdir(f"/proc/{server.process.pid}/fd")), descriptors + 1)
            for each in hanging:
                self.assertEqual(self.silence(each), b"")
            self.assertEqual(json_of(self.data)[0], 0)
            # One that hangs does not delay the end.
            self.connect().sendall(b"GET")
            self.assertEqual(server.end(), 0)

    @classmethod
    def all_of(cls, connection):
        answer = b""
        while part := cls.silence(connection, 65536):
            answer += part
        return answer

    @staticmethod
    def silence(connection, size=1):
        try:
            return connection.recv(size)
        except ConnectionResetError:
            return b""

    def test_many_at_once(self):
        with serving(self.data) as server:
            codes = []
            threads = [threading.Thread(target=lambda: codes.append(json_of(self.data)[0])) for _ in range(8)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            self.assertEqual(codes, [0] * 8)
            self.assertEqual(server.end(), 0)

    def test_a_server_that_does_not_answer(self):
        with serving(self.data) as server:
            server.process.send_signal(signal.SIGSTOP)
            done = nfsd("--status", "--data", str(self.data))
            server.process.send_signal(signal.SIGCONT)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("does not answer", done.stderr)
            self.assertEqual(server.end(), 0)

    def test_a_store_that_a_failed_sync_made_read_only(self):
        fails = self.folder / "fails"
        with serving(self.data, LD_PRELOAD=FAILING_SYNC, FAILING_SYNC=str(fails)) as server:
            with nfs3.Client(server.port) as client:
                root = client.mount("/export")
                client.mkdir(root, b"kept")
                self.assertEqual(json_of(self.data)[0], 0)
                fails.touch()
                with self.assertRaises(nfs3.NfsError) as refused:
                    client.mkdir(root, b"lost")
                self.assertEqual(refused.exception.status, nfs3.Status.IO)
            code, found = json_of(self.data)
            self.assertEqual(code, 1)
            [store] = found["stores"]
            self.assertEqual(store["state"], "read-only")
            self.assertIn("journal", store["reason"])
            self.assertIn("restart", store["hint"])
            self.assertRegex(store["since"], r"^\d{4}-\d\d-\d\dT")
            done = nfsd("--status", "--data", str(self.data))
            self.assertEqual(done.returncode, 1)
            self.assertTrue(done.stdout.startswith(f"ATTENTION: the store in {self.data} is read-only since {store['since']}"))
            self.assertIn("READ-ONLY", done.stdout)
            self.assertEqual(server.end(), 0)
            self.assertTrue(any(store["reason"] in line for line in server.lines))
        with serving(self.data) as server:
            self.assertEqual(json_of(self.data)[0], 0)
            self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    counted.main()
