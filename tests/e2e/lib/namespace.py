"""Runs a suite in a network namespace of its own, where every port is free and nobody else is disturbed."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OWN_DEVICES = ("lo", "ditto-id", "kc-id", "dkc")  # what tests/support/netns, or the kernel client's kit, makes


def is_own_network():
    lines = Path("/proc/net/dev").read_text().splitlines()[2:]
    return all(line.split(":")[0].strip().startswith(OWN_DEVICES) for line in lines)


def ensure_own_network():
    """Starts the program again in a new network namespace, unless it is in one or there is none to be had."""
    if is_own_network() or os.environ.get("DITTO_NETWORK_TRIED"):
        return
    os.environ["DITTO_NETWORK_TRIED"] = "1"
    command = str(ROOT / "tests/support/netns")
    os.execv(command, [command, sys.executable, *sys.argv])
