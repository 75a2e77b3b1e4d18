"""Runs the unittest cases of the main module and closes with the line that tests/run.py reads: `N passed, N failed[, N skipped]`.

A test case counts once, however many of its subtests fail.
"""

import sys
import unittest


def main():
    cases = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(stream=sys.stdout).run(cases)
    failed = len({getattr(case, "test_case", case).id() for case, _ in result.failures + result.errors})
    # A failing setUpClass stands for tests that did not run.
    passed = max(result.testsRun - failed - len(result.skipped), 0)
    for case, reason in result.skipped:
        print(f"skipped: {case}: {reason}")
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    print(f"{passed} passed, {failed} failed{skipped}", flush=True)
    sys.exit(1 if failed else 0)
