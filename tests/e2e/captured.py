"""What goes over the wire, as Wireshark understands it: nothing may be malformed, and all that clients send and get is seen."""

import collections
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from lib import namespace, nfs3, rpc
from lib.nfs4_numbers import Op
from lib.process import Process
from lib.report import Skip, check

import libnfs_tools
from kernel_one import label
from own_server import MOUNT, WITHOUT_DELEGATIONS, mounted

DECODE_SECONDS = 200
BUFFERED_SECONDS = 1  # so long dumpcap may keep what it has
LEFT_BYTES = 200_000
FIELDS = ("frame.number", "tcp.srcport", "tcp.dstport", "nfs.procedure_v3", "nfs.opcode", "nfs.cb.operation", "_ws.malformed",
          "_ws.expert.severity", "_ws.expert.message")
ERROR = str(0x00800000)  # of _ws.expert.severity

# Numbers of RFC 1813.
PROCEDURES = dict(enumerate((
    "NULL GETATTR SETATTR LOOKUP ACCESS READLINK READ WRITE CREATE MKDIR SYMLINK MKNOD REMOVE RMDIR RENAME LINK READDIR READDIRPLUS "
    "FSSTAT FSINFO PATHCONF COMMIT").split()))
OPERATIONS = {each.value: each.name for each in Op}
EITHER = "ACCESS COMMIT CREATE GETATTR LINK LOOKUP READ READLINK REMOVE RENAME SETATTR WRITE"
OF_4 = EITHER + " CLOSE GETFH LOCK LOCKU OPEN PUTFH PUTROOTFH READDIR SAVEFH"
WANTED = {
    "3": EITHER + " FSINFO FSSTAT MKDIR MKNOD PATHCONF READDIRPLUS RMDIR SYMLINK",
    "4.0": OF_4 + " SETCLIENTID SETCLIENTID_CONFIRM OPEN_CONFIRM",
    "4.1": OF_4 + " EXCHANGE_ID CREATE_SESSION SEQUENCE RECLAIM_COMPLETE SECINFO_NO_NAME DESTROY_SESSION DESTROY_CLIENTID",
}
WANTED["4.2"] = WANTED["4.1"] + " ALLOCATE DEALLOCATE SEEK GETXATTR SETXATTR LISTXATTRS REMOVEXATTR"
NEW_IN = {"4.2": ("holes", "room", "attributes")}  # what a client does that asks for those
OF_LIBNFS = ("3", "4.0")


@contextlib.contextmanager
def capture(file):
    """Everything that goes by TCP meanwhile, in both directions."""
    with Process(["dumpcap", "-q", "-i", "any", "-B", "64", "-f", "tcp", "-w", file]) as dump:
        # It names its file when it has begun.
        check(dump.wait_line(lambda line: line.startswith("File: "), 60), f"dumpcap did not begin:\n{dump.output}")
        yield
        time.sleep(BUFFERED_SECONDS)
        dump.signal(signal.SIGINT)
        dump.wait(60)
        check(re.search(r"received/dropped on interface 'any': [1-9][0-9]*/0 ", dump.output), f"packets are lost:\n{dump.output}")


def decode(file, port):
    """What tshark says of each packet with RPC, or with a fault in it."""
    # Two processors capture packets of one stream in another order than they were sent in.
    options = ["-d", f"tcp.port=={port},rpc", "-o", "tcp.desegment_tcp_streams:TRUE", "-o", "tcp.reassemble_out_of_order:TRUE",
               "-o", "rpc.desegment_rpc_over_tcp:TRUE", "-o", "rpc.defragment_rpc_over_tcp:TRUE"]
    fields = [word for field in FIELDS for word in ("-e", field)]
    done = subprocess.run(["tshark", "-n", "-r", file, *options, "-Y", "rpc or nfs or _ws.malformed", "-T", "fields", *fields],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DECODE_SECONDS)
    check(done.returncode == 0, f"tshark ended with {done.returncode}: {done.stderr[-500:]}")
    return [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()]


