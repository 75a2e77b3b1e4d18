#!/usr/bin/env python3
"""Tests tests/run.py: that a suite which crashes, hangs, lies or runs nothing is a failure, and that the sum is right."""

import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "support")]
sys.dont_write_bytecode = True
import counted  # noqa: E402
import run  # noqa: E402


class Judge(unittest.TestCase):
    def outcome(self, text, status=0, timed_out=False):
        outcome = run.judge(text, status, timed_out)
        return outcome.passed, outcome.failed, outcome.skipped

    def test_counts_are_taken_from_the_last_line(self):
        self.assertEqual(self.outcome("9 passed, 9 failed\nx\n3 passed, 0 failed\n"), (3, 0, 0))
        self.assertEqual(self.outcome("3 passed, 2 failed, 1 skipped\n\n", 1), (3, 2, 1))

    def test_no_such_line_is_a_failure(self):
        self.assertEqual(self.outcome(""), (0, 1, 0))
        self.assertEqual(self.outcome("3 passed, 0 failed\nleaked 12 bytes\n", 23), (0, 1, 0))
        self.assertEqual(self.outcome("3 passed\n", -11), (0, 1, 0))

    def test_a_status_that_contradicts_the_line_is_a_failure(self):
        self.assertEqual(self.outcome("3 passed, 0 failed\n", 1), (3, 1, 0))

    def test_running_nothing_is_a_failure_but_skipping_is_not(self):
        self.assertEqual(self.outcome("0 passed, 0 failed\n"), (0, 1, 0))
        self.assertEqual(self.outcome("0 passed, 0 failed, 4 skipped\n"), (0, 0, 4))

    def test_a_timeout_is_a_failure(self):
        self.assertEqual(self.outcome("3 passed, 0 failed\n", 0, timed_out=True), (0, 1, 0))


class WholeRun(unittest.TestCase):
    """The runner in a tree of its own whose suites are one-liners."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "tests/support").mkdir(parents=True)
        shutil.copy(TESTS / "run.py", self.root / "tests")
        shutil.copy(TESTS / "support/netns", self.root / "tests/support")

    def run_suites(self, suites, *arguments):
        (self.root / "tests/suites").write_text(textwrap.dedent(suites))
        command = [sys.executable, str(self.root / "tests/run.py"), *arguments]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return result.returncode, (result.stdout.rstrip().splitlines() or [""])[-1], result.stdout + result.stderr

    def test_sum_of_good_suites(self):
        status, last, output = self.run_suites("""
            one - 10 shared echo 3 passed, 0 failed
            two - 10 alone  echo 4 passed, 0 failed, 1 skipped
            """)
        self.assertEqual((status, last), (0, "7 passed, 0 failed, 1 skipped"), output)

    def test_bad_suites_are_counted_and_shown(self):
        status, last, output = self.run_suites("""
            good  - 10 shared echo 3 passed, 0 failed
            bad   - 10 shared echo the reason; echo 1 passed, 2 failed; exit 1
            crash - 10 shared kill -SEGV $$
            hang  - 1  shared sleep 1000
            """)
        self.assertEqual((status, last), (1, "4 passed, 4 failed"), output)
        self.assertIn("| the reason", output)
        self.assertIn("killed by signal 11", output)
        self.assertIn("took too long", output)
        self.assertIn("build/test-logs/bad.log", output)

    def test_a_build_that_fails_fails_its_suites(self):
        (self.root / "dev").write_text("#!/bin/sh\necho no compiler\nexit 1\n")
        (self.root / "dev").chmod(0o755)
        status, last, output = self.run_suites("unit release 10 shared echo 3 passed, 0 failed\n")
        self.assertEqual((status, last), (1, "0 passed, 2 failed"), output)

    def test_of_a_broken_build_the_command_that_failed_is_shown(self):
        noise = "\\n".join(f"[{n}/99] Compiling" for n in range(20, 99))
        (self.root / "dev").write_text(f"#!/bin/sh\nprintf 'FAILED: a.o \\na.cpp:1: error: no\\n{noise}\\n'\nexit 1\n")
        (self.root / "dev").chmod(0o755)
        _, _, output = self.run_suites("unit release 10 shared echo 3 passed, 0 failed\n")
        self.assertIn("| a.cpp:1: error: no", output)
        self.assertNotIn("Compiling", output)

    def test_programs_come_from_meson(self):
        (self.root / "dev").write_text("#!/bin/sh\nexit 0\n")
        (self.root / "dev").chmod(0o755)
        build = self.root / "build/release"
        (build / "meson-info").mkdir(parents=True)
        ninja = "rule make\n  command = echo 2 passed, 0 failed > $out\nbuild build.ninja: phony\nbuild made: make\nbuild other: make\n"
        (build / "build.ninja").write_text(ninja)
        (build / "meson-info/intro-targets.json").write_text(
            f'[{{"id": "made@exe", "filename": ["{build}/made"]}}, {{"id": "other@exe", "filename": ["{build}/other"]}}]')
        (build / "meson-info/intro-tests.json").write_text(
            f'[{{"suite": ["ditto:unit"], "name": "a", "cmd": ["cat", "{build}/made"], "env": {{}}, "workdir": null,'
            '  "depends": ["made@exe"]},'
            ' {"suite": ["ditto:lost"], "name": "b", "cmd": ["true"], "env": {}, "workdir": null, "depends": ["other@exe"]}]')
        status, last, output = self.run_suites("""
            unit  release 10 shared @
            empty release 10 shared @
            """)
        self.assertEqual((status, last), (1, "2 passed, 2 failed"), output)
        self.assertIn("release/unit/a: 2 passed", output)
        self.assertIn("release/lost: Meson has such a suite", output)
        self.assertIn("release/empty: no program", output)
        self.assertFalse((build / "other").exists(), "no suite needs it")
        status, last, output = self.run_suites("unit release 10 shared @\n", "unit/a")
        self.assertIn("release/unit/a: 2 passed", output)
        status, last, output = self.run_suites("unit release 10 shared @\n", "unit/z")
        self.assertEqual(status, 2, output)

    def test_filter(self):
        suites = """
            one - 10 shared echo 3 passed, 0 failed
            two - 10 shared echo 4 passed, 0 failed
            """
        self.assertEqual(self.run_suites(suites, "two")[:2], (0, "4 passed, 0 failed"))
        self.assertEqual(self.run_suites(suites, "three")[0], 2)


if __name__ == "__main__":
    counted.main()
