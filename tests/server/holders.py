#!/usr/bin/env python3
"""Who holds what, taking it away, limits, and shares that come and go, with real clients: holders.py NFSD"""

import json
import re
import signal
import sys
import tempfile
import time
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[1:1] = [str(TESTS / "support"), str(TESTS / "e2e")]
import counted  # noqa: E402
from lib import nfs3, nfs4, nfs4_holder, rpc  # noqa: E402
from program import Running, nfsd  # noqa: E402

QUIET = 30  # what an answer takes, at most, on a busy machine
FREE = {"squash": "none", "root_mode": "0777"}


class Holders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.data = self.folder / "data"
        self.file = self.folder / "ditto.json"
        self.configure()

    def configure(self, *shares, **settings):
        shares = shares or ({"name": "export"},)
        self.file.write_text(json.dumps({"data": str(self.data), "nfs_port": 0, "shares": [{**FREE, **share} for share in shares], **settings}))

    def serving(self, *flags):
        return Running("--config", str(self.file), *flags)

    def client(self, server, owner=b"client", **arguments):
        client = nfs4_holder.Holder(server.port, owner, **arguments)
        self.addCleanup(client.close)
        return client

    def status(self, part=None):
        done = nfsd("--status", *([part] if part else []), "--json", "--data", str(self.data))
        self.assertEqual(done.stderr, "")
        return json.loads(done.stdout)

    def text(self, part):
        done = nfsd("--status", part, "--data", str(self.data))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def revoke(self, name):
        done = nfsd("--revoke", name, "--data", str(self.data))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stderr)
        return done.stdout

    def refused(self, status, call, *arguments):
        with self.assertRaises(nfs4.Nfs4Error) as refused:
            call(*arguments)
        self.assertEqual(refused.exception.status, status, refused.exception)

    def await_line(self, server, pattern):
        """The log's next line that says so."""
        for line in server.process.stderr:
            server.lines.append(line)
            if re.search(pattern, line):
                return line
        raise AssertionError("".join(server.lines))

    def reload(self):
        done = nfsd("--reload", "--data", str(self.data))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stderr)
        return done.stdout

    # ---- who holds what

    def test_status_lists_clients_holders_and_waiters(self):
        with self.serving() as server:
            client, other = self.client(server, b"one\n\xff" + b"x" * 200), self.client(server, b"two")
            stateid, handle = client.open("export", "file", deny=nfs4.SHARE_WRITE)
            client.lock(handle, stateid, 5, 10)
            theirs, _ = other.open("export", "file", access=nfs4.SHARE_READ)
            self.refused(nfs4.Status.DENIED, other.lock, handle, theirs, 0, 100, nfs4.READW_LT)
            found = self.status()
            self.assertEqual(found["clients"]["count"], 2)
            rows = {row["owner"]: row for row in found["clients"]["listed"]}
            [name] = [owner for owner in rows if owner != "two"]
            self.assertRegex(name, r"^one\\x0a\\xffx+\.\.\.$")
            self.assertLess(len(name), 100)
            row = rows[name]
            self.assertEqual((row["version"], row["standing"], row["opens"], row["locks"], row["sessions"]), ("4.1", "live", 1, 1, 1))
            self.assertTrue(row["address"].startswith("127.0.0.1:"))
            self.assertTrue(0 < row["lease_seconds_left"] <= 90)
            held = {row["kind"]: row for row in self.status("holders")["holders"]["listed"] if row["client"] == rows[name]["id"]}
            self.assertEqual((held["open"]["access"], held["open"]["deny"], held["open"]["share"]), ("read+write", "write", "export"))
            self.assertEqual((held["lock"]["first"], held["lock"]["last"], held["lock"]["lock"]), (5, 14, "exclusive"))
            self.assertEqual(held["lock"]["inode"], client.attribute("export/file", nfs4_holder.FILEID))
            self.assertEqual((held["open"]["path"], held["lock"]["path"]), ("/file", "/file"))
            self.assertIn("/export/file inode ", self.text("holders"))
            [waiter] = self.status("waiters")["waiters"]["listed"]
            self.assertEqual((waiter["client"], waiter["for"], waiter["first"], waiter["last"]), (rows["two"]["id"], "lock", 0, 99))
            self.assertIn("lock of bytes 5 to 14", self.text("holders"))
            self.assertIn("shared lock of bytes 0 to 99", self.text("waiters"))
            self.assertIn(rows["two"]["id"], self.text("clients"))
            self.assertEqual(self.text("grace"), "no grace\n")
            self.assertFalse(self.status("grace")["grace"]["running"])
            self.assertEqual(self.status("peers")["peers"]["count"], 0)
            done = nfsd("--status", "nosuch", "--data", str(self.data))
            self.assertEqual(done.returncode, 2)
            self.assertIn("holders", done.stderr)
            self.assertEqual(server.end(), 0)

    def test_lists_are_bounded(self):
        with self.serving() as server:
            client = self.client(server)
            for i in range(15):
                client.open("export", f"file{i}")
            holders = self.status()["holders"]
            self.assertEqual((holders["count"], len(holders["listed"]), holders["more"]), (15, 10, 5))
            text = nfsd("--status", "--data", str(self.data)).stdout
            self.assertIn("and 5 more of 15 holders", text)
            self.assertEqual(len(self.status("holders")["holders"]["listed"]), 15)
            self.assertEqual(server.end(), 0)

    def test_grace_names_who_is_waited_for(self):
        with self.serving() as server:
            self.client(server, b"one").open("export", "file")
            server.end(signal.SIGKILL)
        with self.serving() as server:
            grace = self.status("grace")["grace"]
            self.assertTrue(grace["running"])
            self.assertEqual([each["name"] for each in grace["awaited"]["listed"]], ["one"])
            self.assertTrue(0 < grace["seconds_left"] <= 90)
            self.assertIn("waits for 1 client: one (NFS 4.1)", self.text("grace"))
            self.client(server, b"one")
            deadline = time.monotonic() + QUIET
            while self.status("grace")["grace"]["running"]:
                self.assertLess(time.monotonic(), deadline)
            self.assertEqual(server.end(), 0)

    # ---- revoking

    def holder(self, kind, owner):
        [row] = [row for row in self.status("holders")["holders"]["listed"] if row["kind"] == kind and row["name"] == owner]
        return row["id"]

    def test_an_open_is_revoked(self):
        with self.serving() as server:
            client, other = self.client(server, b"one"), self.client(server, b"two")
            stateid, handle = client.open("export", "file", deny=nfs4.SHARE_BOTH)
            self.refused(nfs4.Status.SHARE_DENIED, other.open, "export", "file")
            name = self.holder("open", "one")
            self.assertIn(f"revoked {name} of one: 1 open", self.revoke(name))
            self.await_line(server, f"an administrator revoked {re.escape(name)} of one")
            self.refused(nfs4.Status.ADMIN_REVOKED, client.read, handle, stateid)
            other.open("export", "file", deny=nfs4.SHARE_BOTH)
            client.at("export")
            self.assertTrue(client.flags & nfs4.ADMIN_STATE_REVOKED)
            [row] = [row for row in self.status("clients")["clients"]["listed"] if row["owner"] == "one"]
            self.assertEqual(row["revoked"], 1)
            client.free(stateid)
            client.at("export")
            self.assertFalse(client.flags & nfs4.ADMIN_STATE_REVOKED)
            done = nfsd("--revoke", name, "--data", str(self.data))
            self.assertEqual(done.returncode, 1)
            self.assertIn("--status holders", done.stderr)
            self.assertEqual(server.end(), 0)

    def test_a_lock_is_revoked_and_a_client(self):
        with self.serving() as server:
            client, other = self.client(server, b"one"), self.client(server, b"two")
            stateid, handle = client.open("export", "file")
            theirs, _ = other.open("export", "file")
            client.lock(handle, stateid, 0, 10)
            self.refused(nfs4.Status.DENIED, other.lock, handle, theirs, 0, 10)
            self.revoke(self.holder("lock", "one"))
            other.lock(handle, theirs, 0, 10)
            client.read(handle, stateid)  # the open stays
            [two] = [row["id"] for row in self.status("clients")["clients"]["listed"] if row["owner"] == "two"]
            self.assertIn("1 open, 1 lock state", self.revoke(two))
            self.refused(nfs4.Status.ADMIN_REVOKED, other.read, handle, theirs)
            client.lock(handle, stateid, 0, 10, owner=b"anew")
            self.assertEqual(server.end(), 0)

    @staticmethod
    def nlm_lock(server, host, handle, offset, length):
        """NLM4_LOCK without waiting: its status."""
        pack = rpc.Packer().opaque(b"cookie").u32(0).u32(1).opaque(host).opaque(handle).opaque(b"owner").u32(4711)
        pack.u64(offset).u64(length).u32(0).u32(3)
        with rpc.Connection(server.port) as connection:
            reply = connection.call(100021, 4, 2, bytes(pack.bytes))
        reply.opaque()
        return reply.u32()

    def test_locks_of_nfs3_are_listed_and_revoked(self):
        granted, denied = 0, 1
        with self.serving() as server:
            client = self.client(server, b"one")
            stateid, handle = client.open("export", "file")
            self.assertEqual(self.nlm_lock(server, b"host", handle, 0, 10), granted)
            self.refused(nfs4.Status.DENIED, client.lock, handle, stateid, 0, 10)
            [peer] = self.status("peers")["peers"]["listed"]
            self.assertEqual((peer["name"], peer["address"], peer["owners"], peer["files"], peer["monitored"]), ("host", "127.0.0.1", 1, 1, True))
            self.assertIn("monitored", self.text("peers"))
            name = self.holder("lock", "host")
            self.assertIn(f"revoked {name} of host", self.revoke(name))
            client.lock(handle, stateid, 0, 10)
            self.assertEqual(self.nlm_lock(server, b"host", handle, 5, 1), denied)
            self.assertEqual(self.nlm_lock(server, b"host", handle, 20, 1), granted)
            self.assertIn("of host", self.revoke(self.status("peers")["peers"]["listed"][0]["id"]))
            self.assertEqual(self.status("peers")["peers"]["count"], 0)
            client.lock(handle, stateid, 20, 1, owner=b"another")
            self.assertEqual(server.end(), 0)

    def test_names_that_are_none(self):
        with self.serving() as server:
            for name in ("", "file", "open:", "client:zz", "client:1;rm", "lock:1.2"):
                done = nfsd(f"--revoke={name}", "--data", str(self.data))
                self.assertNotEqual(done.returncode, 0, name)
                self.assertNotEqual(done.stderr, "", name)
            for name in ("client:7", "open:7.1", "lock:7.1.1", "client:1d3f00c200000001", "open:1d3f00c200000001.5"):
                done = nfsd("--revoke", name, "--data", str(self.data))
                self.assertEqual(done.returncode, 1, name)
                self.assertIn(name, done.stderr)
            self.assertEqual(nfsd("--revoke", "client:7", "--data", str(self.folder / "nosuch")).returncode, 2)
            self.assertEqual(nfsd("--revoke", "client:7", "--data", ":memory:").returncode, 2)
            self.assertEqual(server.end(), 0)

    # ---- limits

    def test_limits_bite(self):
        self.configure(limits={"operations": 8, "slots": 2, "clients": 1, "opens_per_client": 2, "locks_per_client": 1})
        with self.serving() as server:
            client = self.client(server, slots=32)
            self.assertEqual((client.operations, client.slots), (8, 2))
            self.refused(nfs4.Status.TOO_MANY_OPS, client.compound, *[nfs4.op(nfs4.Op.PUTROOTFH)] * 8)
            client.compound(*[nfs4.op(nfs4.Op.PUTROOTFH)] * 7)
            self.refused(nfs4.Status.RESOURCE, lambda: client.outside(*[nfs4.op(nfs4.Op.PUTROOTFH)] * 9, minor=0))
            self.refused(nfs4.Status.DELAY, nfs4_holder.Holder, server.port, b"another")
            stateid, handle = client.open("export", "a")
            client.open("export", "b")
            self.refused(nfs4.Status.DELAY, client.open, "export", "c")
            client.lock(handle, stateid, 0, 1)
            self.refused(nfs4.Status.DELAY, client.lock, handle, stateid, 10, 1, nfs4.WRITE_LT, b"another")
            self.assertEqual(server.end(), 0)

    def test_limits_out_of_range(self):
        for name, value, allowed in (("operations", 7, "from 8 to 1024"), ("slots", 0, "from 1 to 1024"), ("clients", 0, "from 1 to 1000000"),
                                     ("opens_per_client", 10000001, "from 1 to 10000000"), ("locks_per_client", 0, "from 1 to 10000000")):
            self.configure(limits={name: value})
            done = nfsd("--config", str(self.file))
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"limits.{name}", done.stderr)
            self.assertIn(allowed, done.stderr)
            done = nfsd(f"--limits-{name.replace('_', '-')}={value}", "--print-config")
            self.assertEqual(done.returncode, 2)
            self.assertIn(allowed, done.stderr)

    # ---- shares that come and go

    @staticmethod
    def exports(server):
        with rpc.Connection(server.port) as connection:
            reply = connection.call(nfs3.MOUNT_PROGRAM, 3, 5)
        paths = []
        while reply.u32():
            paths.append(reply.opaque().decode())
            while reply.u32():
                reply.opaque()
        return paths

    def test_shares_come_change_and_go(self):
        self.configure({"name": "a"}, {"name": "b"})
        with self.serving() as server:
            client, other = self.client(server, b"one"), self.client(server, b"two")
            stateid, handle = client.open("b", "file", deny=nfs4.SHARE_BOTH)
            client.write(handle, stateid)
            kept, file = client.open("a", "file")
            old = nfs3.Client(server.port)
            self.addCleanup(old.close)
            root = old.mount("/b")
            change = client.attribute("", nfs4_holder.CHANGE)
            self.configure({"name": "a", "read_only": True}, {"name": "c"})
            self.assertEqual(self.reload(), "added /c; changed /a; removed /b\n")
            self.await_line(server, "added /c; changed /a; removed /b")
            self.assertNotEqual(client.attribute("", nfs4_holder.CHANGE), change)
            # Removed: who holds handles hears STALE, and nothing is held there.
            self.refused(nfs4.Status.STALE, client.read, handle, stateid)
            with self.assertRaises(nfs3.NfsError) as refused:
                old.getattr(root)
            self.assertEqual(refused.exception.status, nfs3.Status.STALE)
            self.refused(nfs4.Status.NOENT, client.at, "b")
            self.assertEqual([row["share"] for row in self.status("holders")["holders"]["listed"]], ["a"])
            # Changed: at the next request.
            client.read(file, kept)
            self.refused(nfs4.Status.ROFS, client.write, file, kept)
            # Added.
            other.open("c", "new")
            self.assertEqual(self.exports(server), ["/a", "/c"])
            self.assertEqual([share["name"] for share in self.status()["shares"]], ["a", "c"])
            # Back again, with all that was in it, and nothing that was held.
            self.configure({"name": "a"}, {"name": "b"})
            server.process.send_signal(signal.SIGHUP)
            self.await_line(server, "added /b; changed /a; removed /c")
            self.refused(nfs4.Status.BAD_STATEID, client.read, handle, stateid)
            self.assertEqual(client.handle("b/file"), handle)
            other.open("b", "file", deny=nfs4.SHARE_BOTH)
            client.write(file, kept)
            old.getattr(root)
            self.assertEqual(server.end(), 0)

    def test_a_configuration_that_is_no_good_changes_nothing(self):
        self.configure({"name": "a"}, {"name": "b"})
        with self.serving() as server:
            for shares, wrong in (([{"name": "x/y"}], "shares[0].name"), ([{"name": "a", "squash": "some"}], "squash"),
                                  ([{"name": "a"}, {"name": "A"}], "differ only in case")):
                self.configure(*shares)
                at_start = nfsd("--config", str(self.file))
                self.assertEqual(at_start.returncode, 2)
                message = at_start.stderr.removeprefix("nfsd: ").strip()
                self.assertIn(wrong, message)
                done = nfsd("--reload", "--data", str(self.data))
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn(message, done.stderr)
                server.process.send_signal(signal.SIGHUP)
                for _ in range(2):
                    self.assertIn(message, self.await_line(server, "nothing has changed"))
            self.file.write_text("{")
            self.assertEqual(nfsd("--reload", "--data", str(self.data)).returncode, 1)
            self.assertEqual(self.exports(server), ["/a", "/b"])
            self.assertEqual(server.end(), 0)

    def test_settings_that_only_a_start_changes_are_named(self):
        with self.serving() as server:
            self.configure(threads=3, limits={"slots": 7})
            self.assertEqual(self.reload(), "only a start changes: limits.slots, threads\n")
            self.configure()
            self.assertEqual(self.reload(), "nothing has changed\n")
            self.assertEqual(server.end(), 0)

    def test_shares_go_under_load(self):
        self.configure({"name": "a"}, {"name": "b"})
        with self.serving("--threads", "2") as server:
            client = self.client(server)
            until = time.monotonic() + 5
            turns = 0
            while time.monotonic() < until or turns < 3:
                turns += 1
                self.configure({"name": "a"})
                self.assertIn("removed /b", self.reload())
                self.refused(nfs4.Status.NOENT, client.open, "b", "file")
                self.configure({"name": "a"}, {"name": "b"})
                self.assertIn("added /b", self.reload())
                stateid, handle = client.open("b", "file", owner=b"%d" % turns, deny=nfs4.SHARE_WRITE)
                client.write(handle, stateid)
            self.assertEqual(self.status("holders")["holders"]["count"], 1)
            self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    counted.main()
