"""Where the instructions of a request are spent: each belongs to the room of the source line it was compiled from, and what the
libraries of the language did (memory, strings, threads) belongs to whoever called them."""

import collections
import re

from callgrind import Call, own

FUNCTIONS = 30  # that are listed
LANGUAGE = "libc, libstdc++"
LIBRARIES = {"liblmdb": "lmdb", r"libc\.so|ld-linux|libstdc\+\+|libgcc": LANGUAGE}
ROOMS = {"wire": "wire (XDR)"}


def room_of(place):
    """libditto/store is told apart one step further. What a library's header brings belongs to whom it was compiled into."""
    for file in (place.line_file, place.file):
        if match := re.search(r"libditto/(store/\w+|\w+)/", file):
            return ROOMS.get(match[1], match[1])
        if "boringssl" in file:
            return "crypto"
        if re.search(r"tests/\w+/", file):
            return "the harness"
    return library_of(place.object) or "other"


def library_of(path):
    return next((name for pattern, name in LIBRARIES.items() if re.search(pattern, path)), None)


def is_language(path):
    return library_of(path) == LANGUAGE


def table(costs, limit=None):
    total = sum(costs.values())
    lines = [f"{cost:12,.0f} {cost / total:7.1%}  {name}" for name, cost in costs.most_common(limit) if cost >= 0.5]
    return "\n".join([*lines, f"{total:12,.0f}          in all"])


def by_room(costs):
    rooms = collections.Counter()
    for key, cost in costs.items():
        if isinstance(key, Call):
            caller = room_of(key.by)
            # The program's start is nobody's: everything is called from there.
            if is_language(key.object) and not is_language(key.by.object) and caller != "other":
                rooms[caller] += cost
                rooms[LANGUAGE] -= cost
        else:
            rooms[room_of(key)] += cost
    return table(rooms)


def by_function(costs):
    functions = collections.Counter()
    for place, cost in own(costs).items():
        functions[f"[{room_of(place)}] {place.function}"] += cost
    return table(functions, FUNCTIONS)
