"""The server's portmapper on port 111, as clients without options use it: rpcinfo, showmount, and a mount that names no port."""

import json
import os
import shutil
import subprocess
import tempfile

from lib import namespace, server
from lib.report import Skip, check

PORT = 111


def settings():
    """For the server of the run: a portmapper on the well-known port, where that is ours alone."""
    return {"portmap": {"enabled": True, "port": PORT}} if usable() else {}


def usable():
    return os.geteuid() == 0 and namespace.is_own_network() and not server.uses_ganesha()


def tool(*command):
    if not usable():
        raise Skip(f"port {PORT} is nfsd's only for root in a network of its own")
    path = shutil.which(command[0], path="/usr/sbin:/sbin:/usr/bin:/bin")
    if path is None:
        raise Skip(f"there is no {command[0]}")
    done = subprocess.run([path, *command[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30)
    text = done.stdout.decode(errors="replace")
    check(done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}: {text[-300:]}")
    return text


def rpcinfo(scene):
    rows = [line.split() for line in tool("rpcinfo", "-p", "127.0.0.1").splitlines()]
    port = str(scene.server.port)
    locks = [[program, version, transport, port] for transport in ("tcp", "udp")
             for program, version in (("100021", "1"), ("100021", "3"), ("100021", "4"), ("100024", "1"))]
    for row in [["100003", "3", "tcp", port], ["100005", "3", "tcp", port], ["100000", "2", "tcp", str(PORT)], *locks]:
        check(row in [found[:4] for found in rows], f"no line {row} in {rows}")
    tool("rpcinfo", "-t", "127.0.0.1", "100003", "3")
    tool("rpcinfo", "-t", "127.0.0.1", "100005", "3")
    tool("rpcinfo", "-t", "127.0.0.1", "100021", "4")
    tool("rpcinfo", "-u", "127.0.0.1", "100021", "4")
    tool("rpcinfo", "-u", "127.0.0.1", "100024", "1")


def showmount(scene):
    text = tool("showmount", "-e", "127.0.0.1")
    for name in ("/export", "/squashed", "/readonly"):
        check(any(line.split()[0] == name for line in text.splitlines()[1:] if line.strip()), f"no line for {name}: {text}")


# In a network of its own, since the run's server has port 111; killing the first process of the pid namespace ends all of it.
OWN_RPCBIND = """
set -e
ip link set lo up && mount -t tmpfs run /run && mkdir -p /run/rpcbind /run/lock && rpcbind -w
"$1" --config "$2" & nfsd=$!
for i in $(seq 200); do rpcinfo -p 127.0.0.1 | grep -q '100024 .*udp' && break; sleep 0.1; done
rpcinfo -p 127.0.0.1
rpcinfo -u 127.0.0.1 100021 4
kill "$nfsd" && wait "$nfsd"
echo stopped
rpcinfo -p 127.0.0.1
"""


def own_rpcbind(scene):
    """locks.rpcbind: the machine's own portmapper is told of the server, and told when it ends."""
    if not usable() or shutil.which("rpcbind", path="/usr/sbin:/sbin") is None:
        raise Skip("it takes root, a network of its own, and rpcbind")
    with tempfile.TemporaryDirectory(prefix="ditto-rpcbind-") as scratch:
        configuration = os.path.join(scratch, "nfsd.json")
        with open(configuration, "w") as file:
            json.dump({"data": scratch + "/data", "shares": [{"name": "export"}], "nfs_port": 20490, "locks": {"rpcbind": True}}, file)
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "bash", "-c", OWN_RPCBIND, "rpcbind",
                   str(server.NFSD), configuration]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    text = done.stdout.decode(errors="replace")
    check(done.returncode == 0, f"it ended with {done.returncode}: {text[-600:]}")
    before, after = text.split("\nstopped\n")
    for program, transport in (("100003", "tcp"), ("100005", "tcp"), ("100021", "tcp"), ("100021", "udp"), ("100024", "udp")):
        rows = [line.split() for line in before.splitlines()]
        check(any(row[:1] == [program] and row[2:4] == [transport, "20490"] for row in rows), f"no {program} by {transport}: {before}")
    check("20490" not in after, f"something is left: {after}")


def mount_without_ports(scene):
    if not usable():
        raise Skip(f"port {PORT} is nfsd's only for root in a network of its own")
    a = scene.guest("A")
    a.call("mount_by_portmapper", export="/export", directory="/mnt/found")
    a.call("write_file", path="/mnt/found/by-portmapper", seed=1, size=1000)
    a.call("check_file", path="/mnt/e2e/by-portmapper", seed=1, size=1000)
    a.call("unmount", directory="/mnt/found")


TESTS = [
    ("portmap: rpcinfo", rpcinfo),
    ("portmap: showmount -e", showmount),
    ("portmap: this machine's own rpcbind", own_rpcbind),
]
KERNEL_TESTS = [("portmap: a kernel mount that names no port", mount_without_ports)]
