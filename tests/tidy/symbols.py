#!/usr/bin/env python3
"""Checks the global names of the built libraries: a program that links libditto beside OpenSSL must not get the one's functions
for the other's structures. `symbols.py` with DITTO_BUILD set; tests/tidy/test_rules.py tests it."""

import os
import re
import subprocess
import sys
from pathlib import Path

# libditto.a: C++ names, the C ABI, BoringSSL's names with our prefix, what Asio and the compiler make.
OURS_STATIC = re.compile(r"_Z|ditto_|bssl_ditto_|__clang_call_terminate$|DW\.ref\.|asio_detail_|(asan|tsan)\.module_")
OURS_SHARED = re.compile(r"ditto_|DITTO_")


def foreign(nm_output, ours):
    """Names that `nm --defined-only` lists and that are not ours."""
    names = {line.split()[-1].split("@")[0] for line in nm_output.splitlines() if len(line.split()) == 3}
    return sorted(name for name in names if not ours.match(name))


def main():
    build = Path(os.environ["DITTO_BUILD"]) / "libditto"
    failed = 0
    for options, library, ours in ((["-g"], "libditto.a", OURS_STATIC), (["-D"], "libditto.so", OURS_SHARED)):
        listing = subprocess.run(["nm", *options, "--defined-only", str(build / library)], capture_output=True, text=True, check=True)
        names = foreign(listing.stdout, ours)
        failed += bool(names)
        if names:
            print(f"{library} defines {len(names)} global names that are not ours: {' '.join(names[:20])}")
    print(f"{2 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
