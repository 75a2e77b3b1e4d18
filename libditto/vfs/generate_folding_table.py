#!/usr/bin/env python3
"""Writes folding_table.inc: runs of code points with their simple uppercase mapping.

The committed table is frozen: directory keys in stores depend on it. A new table means a new folding version in
folding.hpp and a re-indexing of every directory, so this is run by hand, never by the build.

    python3 generate_folding_table.py > folding_table.inc
"""
import sys
import unicodedata


def simple_upper(code):
    """The one-to-one uppercase mapping. str.upper() knows only the full one; where that is longer than one character, the
    simple mapping is the titlecase letter if there is a single one (the Greek letters with iota below), else there is none."""
    text = chr(code)
    for mapped in (text.upper(), text.title()):
        if len(mapped) == 1:
            return ord(mapped)
    return code


def mappings():
    for code in range(0x110000):
        if 0xD800 <= code <= 0xDFFF:
            continue
        upper = simple_upper(code)
        # No letter outside ASCII folds into ASCII: the dotless i of Turkish is not an I, and the long s is not an S.
        if upper == code or (code >= 0x80 and upper < 0x80):
            continue
        yield code, upper


def runs():
    """[first, last, stride, delta]: every stride-th code point from first to last maps to itself plus delta."""
    done = []
    for code, upper in mappings():
        delta = upper - code
        if done and done[-1][3] == delta:
            run = done[-1]
            step = code - run[1]
            if step in (1, 2) and (run[0] == run[1] or step == run[2]):
                run[1], run[2] = code, step
                continue
        done.append([code, code, 1, delta])
    return done


def main():
    print(f"// Simple uppercase mappings of Unicode {unicodedata.unidata_version}, written by generate_folding_table.py and frozen.")
    for first, last, stride, delta in runs():
        print(f"{{0x{first:04x}, 0x{last:04x}, {stride}, {delta}}},")


if __name__ == "__main__":
    sys.exit(main())
