#!/usr/bin/env python3
"""Runs inside a kernel client (or on this host, if its kernel has an NFS client) and does what the tests outside ask for.

agent.py PORT connects to the test's control port on the server's host. A request is one line of JSON, {"call": NAME, "with":
{...}}; the answer {"value": ...} or {"error": TEXT}. One request at a time; what a call leaves open stays open for the next.
"""

import json
import os
import socket
import sys
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import clients  # noqa: E402
import copies  # noqa: E402
import delegated  # noqa: E402
import editors  # noqa: E402
import identity  # noqa: E402
import lists  # noqa: E402
import locks  # noqa: E402
import names  # noqa: E402
import operations  # noqa: E402
import posix_cells  # noqa: E402
import programs  # noqa: E402
import semantics  # noqa: E402
import storms  # noqa: E402
import version_4_2  # noqa: E402

CALLS = {}
for module in (clients, copies, delegated, editors, identity, lists, locks, names, operations, posix_cells, programs, semantics, storms, version_4_2):
    CALLS.update({name: value for name, value in vars(module).items() if callable(value) and value.__module__ == module.__name__})


def answer(request):
    try:
        return {"value": CALLS[request["call"]](**request["with"])}
    except Exception as error:  # it belongs to the test outside
        where = traceback.extract_tb(error.__traceback__)[-1]
        return {"error": f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})"}


def main():
    control = socket.create_connection((clients.SERVER, int(sys.argv[1])), timeout=30)
    control.settimeout(None)
    with control.makefile("rwb") as stream:
        for line in stream:
            stream.write(json.dumps(answer(json.loads(line))).encode() + b"\n")
            stream.flush()


if __name__ == "__main__":
    main()
