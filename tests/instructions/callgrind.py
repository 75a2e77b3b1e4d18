"""Instructions that a program executes, counted by valgrind: in all, and by the source they came from."""

import collections
import re
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

# Whole names and numbers in every line: the files are small, and a reader of them becomes simple.
VALGRIND = ("valgrind", "--tool=callgrind", "--compress-strings=no", "--compress-pos=no")
SECONDS = 240


class Place(NamedTuple):
    """Where instructions came from: the object, the function that was entered, its file, and the file of an inlined line."""

    object: str
    function: str
    file: str
    line_file: str


class Call(NamedTuple):
    """A function that was called from a place."""

    by: Place
    object: str
    function: str


def run(program, *arguments):
    """The instructions that one run of the program takes: Place -> its own, Call -> those of what was called and what that called.

    The program gets a directory that is not there yet as its last argument.
    """
    with tempfile.TemporaryDirectory(prefix="callgrind-", dir=program.parent) as scratch:
        out = Path(scratch, "callgrind.out")
        command = [*VALGRIND, f"--callgrind-out-file={out}", str(program), *map(str, arguments), str(Path(scratch, "data"))]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
        if done.returncode != 0:
            # An instruction that valgrind does not know ends a program with SIGILL.
            raise AssertionError(f"{program.name} ended with {done.returncode}: {done.stderr[-1000:]}")
        return read(out.read_text())


def read(text):
    """The costs in a profile (valgrind's manual, "Callgrind Format Specification")."""
    costs = collections.Counter()
    names = dict.fromkeys(("ob", "fn", "fl", "line", "cob", "cfn"), "")
    lines = iter(text.splitlines())
    for line in lines:
        if re.match(r"[0-9]", line):
            costs[place(names)] += int(line.split()[1])
        elif line.startswith("calls="):
            # The next line is what the call cost. Without a cob= line it stays in the object.
            costs[Call(place(names), names["cob"] or names["ob"], names["cfn"])] += int(next(lines).split()[1])
            names["cob"] = ""
        elif match := re.match(r"(ob|fn|cob|cfn)=(.*)", line):
            names[match[1]] = match[2]
        elif match := re.match(r"(fl|fi|fe)=(.*)", line):
            names["line"] = match[2]
            if match[1] == "fl":
                names["fl"] = match[2]
    return costs


def place(names):
    return Place(names["ob"], names["fn"], names["fl"], names["line"])


def own(costs):
    """Without the calls: what adds up to all instructions."""
    return {key: cost for key, cost in costs.items() if isinstance(key, Place)}
