#!/usr/bin/env python3
"""Runs the suites that tests/suites lists; `./dev test` calls it. The last line is the sum, the exit status 0 if nothing failed.

Builds are jobs like the suites: while one flavour is being built, the suites of those that are ready run beside it.
"""

import argparse
import dataclasses
import json
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
BUILDS = ("release", "asan", "tsan")
BUILD_SECONDS = 2400
CONFIGURE = "./dev configure {build} -Dtests=enabled && ninja -C build/{build} build.ninja"
GRACE_SECONDS = 10  # from SIGTERM to SIGKILL
TAIL_LINES = 40


@dataclasses.dataclass
class Suite:
    name: str
    build: str  # "-": needs none
    seconds: int
    alone: bool
    command: str

    @property
    def label(self):
        return self.name if self.build == "-" else f"{self.build}/{self.name}"


@dataclasses.dataclass
class Job:
    label: str
    argv: list
    seconds: int
    build: str = "-"  # the build it waits for
    alone: bool = False
    makes: str = ""  # the build it makes
    env: dict = dataclasses.field(default_factory=dict)
    cwd: Path = ROOT


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    why: str = ""  # of a failure that is not a counted one


def parse_suites(text):
    suites = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split(None, 4)
        if len(fields) != 5 or fields[3] not in ("shared", "alone") or not fields[2].isdigit():
            raise SystemExit(f"tests/suites:{number}: expected: suite builds seconds shared|alone command")
        for build in fields[1].split(","):
            suites.append(Suite(fields[0], build, int(fields[2]), fields[3] == "alone", fields[4]))
    return suites


def judge(log_text, status, timed_out=False):
    """What a program's output and exit status (negative: a signal) amount to."""
    lines = log_text.rstrip().splitlines()
    match = COUNTS.match(lines[-1].strip()) if lines else None
    if timed_out:
        return Outcome(failed=1, why="took too long")
    if not match:
        how = f"killed by signal {-status}" if status < 0 else f"exit status {status}"
        return Outcome(failed=1, why=f"no line `N passed, N failed` at the end ({how})")
    outcome = Outcome(int(match[1]), int(match[2]), int(match[3] or 0))
    if outcome.failed == 0 and status != 0:
        outcome.failed, outcome.why = 1, f"exit status {status} although nothing failed"
    elif outcome.passed + outcome.failed + outcome.skipped == 0:
        outcome.failed, outcome.why = 1, "it ran no test"
    return outcome


def registered_tests(build_dir):
    """suite -> tests, as Meson knows them in a build."""
    suites = {}
    for test in json.loads((build_dir / "meson-info/intro-tests.json").read_text()):
        for suite in test["suite"]:
            suites.setdefault(suite.split(":")[-1], []).append(test)
    return suites


def programs(registered, label, wanted):
    """The tests of the suite BUILD/SUITE that a filter names."""
    return [t for t in registered.get(label.split("/")[1], []) if wanted in f"{label}/{t['name']}"]


def print_targets(wanted, labels):
    """What Ninja has to build for the programs of some suites of one build."""
    build = labels[0].split("/")[0]
    build_dir = ROOT / "build" / build
    files = {target["id"]: target["filename"][0] for target in json.loads((build_dir / "meson-info/intro-targets.json").read_text())}
    registered = registered_tests(build_dir)
    needed = {files[target] for label in labels for test in programs(registered, label, wanted) for target in test["depends"]}
    print("\n".join(sorted(os.path.relpath(file, build_dir) for file in needed)))


