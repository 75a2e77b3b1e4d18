"""Servers under test: nfsd of this build, or nfs-ganesha in its place (DITTO_TEST_SERVER=ganesha), to tell a fault of a test
from a fault of ours."""

import json
import os
import re
import socket
import subprocess
from pathlib import Path

from . import ganesha
from .namespace import ROOT
from .process import Process

BUILD = Path(os.environ.get("DITTO_BUILD", ROOT / "build/release"))
NFSD = BUILD / "servers/nfsd/nfsd"
# No sanitizer and no busy machine makes a start slower than this.
START_SECONDS = 60

READY = re.compile(r"ready.*?[\s=\"](?:\[[0-9a-f:]+\]|[0-9.]+):(\d+)")


def uses_ganesha():
    return os.environ.get("DITTO_TEST_SERVER") == "ganesha"


class StartFailed(Exception):
    """The server ended, or said nothing, before it was ready."""


class Nfsd:
    """One nfsd on a directory. `shares` are the objects of the configuration's list; port 0 takes any and keeps it over restarts."""

    def __init__(self, scratch, shares=None, port=0, settings=None, environment=None, prefix=(), label="nfsd"):
        self.label, self.scratch = label, Path(scratch)
        self.data = self.scratch / "data"
        self.shares = shares or [{"name": "export", "squash": "none", "root_mode": "0777"}]
        self.port, self.settings, self.prefix = port, settings or {}, list(prefix)
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None

    @property
    def mount_port(self):
        return self.port

    @property
    def pid(self):
        return self.process.pid

    def path(self, share="export"):
        return "/" + share

    pseudo_path = path

    def write_configuration(self):
        file = self.scratch / "nfsd.json"
        file.write_text(json.dumps({"data": str(self.data), "shares": self.shares, "listen": "127.0.0.1",
                                    "nfs_port": self.port, **self.settings}))
        return file

    def launch(self):
        """Starts the program and does not wait until it is ready."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        return Process([*self.prefix, str(NFSD), "--config", str(self.write_configuration())], env=self.environment)

    def start(self):
        self.process = self.launch()
        port = self.process.wait_line(lambda line: (match := READY.search(line)) and int(match[1]), START_SECONDS)
        if port is None:
            self.process.kill()
            raise StartFailed(f"nfsd was not ready:\n{self.process.output}")
        self.port = port
        return self

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()

    def status(self):
        """What the server says of itself at its control socket."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(30)
            control.connect(str(self.data / "control.sock"))
            control.sendall(b"GET /status HTTP/1.0\r\n\r\n")
            with control.makefile("rb") as answer:
                return json.loads(answer.read().partition(b"\r\n\r\n")[2])

    def check(self, seconds=120):
        """nfsd --check of the stopped server's directory, contents and all: (exit status, output)."""
        done = subprocess.run([str(NFSD), "--config", str(self.write_configuration()), "--check", "--contents"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, env=self.environment)
        return done.returncode, done.stdout.decode(errors="replace")

    def __enter__(self):
        return self if self.process else self.start()

    def __exit__(self, *_):
        if self.process:
            self.kill()


def start(scratch, **options):
    """The server that the suite is to test, started."""
    if uses_ganesha():
        return ganesha.Ganesha(scratch, shares=options.get("shares"), port=options.get("port", 0)).start()
    return Nfsd(scratch, **options).start()


def missing():
    """Why there is nothing to test, or ''."""
    if uses_ganesha():
        return ganesha.missing()
    return "" if NFSD.exists() else f"{NFSD} is not built"
