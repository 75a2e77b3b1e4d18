"""The server's portmapper on port 111, as clients without options use it: rpcinfo, showmount, and a mount that names no port."""

import os
import shutil
import subprocess

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
]
KERNEL_TESTS = [("portmap: a kernel mount that names no port", mount_without_ports)]