class Runner:
    def __init__(self, suites, program_filter, slots):
        self.suites = suites
        self.program_filter = program_filter
        self.slots = slots
        self.ready = {"-"}
        self.broken = set()
        self.waiting = []
        self.running = {}  # Job -> thread
        self.processes = set()
        self.wake = threading.Condition()  # guards everything above and total
        self.total = Outcome()
        self.logs = ROOT / "build/test-logs"

    def run(self):
        self.logs.mkdir(parents=True, exist_ok=True)
        for build in BUILDS:
            if any(s.build == build for s in self.suites):
                self.waiting.append(self.build_job(build))
        for suite in self.suites:
            if suite.build == "-":
                self.waiting.append(self.script_job(suite))
        with self.wake:
            while self.waiting or self.running:
                job = self.next_job()
                if job is None:
                    self.wake.wait()
                    continue
                self.waiting.remove(job)
                thread = threading.Thread(target=self.work, args=(job,), daemon=True)
                self.running[job.label] = job
                thread.start()

    def next_job(self):
        running = self.running.values()
        if len(self.running) >= self.slots or any(job.alone for job in running):
            return None
        for job in self.waiting:
            if job.build not in self.ready:
                continue
            if job.makes and any(other.makes for other in running):
                continue
            if job.alone and self.running:
                # Nothing shared may start before it, or it would wait for ever.
                if any(not other.alone for other in self.waiting if other.build in self.ready):
                    continue
                return None
            return job
        return None

    def build_job(self, build):
        """Only what the suites need is built; a script may need anything."""
        targets = ""
        if all(s.command == "@" for s in self.suites if s.build == build):
            # Known once the build is configured and up to date.
            labels = " ".join(s.label for s in self.suites if s.build == build)
            targets = f"$(python3 tests/run.py --targets {shlex.quote(self.program_filter)} {labels})"
        script = f"""set -e
            {CONFIGURE.format(build=build)}
            targets="{targets}"
            ninja -C build/{build} $targets"""
        return Job(f"build {build}", ["bash", "-c", script], BUILD_SECONDS, makes=build)

    def script_job(self, suite):
        env = {"DITTO_BUILD": str(ROOT / "build" / suite.build)} if suite.build != "-" else {}
        return Job(suite.label, ["bash", "-c", suite.command], suite.seconds, suite.build, suite.alone, env=env)

    def jobs_of_build(self, build):
        """The jobs that a finished build makes possible."""
        jobs = []
        registered = registered_tests(ROOT / "build" / build)
        listed = {s.name for s in parse_suites((ROOT / "tests/suites").read_text())}
        for name in sorted(set(registered) - listed):
            self.count(f"{build}/{name}", Outcome(failed=1, why="Meson has such a suite and tests/suites has not"), 0)
        for suite in (s for s in self.suites if s.build == build):
            if suite.command != "@":
                jobs.append(self.script_job(suite))
                continue
            tests = programs(registered, suite.label, self.program_filter)
            if not tests:
                self.count(suite.label, Outcome(failed=1, why="no program is registered for it"), 0)
            for test in tests:
                label = f"{suite.label}/{test['name']}"
                env = dict(test["env"], DITTO_BUILD=str(ROOT / "build" / build))
                # Meson names what it built relative to the build, and runs tests there.
                cwd = Path(test["workdir"] or ROOT / "build" / build)
                jobs.append(Job(label, test["cmd"], suite.seconds, build, suite.alone, env=env, cwd=cwd))
        return jobs

    def work(self, job):
        started = time.monotonic()
        log = self.logs / (job.label.replace("/", "-").replace(" ", "-") + ".log")
        status, timed_out = self.execute(job, log)
        text = log.read_text(errors="replace")
        seconds = time.monotonic() - started
        with self.wake:
            if job.makes:
                self.built(job, status == 0, seconds, log, text)
            else:
                self.count(job.label, judge(text, status, timed_out), seconds, log, text)
            del self.running[job.label]
            self.wake.notify_all()

    def execute(self, job, log):
        argv = job.argv if job.makes else [str(ROOT / "tests/support/netns"), *job.argv]
        env = dict(os.environ, **sanitizer_options(), **job.env)
        with open(log, "wb") as out:
            process = subprocess.Popen(argv, cwd=job.cwd, env=env, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            with self.wake:
                self.processes.add(process)
            timed_out = not ended(process, job.seconds)
            if timed_out:
                stop_group(process, signal.SIGTERM)
                ended(process, GRACE_SECONDS)
            # What it started and left behind goes too; it is not reaped yet, so that the group is still its own.
            stop_group(process, signal.SIGKILL)
            process.wait()
            with self.wake:
                self.processes.discard(process)
        return process.returncode, timed_out

    def built(self, job, ok, seconds, log, text):
        if ok:
            print(f"ok      {seconds:7.1f} s  {job.label}", flush=True)
            self.ready.add(job.makes)
            self.waiting += self.jobs_of_build(job.makes)
            return
        self.count(job.label, Outcome(failed=1, why="it does not build"), seconds, log, what_failed(text) or text)
        for suite in (s for s in self.suites if s.build == job.makes):
            self.count(suite.label, Outcome(failed=1, why="not built"), 0)

    def count(self, label, outcome, seconds, log=None, text=""):
        self.total.passed += outcome.passed
        self.total.failed += outcome.failed
        self.total.skipped += outcome.skipped
        counts = f"{outcome.passed} passed, {outcome.failed} failed"
        if outcome.skipped:
            counts += f", {outcome.skipped} skipped"
        word = "FAILED" if outcome.failed else "ok"
        print(f"{word:7} {seconds:7.1f} s  {label}: {outcome.why or counts}", flush=True)
        if outcome.failed and log:
            for line in text.rstrip().splitlines()[-TAIL_LINES:]:
                print("    | " + line)
            print(f"    the whole log: {log.relative_to(ROOT)}", flush=True)
        for reason in re.findall(r"^skipped: .*$", text, re.M):
            print("    " + reason, flush=True)

    def stop(self):
        """Ends what runs; the threads that wait for it are daemons and end with the runner."""
        with self.wake:
            processes = list(self.processes)
        for process in processes:
            stop_group(process, signal.SIGTERM)
        for process in processes:
            ended(process, GRACE_SECONDS)
            stop_group(process, signal.SIGKILL)


def what_failed(text):
    """What the commands said that failed in a build, in Ninja's log of it, where others that were still running come behind them."""
    told = []
    telling = False
    for line in text.splitlines():
        if re.match(r"\[\d+/\d+\] ", line):
            telling = False
        elif line.startswith("FAILED: "):
            telling = True
        if telling:
            told.append(line)
    return "\n".join(told[:TAIL_LINES])


def ended(process, seconds):
    """Waits for the end of a process without reaping it."""
    try:
        fd = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([fd], [], [], seconds)[0])
    finally:
        os.close(fd)


