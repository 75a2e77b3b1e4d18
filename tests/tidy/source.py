"""The tree as the rules see it: which files there are, their text, and their code without comments and literals.

A rule is a function of a Tree that yields Finding(path, line, message); it is registered with @rule("what it demands").
"""

import re
import subprocess
from collections import namedtuple
from functools import cached_property
from pathlib import Path

Finding = namedtuple("Finding", "path line message")

RULES = []


def rule(demand):
    def register(function):
        RULES.append((demand, function))
        return function
    return register


class Source:
    def __init__(self, root, path):
        self.path = path  # relative to the root, with /
        self.file = root / path

    @cached_property
    def text(self):
        return self.file.read_text(errors="replace")

    @cached_property
    def lines(self):
        return self.text.splitlines()

    @cached_property
    def code(self):
        return code_only(self.text)

    @cached_property
    def includes(self):
        """(line, name) of each #include."""
        found = []
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
            if match:
                found.append((number, match[1]))
        return found

    @property
    def is_cpp(self):
        return self.path.endswith((".cpp", ".hpp", ".c", ".h"))

    @property
    def is_header(self):
        return self.path.endswith((".hpp", ".h"))


class Tree:
    def __init__(self, root):
        self.root = Path(root)

    @cached_property
    def sources(self):
        """Every file that is, or could be, committed."""
        if (self.root / ".git").exists():
            listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=self.root,
                                     check=True, capture_output=True, text=True).stdout
            paths = [p for p in listing.split("\0") if p and (self.root / p).is_file()]
        else:
            paths = [p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file()]
        return [Source(self.root, p) for p in sorted(set(paths))]

    def under(self, *folders):
        return [s for s in self.sources if s.path.startswith(tuple(f + "/" for f in folders))]

    def cpp(self, *folders):
        return [s for s in (self.under(*folders) if folders else self.sources)
                if s.is_cpp and not s.path.startswith("subprojects/")]


TOKENS = re.compile(
    r'//[^\n]*'
    r'|/\*.*?\*/'
    r'|R"(?P<delimiter>[^()\s\\]{0,16})\(.*?\)(?P=delimiter)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)


def code_only(text):
    """The text with comments and literals blanked out, line by line where it was."""
    def blank(match):
        kept = re.sub(r"[^\n]", " ", match[0])
        if match[0][0] in "\"'R" and len(kept) >= 2:
            kept = '"' + kept[1:-1] + '"'
        return kept
    return TOKENS.sub(blank, text)
