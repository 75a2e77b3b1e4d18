"""nfsd as a program that tests start; its path is the test's first argument."""

import os
import re
import signal
import subprocess
import sys

NFSD = os.path.abspath(sys.argv[1])
PATIENCE = 60
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("DITTO_")}


def nfsd(*arguments, **environment):
    return subprocess.run(
        [NFSD, *arguments], capture_output=True, text=True, timeout=PATIENCE, env={**CLEAN, **environment}, stdin=subprocess.DEVNULL
    )


class Running:
    """A server that has said it is ready."""

    def __init__(self, *arguments, **environment):
        self.process = subprocess.Popen(
            [NFSD, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**CLEAN, **environment}, stdin=subprocess.DEVNULL
        )
        self.lines = []
        for line in self.process.stderr:
            self.lines.append(line)
            match = re.search(r"ready: NFS on (\S+):(\d+)", line)
            if match:
                self.address, self.port = match[1], int(match[2])
                return
        raise AssertionError("".join(self.lines))

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=PATIENCE)
        self.lines += errors.splitlines(keepends=True)
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.kill()
        self.process.communicate()
