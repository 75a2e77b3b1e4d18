#!/usr/bin/env python3
"""Plants one mistake: mutate.py SOURCE RESULT BEFORE AFTER copies a source with one piece of it replaced, which must be there once."""

import pathlib
import sys


def main():
    source, result, before, after = sys.argv[1:]
    text = pathlib.Path(source).read_text()
    if text.count(before) != 1:
        sys.exit(f"{source}: {text.count(before)} times: {before}")
    pathlib.Path(result).write_text(text.replace(before, after))


main()
