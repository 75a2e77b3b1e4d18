#!/usr/bin/env python3
"""Metrics, as whoever scrapes them sees them: metrics.py NFSD"""

import http.client
import json
import re
import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[1:1] = [str(TESTS / "support"), str(TESTS / "e2e")]
import counted  # noqa: E402
from lib import nfs3  # noqa: E402
from program import PATIENCE, Running, nfsd  # noqa: E402

LINE = re.compile(r'^([a-z_0-9]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)*)\})? (-?\d+)$')
GAUGES = {
    "ditto_build_info", "ditto_serving", "ditto_uptime_seconds", "ditto_listener_connections", "ditto_listener_max_connections",
    "ditto_share_read_only", "ditto_store_serving", "ditto_store_last_lsn", "ditto_store_durable_lsn", "ditto_store_journal_bytes",
    "ditto_store_journal_max_bytes", "ditto_store_memory_bytes", "ditto_store_memory_max_bytes", "ditto_store_journal_tail_was_torn",
    "ditto_nfs4_delegations_held", "ditto_nfs4_callbacks_waiting", "ditto_nfs4_copies_under_way", "ditto_memory_budget_bytes",
    "ditto_memory_in_flight_bytes", "ditto_memory_in_flight_max_bytes", "ditto_clients", "ditto_peers", "ditto_peers_monitored",
    "ditto_holders", "ditto_waiters", "ditto_grace_running", "ditto_attention",
}


def serving(*flags, data=":memory:", port=0):
    return Running("--data", str(data), "--nfs-port", "0", "--metrics-enabled", "true", "--metrics-port", str(port), *flags)


def port_of(server):
    found = [match[1] for line in server.lines if (match := re.search(r"metrics on http://127\.0\.0\.1:(\d+)/metrics", line))]
    return int(found[0])


def ask(port, method="GET", target="/metrics"):
    """(status, its header fields, the body)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request(method, target)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        connection.close()


def parsed(page):
    """(name, labels) -> value, and name -> type; every line is one or the other."""
    values, types, current = {}, {}, None
    for line in page.splitlines():
        if line.startswith("# TYPE "):
            current, types_as = line.split()[2:]
            assert current not in types, f"{current} comes twice"
            types[current] = types_as
            continue
        match = LINE.match(line)
        assert match and match[1] == current, f"{line!r} below {current}"
        assert (match[1], match[2]) not in values, f"{line!r} comes twice"
        values[match[1], match[2]] = int(match[3])
    return values, types


class Metrics(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name) / "data"

    def test_they_are_the_numbers_of_the_status(self):
        with serving("--share", "photos", data=self.data) as server:
            with nfs3.Client(server.port) as client:
                client.mkdir(client.mount("/photos"), b"directory")
                status, fields, page = ask(port_of(server))
                shown = json.loads(nfsd("--status", "--json", "--data", str(self.data)).stdout)
            self.assertEqual((status, fields["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
            values, types = parsed(page)
            self.assertEqual({name for name, kind in types.items() if kind == "gauge"}, GAUGES)
            self.assertTrue(all(name.endswith("_total") for name, kind in types.items() if kind == "counter"))
            store, listener = f'directory="{self.data}"', f'protocols="NFS, MOUNT, NLM, NSM",address="127.0.0.1",port="{server.port}"'
            self.assertEqual(values["ditto_listener_connections", listener], 1)
            self.assertEqual(values["ditto_share_read_only", 'name="photos"'], 0)
            self.assertEqual(values["ditto_store_serving", store], 1)
            [of_store] = shown["stores"]
            self.assertEqual(values["ditto_store_durable_lsn", store], of_store["durable_lsn"])
            self.assertEqual(values["ditto_store_journal_syncs_total", store], of_store["counters"]["journal_syncs"])
            self.assertEqual(values["ditto_memory_budget_bytes", None], shown["memory"]["budget_bytes"])
            kinds = [labels for name, labels in values if name == "ditto_nfs4_delegations_recalled_total"]
            self.assertEqual(kinds, ['kind="read"', 'kind="write"', 'kind="directory"'])
            for section in ("nfs4_callbacks", "nfs4_copies", "audit"):
                for member in shown[section]:
                    self.assertTrue({(f"ditto_{section}_{member}", None), (f"ditto_{section}_{member}_total", None)} & values.keys(), member)
            self.assertEqual(server.end(), 0)

    def test_only_they_are_at_the_port_and_only_to_be_read(self):
        with serving() as server:
            port = port_of(server)
            self.assertEqual(ask(port, "HEAD")[::2], (200, ""))
            status, fields, _ = ask(port, "POST")
            self.assertEqual((status, fields["Allow"]), (405, "GET, HEAD"))
            for target in ("/", "/status", "/reload", "/metrics/more"):
                for method in ("GET", "POST"):
                    self.assertEqual(ask(port, method, target)[0], 404, target)
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
                connection.sendall(b"\x80\x00\x00\x28 what is this\r\n\r\n")
                self.assertIn(b" 400 ", connection.recv(100))
            self.assertEqual(server.end(), 0)
            self.assertFalse([line for line in server.lines if "WARN" in line.upper() or "ERROR" in line.upper()])

    def test_many_ask_at_once_for_them_and_for_the_status(self):
        with serving(data=self.data) as server:
            port, answers = port_of(server), []
            def scrape():
                answers.extend(ask(port)[0] for _ in range(20))
            def look():
                answers.extend(200 if nfsd("--status", "--data", str(self.data)).returncode == 0 else 0 for _ in range(3))
            threads = [threading.Thread(target=each) for each in (scrape, look) * 4]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            self.assertEqual(answers, [200] * (4 * 20 + 4 * 3))
            self.assertEqual(server.end(), 0)

    def test_a_port_that_is_taken_is_told_and_the_server_serves(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with serving(port=port) as server:
                [told] = [line for line in server.lines if "no metrics" in line]
                for word in (str(port), "metrics.port"):
                    self.assertIn(word, told)
                with nfs3.Client(server.port) as client:
                    client.mount("/export")
                self.assertEqual(server.end(), 0)

    def test_there_are_none_unless_they_are_wanted(self):
        with Running("--data", ":memory:", "--nfs-port", "0") as server:
            self.assertFalse([line for line in server.lines if "metrics" in line])
            self.assertEqual(server.end(), 0)


if __name__ == "__main__":
    counted.main()
