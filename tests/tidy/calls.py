"""Rules about what code may call: the world comes in through four doors only (stores, Clock, Random, Transport)."""

import re

from source import Finding, rule

BANNED = {
    r"::now\s*\(": "the time comes from Clock",
    r"\b(clock_gettime|gettimeofday)\s*\(": "the time comes from Clock",
    r"\btime\s*\(\s*(NULL|nullptr|0|&\w+)\s*\)": "the time comes from Clock",
    r"\b(u|nano|clock_nano)?sleep\s*\(|\bsleep_(for|until)\b": "nothing sleeps: wait for a timer of Clock",
    r"\brandom_device\b|\b(s?rand|srandom|arc4random\w*|getrandom|getentropy)\s*\(": "random numbers come from Random",
    r"\b(secure_)?(get|put|set|unset)env\s*\(": "the environment is the servers' business",
}
# `timer.sleep(` and `Limiter::sleep(` are somebody's own; `std::this_thread::sleep_for(` is not.
OWN = re.compile(r"(\.|->|(?P<scope>\w+)::)\s*$")


def is_own(before):
    match = OWN.search(before)
    return match is not None and match["scope"] not in ("std", "chrono", "this_thread")


@rule("time, sleep, randomness and environment only in base and servers")
def banned_calls(tree):
    for source in tree.cpp("libditto", "bindings", "examples"):
        if source.path.startswith("libditto/base/"):
            continue
        for number, line in enumerate(source.code.split("\n"), 1):
            for pattern, reason in BANNED.items():
                for match in re.finditer(pattern, line):
                    if match[0].startswith("::") or not is_own(line[:match.start()]):
                        yield Finding(source.path, number, f"{match[0].strip()}: {reason}")
