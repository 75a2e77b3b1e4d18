"""Kernel clients for tests: this host's own kernel where it can mount NFS, else the kit that boots one (DITTO_KCLIENT).

A Guest is one client. It runs tests/e2e/guest/agent.py, which connects back here; call() asks it for something and waits,
start() asks and does not wait.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from .namespace import ROOT
from .process import Process
from .report import Skip

AGENT = ROOT / "tests/e2e/guest/agent.py"
KIT = Path(os.environ.get("DITTO_KCLIENT", ROOT / "../shared/kclient")).resolve()
LIFETIME_SECONDS = 1700
BOOT_SECONDS = 120
CALL_SECONDS = 420


def host_can_mount():
    """Whether this very kernel has an NFS client that this process may use."""
    if os.geteuid() != 0 or shutil.which("mount.nfs", path="/sbin:/usr/sbin") is None:
        return False
    subprocess.run(["modprobe", "nfsv3"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) if shutil.which("modprobe") else None
    if "\tnfs\n" not in Path("/proc/filesystems").read_text():
        return False
    return subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


def missing():
    """Why there is no kernel client, or ''."""
    if host_can_mount():
        return ""
    if not (KIT / "run").exists():
        return "this kernel has no NFS client, and there is no kernel-client kit (DITTO_KCLIENT)"
    if os.geteuid() != 0:
        return "kernel clients need root"
    check = subprocess.run([str(KIT / "setup"), "--check"], capture_output=True, text=True)
    return "" if check.returncode == 0 else f"the kernel-client kit is not set up: {check.stderr.strip()}"


class Pending:
    def __init__(self, guest, what):
        self.guest, self.what, self.done, self.reply = guest, what, threading.Event(), None

    def wait(self, seconds=CALL_SECONDS):
        """The call's value; raises AssertionError with what went wrong in the guest."""
        if not self.done.wait(seconds):
            self.guest.lost = f"{self.what} took longer than {seconds} s"
            raise AssertionError(f"{self.guest.name}: {self.guest.lost}")
        if "error" in self.reply:
            raise AssertionError(f"{self.guest.name}: {self.what}: {self.reply['error']}")
        return self.reply["value"]


class Guest:
    def __init__(self, name, slot=None):
        """One of a kit's slot comes back as the same client."""
        self.name, self.lost = name, ""
        self.versions = set()  # of NFSv4, by which the scene's server is mounted
        self.scratch = tempfile.mkdtemp(prefix="ditto-guest-")
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(BOOT_SECONDS)
        port = str(self.listener.getsockname()[1])
        if host_can_mount():
            command = ["unshare", "--mount", "--propagation", "private", "python3", str(AGENT), port]
        else:
            command = [str(KIT / "run"), *(["-s", str(slot)] if slot else []), "-q", "-t", str(LIFETIME_SECONDS), "-m", "768", "-w", self.scratch, str(AGENT), port]
        self.process = Process(command)
        self.control = self.stream = None

    def ready(self):
        """Waits until it is up; raises RuntimeError."""
        if self.stream is None:
            try:
                self.control, _ = self.listener.accept()
            except TimeoutError:
                raise RuntimeError(f"{self.name} did not come up:\n{self.process.output[-2000:]}") from None
            self.stream = self.control.makefile("rwb")
        return self

    def start(self, call, **arguments):
        """Asks for a call; the guest does one at a time."""
        if self.lost:
            raise Skip(f"the client was lost before: {self.lost}")
        pending = Pending(self, call)
        threading.Thread(target=self._exchange, args=(pending, {"call": call, "with": arguments}), daemon=True).start()
        return pending

    def _exchange(self, pending, request):
        try:
            self.stream.write(json.dumps(request).encode() + b"\n")
            self.stream.flush()
            line = self.stream.readline()
            pending.reply = json.loads(line) if line else {"error": f"the client ended: {self.process.output[-1500:]}"}
        except (OSError, ValueError) as error:
            pending.reply = {"error": f"the client ended: {error}"}
        pending.done.set()

    def call(self, call, seconds=CALL_SECONDS, **arguments):
        return self.start(call, **arguments).wait(seconds)

    def mount(self, server, directory="/mnt/e2e", share="export", options="", version="3"):
        self.call("mount", export=server.path(share), directory=directory, port=server.port, mount_port=server.mount_port,
                  options=options, version=version)
        return directory

    def close(self):
        self.listener.close()
        if self.control is not None:
            try:
                self.control.shutdown(socket.SHUT_RDWR)  # the agent ends with its connection
            except OSError:
                pass
        try:
            self.process.stop(10)
        except subprocess.TimeoutExpired:
            pass
        shutil.rmtree(self.scratch, ignore_errors=True)
