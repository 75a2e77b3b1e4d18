#!/usr/bin/env python3
"""Checks the tree's own rules; each rule counts as one test. `run.py [ROOT]`; prints findings as PATH:LINE: MESSAGE."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import calls  # noqa: E402,F401
import edges  # noqa: E402,F401
import layout  # noqa: E402,F401
import tables  # noqa: E402,F401
from source import RULES, Tree  # noqa: E402


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent.parent
    tree = Tree(root)
    failed = 0
    for demand, check in RULES:
        findings = list(check(tree))
        failed += bool(findings)
        if findings:
            print(f"rule broken: {demand}")
        for path, line, message in findings:
            print(f"  {path}:{line}: {message}")
    print(f"{len(RULES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
