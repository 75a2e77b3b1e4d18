#!/usr/bin/env python3
"""ditto.h and libditto.so are what docs/abi.txt says: abi.py LIBRARY HEADER-FOLDER ABI.TXT C-COMPILER C++-COMPILER"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

library, include, abi_file, c_compiler, cpp_compiler = sys.argv[1:]
promised = Path(abi_file).read_text().split()
header = (Path(include) / "ditto/ditto.h").read_text()
results = []


def check(what, wrong):
    results.append(not wrong)
    if wrong:
        print(f"{what}:\n  " + "\n  ".join(wrong))


def differences(found, where):
    return [f"{name} is missing in {where}" for name in promised if name not in found] + [
        f"{name} is not promised, but in {where}" for name in found if name not in promised
    ]


def compiles(compiler, *flags, suffix=".c", body=""):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / ("user" + suffix)
        source.write_text(f"#include <ditto/ditto.h>\n#include <ditto/ditto.h>\n{body}\n")
        command = compiler.split() + [*flags, "-Wall", "-Wextra", "-Werror", "-pedantic", "-I", include, "-c", str(source)]
        done = subprocess.run(command + ["-o", "/dev/null"], capture_output=True, text=True)
        return done.stderr.splitlines() if done.returncode else []


check("docs/abi.txt is not sorted", [] if promised == sorted(promised) else ["sort it"])

symbols = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
exported = [line.split()[-1] for line in symbols.splitlines()]
versions = [name for name in exported if name.startswith("DITTO_")]
check("the version node", [] if versions == ["DITTO_0.1"] or versions == ["DITTO_0.1@@DITTO_0.1"] else versions)
functions = [name for name in exported if name not in versions]
check("symbols without our version", [name for name in functions if not name.endswith("@@DITTO_0.1")])
check("exported symbols", differences([name.split("@")[0] for name in functions], library))

declared = re.findall(r"^DITTO_API [^(]*?\b(ditto_\w+)\(", header, re.M)
check("declared functions", differences(declared, "ditto.h"))

# Every option and its default in the two structures, used as a C programmer would.
USE = """
int use(void);
int use(void) {
  ditto_server_options server = DITTO_SERVER_OPTIONS_INIT;
  ditto_share_options share = DITTO_SHARE_OPTIONS_INIT;
  server.nfs_port = 2049;
  share.squash = DITTO_SQUASH_ALL;
  return server.nfs_port + (int)share.squash + DITTO_OK;
}
"""
check("as C11", compiles(c_compiler, "-std=c11", "-Wstrict-prototypes", body=USE))
check("as C17", compiles(c_compiler, "-std=c17", body=USE))
check("as C++11", compiles(cpp_compiler, "-std=c++11", suffix=".cpp", body=USE))
check("as C++20", compiles(cpp_compiler, "-std=c++20", suffix=".cpp", body=USE))

# A program that was compiled against an older header must find what it knows: sizes only grow.
SIZES = """
_Static_assert(sizeof(void*) != 8 || sizeof(ditto_server_options) == 88, "ditto_server_options");
_Static_assert(sizeof(void*) != 8 || sizeof(ditto_share_options) == 72, "ditto_share_options");
_Static_assert(sizeof(ditto_status) == 4, "ditto_status");
"""
check("sizes", compiles(c_compiler, "-std=c11", body=SIZES))

print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
sys.exit(0 if all(results) else 1)