def stop_group(process, number):
    if process.returncode is None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass


def sanitizer_options():
    options = {
        "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
    }
    symbolizer = Path("/usr/bin/llvm-symbolizer-19")
    if symbolizer.exists():
        options["ASAN_SYMBOLIZER_PATH"] = options["TSAN_SYMBOLIZER_PATH"] = str(symbolizer)
    kit = Path(os.environ.get("DITTO_KCLIENT", ROOT / "../shared/kclient")).resolve()
    if (kit / "run").exists():
        options["DITTO_KCLIENT"] = str(kit)
    return {name: value for name, value in options.items() if name not in os.environ or name == "DITTO_KCLIENT"}


def choose(suites, wanted):
    """The suites a filter names; or those with a program of that name, and the filter for their programs."""
    chosen = [s for s in suites if wanted in s.label]
    if chosen:
        return chosen, ""
    build = wanted.split("/")[0] if wanted.split("/")[0] in BUILDS else "release"
    with_programs = [s for s in suites if s.build == build and s.command == "@"]
    if not with_programs:
        return [], ""
    configured = subprocess.run(["bash", "-c", CONFIGURE.format(build=build)], cwd=ROOT, capture_output=True, text=True)
    if configured.returncode != 0:
        raise SystemExit(configured.stdout + configured.stderr)
    registered = registered_tests(ROOT / "build" / build)
    return [s for s in with_programs if programs(registered, s.label, wanted)], wanted


def main():
    if sys.argv[1:2] == ["--targets"]:
        print_targets(sys.argv[2], sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(prog="./dev test", description="Builds everything and runs the suites of tests/suites.")
    parser.add_argument("filter", nargs="?", default="", help="only suites whose BUILD/SUITE/PROGRAM contains it")
    parser.add_argument("--list", action="store_true", help="name the suites and stop")
    arguments = parser.parse_args()
    suites, program_filter = choose(parse_suites((ROOT / "tests/suites").read_text()), arguments.filter)
    if arguments.list:
        print("\n".join(s.label for s in suites))
        return 0
    if not suites:
        print(f"dev: no suite or program is named like '{arguments.filter}'; ./dev test --list", file=sys.stderr)
        return 2
    runner = Runner(suites, program_filter, slots=max(2, min(os.cpu_count() or 2, 8)))
    started = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        runner.run()
    except KeyboardInterrupt:
        runner.stop()
        print("interrupted", file=sys.stderr)
        return 130
    total = runner.total
    print(f"\n{time.monotonic() - started:.0f} s")
    print(f"{total.passed} passed, {total.failed} failed" + (f", {total.skipped} skipped" if total.skipped else ""))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
