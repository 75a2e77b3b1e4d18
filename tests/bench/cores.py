"""Which core the servers run on and which one the generator, so that neither takes the other's time."""

import contextlib
import os


class Cores:
    """Two cores of those this process may use; none when it has one only, or is not to pin."""

    def __init__(self, pin):
        self.all = os.sched_getaffinity(0)
        self.pinned = pin and len(self.all) >= 2
        self.server, self.generator = (min(self.all), max(self.all)) if self.pinned else (None, None)

    @contextlib.contextmanager
    def running_on(self, core):
        """What is started meanwhile runs there; no core: wherever it likes."""
        if core is not None:
            os.sched_setaffinity(0, {core})
        try:
            yield
        finally:
            os.sched_setaffinity(0, self.all)

    def __str__(self):
        if not self.pinned:
            return f"nothing is pinned, {len(self.all)} cores"
        return f"servers on core {self.server}, the generator on core {self.generator}"
