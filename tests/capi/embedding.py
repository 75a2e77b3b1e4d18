"""What the tests of examples and bindings share: a program that serves, libnfs clients, and the count at the end."""

import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import counted  # noqa: E402

PATIENCE = 60


def python_environment(library, bindings, preload=""):
    """For a Python that loads `library`; `preload` is a sanitizer's runtime when the library was built with one."""
    environment = dict(os.environ, DITTO_LIBRARY=os.path.abspath(library), PYTHONPATH=bindings, PYTHONDONTWRITEBYTECODE="1")
    if preload:
        environment["LD_PRELOAD"] = preload
        # The interpreter itself leaks.
        environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    return environment


class Program:
    """A program that says on stdout, once it serves, which port it is on: by a libnfs URL, or as `line` finds it."""

    def __init__(self, command, line=r"nfsport=(\d+)&", **options):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )
        said = self._first(line)
        match = re.search(line, said)
        if not match:
            self.process.kill()
            raise AssertionError(f"no port in {said!r}; {self.process.communicate()[1]}")
        self.port = match[1]

    def _first(self, wanted):
        """What it says until `wanted` is there: a prompt does not end with a newline."""
        said = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not re.search(wanted, said.decode()) and selector.select(PATIENCE):
                part = os.read(self.process.stdout.fileno(), 4096)
                if not part:
                    break
                said += part
        return said.decode()

    def url(self, path=""):
        return f"nfs://127.0.0.1/export{path}?nfsport={self.port}&mountport={self.port}"

    def stop(self, signal_number=None, text=None):
        """By a signal or by a line of input; the exit status."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
        try:
            _, errors = self.process.communicate(text, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"it did not stop; {self.process.communicate()[1]}")
        if errors:
            print(errors, end="")
        return self.process.returncode


def client(tool, *arguments):
    """A libnfs tool's output. """
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        raise AssertionError(f"{tool} {' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def put_and_get(test, program, name):
    """Copies a file in and out again and finds it in the listing."""
    with tempfile.TemporaryDirectory() as folder:
        source, copy = Path(folder) / "source", Path(folder) / "copy"
        source.write_bytes(os.urandom(3_000_000))
        client("nfs-cp", str(source), program.url("/" + name))
        client("nfs-cp", program.url("/" + name), str(copy))
        test.assertEqual(source.read_bytes(), copy.read_bytes())
    listing = client("nfs-ls", program.url())
    test.assertRegex(listing, rf"\b3000000 .*{name}")


needs_libnfs = unittest.skipUnless(shutil.which("nfs-cp") and shutil.which("nfs-ls"), "libnfs-utils is not installed")


run = counted.main
