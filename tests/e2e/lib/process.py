"""Processes of a test: started in a group of their own, ended by their id, measured through /proc."""

import os
import signal
import subprocess
import threading
import time


class Process:
    """A program whose output lines are kept; `stop` or `kill` must be called, or the instance used in `with`."""

    def __init__(self, argv, **options):
        self.argv = argv
        self.lines = []
        self.arrived = threading.Condition()
        self.popen = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      start_new_session=True, **options)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.popen.stdout:
            with self.arrived:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                self.arrived.notify_all()
        with self.arrived:
            self.lines.append(None)
            self.arrived.notify_all()

    @property
    def pid(self):
        return self.popen.pid

    @property
    def output(self):
        return "\n".join(line for line in self.lines if line is not None)

    def wait_line(self, matches, seconds):
        """The first line for which matches(line) is true; its value is returned. None if the program ends or time passes."""
        deadline, seen = time.monotonic() + seconds, 0
        with self.arrived:
            while True:
                for line in self.lines[seen:]:
                    if line is None:
                        return None
                    if found := matches(line):
                        return found
                seen = len(self.lines)
                left = deadline - time.monotonic()
                if left <= 0 or not self.arrived.wait(left) and time.monotonic() >= deadline:
                    return None

    def running(self):
        return self.popen.poll() is None

    def signal(self, number):
        if self.running():
            self.popen.send_signal(number)

    def wait(self, seconds):
        """The exit status; raises subprocess.TimeoutExpired."""
        status = self.popen.wait(seconds)
        self.reader.join(5)
        return status

    def stop(self, seconds=60):
        """SIGTERM, and SIGKILL when that does not end it in time. Returns the exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        """SIGKILL to the program and what it started."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.wait(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


def room_bytes(size):
    """So much may a server's memory grow; a sanitizer's shadow and quarantine take several times that."""
    return size * 12 if any(word in os.environ.get("DITTO_BUILD", "") for word in ("asan", "tsan")) else size


def rss_bytes(pid):
    return status_bytes(pid, "VmRSS")


def anonymous_bytes(pid):
    return status_bytes(pid, "RssAnon")


def status_bytes(pid, field):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    return 0
