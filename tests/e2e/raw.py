"""Clients of NFSv4 without a mount, for what no kernel here sends: scenes over one server, all of which is captured. tshark must find
nothing malformed, and every operation as often as it was sent.
"""

import collections
import contextlib
import re
import tempfile
from pathlib import Path

import captured
import raw_attributes
import raw_copies
import raw_delegations
import raw_directories
import raw_offloads
import raw_refused
import raw_restart
import raw_sparse
import raw_streams
import raw_xattrs
from lib import namespace, nfs3, server
from lib import nfs4_operations as ops
from lib.nfs4_client import Client
from lib.nfs4_client_0 import Client0
from lib.report import Skip, check

LEASE_SECONDS = 6
SHARES = [{"name": "export", "squash": "none", "root_mode": "0777"},
          {"name": "fixed", "squash": "none", "root_mode": "0777", "read_only": True}]
# The restart comes last.
GROUPS = (raw_sparse, raw_xattrs, raw_attributes, raw_refused, raw_delegations, raw_directories, raw_copies, raw_offloads, raw_streams, raw_restart)
# What this tshark (4.0) does not take apart; nor then what follows in the same COMPOUND.
NOT_DISSECTED = ()


def built(operation):
    """Whether the documents say that the server has it."""
    row = re.search(rf"^\| \d+ \| {operation} \| [\d.]+ \| (\w+) \|", (namespace.ROOT / "docs/protocols/nfs.md").read_text(), re.MULTILINE)
    check(row, f"docs/protocols/nfs.md has no row of {operation}")
    return row[1] == "yes"


def tests():
    """Those of operations that are built."""
    return [test for group in GROUPS if built(getattr(group, "OPERATION", "SEQUENCE")) for test in group.TESTS]


class World:
    """What the scenes share: the server, and clients that are gone with their scene."""

    lease_seconds = LEASE_SECONDS

    def __init__(self, one):
        self.server, self.clients, self.made = one, [], 0
        self.sent, self.called = collections.Counter(), collections.Counter()

    def client(self, owner=None, minor=2, **options):
        self.made += 1
        return self._keep(Client(self.server.port, (owner or f"client {self.made}").encode(), minor, **options))

    def client_0(self):
        self.made += 1
        return self._keep(Client0(self.server.port, f"client {self.made}".encode()))

    def client_3(self):
        """A client of NFSv3, and the root of the export."""
        raw = nfs3.Client(self.server.port, self.server.mount_port)
        return raw, raw.mount(self.server.path())

    def _keep(self, client):
        self.clients.append(client)
        return client

    def directory(self, client, name):
        """A new directory: its path."""
        self.made += 1
        client.at("export", ops.create(ops.DIRECTORY, f"{name}-{self.made}", {"mode": 0o777}))
        return f"export/{name}-{self.made}"

    def status(self, section):
        return self.server.status()[section]

    def leave(self):
        clients, self.clients = self.clients, []
        for client in clients:
            client.vanish()
            self.sent.update(client.sent)
            if client.minor > 0:  # those of 4.0 are called by connections of their own
                self.called.update(number for number, _ in client.callbacks.calls)
        wrong = [client.callbacks.wrong for client in clients if client.callbacks.wrong]
        check(not wrong, f"callbacks that no client could read: {wrong}")


def played(test):
    def scene(world):
        try:
            return test(world)
        finally:
            world.leave()
    return scene


def understood(world, file):
    """Every operation that was sent is seen, as often, and none of its frames is malformed."""
    captured.need_tshark()
    packets = captured.decode(file, world.server.port)
    bad = captured.faults(packets)
    check(not bad, f"{len(bad)} of {len(packets)} packets, the first: {bad[:3]}")
    seen = captured.seen(packets, world.server.port, "4.2")
    wrong = {number.name: (count, seen[number.name, True]) for number, count in world.sent.items()
             if seen[number.name, True] != count and number not in NOT_DISSECTED}
    check(not wrong, f"sent and seen: {wrong}")
    called = collections.Counter(int(number) for packet in packets if packet["tcp.srcport"] == str(world.server.port)
                                 for number in packet["nfs.cb.operation"].split(",") if number)
    wrong = {number.name: (count, called[number]) for number, count in world.called.items() if called[number] != count}
    check(not wrong, f"callbacks that came and that are seen: {wrong}")
    return (f"{len(packets)} packets, {sum(world.sent.values())} operations of {len(world.sent)} kinds, "
            f"{sum(world.called.values())} callbacks of {len(world.called)}")


@contextlib.contextmanager
def recorded(file):
    """Captured where that can be; the last of the tests says if it cannot."""
    try:
        captured.need_tshark()
    except Skip:
        yield
        return
    with captured.capture(file):
        yield


def run(report):
    last = "raw: tshark understands all of it"
    wanted = [(name, test) for name, test in tests() if report.wants(name) or report.wants(last)]
    if server.uses_ganesha() or not wanted:
        return
    with tempfile.TemporaryDirectory(prefix="ditto-raw-") as scratch:
        Path(scratch).chmod(0o755)
        with server.Nfsd(scratch, shares=SHARES, settings={"lease_seconds": LEASE_SECONDS}) as one:
            world, file = World(one), f"{scratch}/packets"
            with recorded(file):
                for name, test in wanted:
                    report.run(name, played(test), world)
            report.run(last, understood, world, file)