def faults(packets):
    """What is malformed, and what an expert of a protocol calls an error."""
    return [packet for packet in packets if packet["_ws.malformed"] or ERROR in packet["_ws.expert.severity"].split(",")]


def seen(packets, port, version):
    """(operation, whether it is a call) -> how often."""
    field, names = ("nfs.procedure_v3", PROCEDURES) if version == "3" else ("nfs.opcode", OPERATIONS)
    counts = collections.Counter()
    for packet in packets:
        if str(port) not in (packet["tcp.srcport"], packet["tcp.dstport"]):
            continue  # another server's, which clients keep their leases with
        for number in filter(None, packet[field].split(",")):
            counts[names.get(int(number), number), packet["tcp.dstport"] == str(port)] += 1
    return counts


def use_libnfs(one, version):
    """Its tools; they know versions 3 and 4.0. The writing of those here fails for 4.0 with every server, before it asks anything."""
    url = f"nfs://127.0.0.1{one.path()}/{{}}?version={version[0]}&nfsport={one.port}&mountport={one.mount_port}"
    libnfs_tools.tool("nfs-ls", url.format(""))
    check(len(libnfs_tools.tool("nfs-cat", url.format("left"))) == LEFT_BYTES, "nfs-cat showed something else")
    if version == "3":
        libnfs_tools.tool("nfs-cp", __file__, url.format("copied"))


def need_tshark():
    missing = [name for name in ("dumpcap", "tshark") if shutil.which(name) is None]
    if missing or os.geteuid() != 0 or not namespace.is_own_network():
        raise Skip("it takes tshark, root, and a network of its own")


def malformed_is_noticed(scene):
    """A LOOKUP whose name ends before its time."""
    need_tshark()
    cut = rpc.call_bytes(1, nfs3.NFS_PROGRAM, nfs3.VERSION, nfs3.Proc.LOOKUP, nfs3.name(b"handle..", b"a name of some length").bytes)[:-12]
    with tempfile.TemporaryDirectory(prefix="ditto-captured-") as scratch, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with capture(f"{scratch}/packets"), socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(rpc.record(cut))
        check(faults(decode(f"{scratch}/packets", port)), "nobody noticed")


def understood(version):
    def test(scene):
        need_tshark()
        guest = scene.guest("A")
        with tempfile.TemporaryDirectory(prefix="ditto-captured-") as scratch:
            file = f"{scratch}/packets"
            # With a delegation clients keep opens and locks to themselves.
            with capture(file), mounted(version, guest, shares=WITHOUT_DELEGATIONS) as one:
                guest.call("ask_for_everything", at=MOUNT)
                guest.call("write_file", path=f"{MOUNT}/left", seed=1, size=LEFT_BYTES)
                for call in NEW_IN.get(version, ()):
                    guest.call(call, at=MOUNT)
                if version in OF_LIBNFS:
                    use_libnfs(one, version)
            packets = decode(file, one.port)
        bad = faults(packets)
        check(not bad, f"{len(bad)} of {len(packets)} packets, the first: {bad[:3]}")
        counts = seen(packets, one.port, version)
        absent = [f"{'call' if call else 'reply'} of {name}" for name in WANTED[version].split() for call in (True, False)
                  if not counts[name, call]]
        check(not absent, f"not seen: {absent}; seen: {dict(counts)}")
        uneven = {name: (counts[name, True], counts[name, False]) for name, _ in counts if counts[name, True] < counts[name, False]}
        check(not uneven, f"more replies than calls: {uneven}")
        return f"{len(packets)} packets, {len({name for name, _ in counts})} kinds"
    return test


TESTS = [("captured: what is malformed is noticed", malformed_is_noticed)]
TESTS += [(f"{label('captured', version)}: tshark understands all of it", understood(version)) for version in WANTED]
