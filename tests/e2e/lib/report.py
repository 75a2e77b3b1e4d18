"""Counts what a suite did and prints it: one line a test, at the end `N passed, N failed, N skipped`."""

import contextlib
import sys
import time
import traceback


class Skip(Exception):
    """Raised in a test that cannot run here; the text says why."""


class Report:
    def __init__(self, only=""):
        self.passed = self.failed = self.skipped = 0
        self.only = only

    def wants(self, name):
        return self.only in name

    def run(self, name, function, *arguments):
        """Runs one test: it passes unless it raises. Returns whether it passed."""
        if not self.wants(name):
            return False
        started = time.monotonic()
        try:
            note = function(*arguments)
        except Skip as reason:
            self.skip(name, str(reason))
            return False
        except Exception as error:  # a test must not stop the others
            self.failed += 1
            print(f"FAILED  {time.monotonic() - started:6.1f} s  {name}: {type(error).__name__}: {error}", flush=True)
            if not isinstance(error, AssertionError) or not str(error):
                traceback.print_exc(file=sys.stdout)
            return False
        self.passed += 1
        print(f"ok      {time.monotonic() - started:6.1f} s  {name}" + (f" ({note})" if isinstance(note, str) else ""), flush=True)
        return True

    def skip(self, name, reason, count=1):
        self.skipped += count
        print(f"skipped: {name}: {reason}", flush=True)

    def close(self):
        """Prints the sum; returns the exit status."""
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        return 1 if self.failed else 0


def check(condition, message):
    """Like assert, but also under -O and always with a message."""
    if not condition:
        raise AssertionError(message)


def equal(got, wanted, what):
    check(got == wanted, f"{what}: got {short(got)}, wanted {short(wanted)}")


def short(value, limit=300):
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"


@contextlib.contextmanager
def expect_os_error(*numbers):
    """The body must raise OSError with one of these errno values."""
    try:
        yield
    except OSError as error:
        check(error.errno in numbers, f"failed with {error}, wanted errno {numbers}")
        return
    raise AssertionError(f"it worked, wanted errno {numbers}")


def eventually(condition, seconds, what, pause=0.02):
    """Waits until condition() is true; fails when that takes longer."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        check(time.monotonic() < deadline, f"not within {seconds} s: {what}")
        time.sleep(pause)
    return value
