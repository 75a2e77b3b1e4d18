"""What the project wants to reach, and whether a run did."""

from typing import NamedTuple, Optional


class Mark(NamedTuple):
    row: str
    measure: str
    bound: float
    aim: Optional[float] = None  # beyond the bound, to be striven for


def scaled(value, factor):
    return None if value is None else value * factor


# measure -> what it is called, whether a mark is the least or the most, how it is read from a table
MEASURES = {
    "rate": ("rate, ours to theirs", "least", lambda t, row: t.ratio(row, "operations_per_s")),
    "cpu": ("CPU per operation, ours to theirs", "most", lambda t, row: t.ratio(row, "cpu_us_per_operation")),
    "tcp": ("MB/s, ours to a plain TCP sender's", "least", lambda t, row: t.ratio(row, "mb_per_s", "tcp")),
    "disk": ("median latency, ours to the disk's own append + fdatasync", "most", lambda t, row: t.ratio(row, "p50_us", "disk")),
    "operations": ("operations a second", "least", lambda t, row: t.median(row, "operations_per_s")),
    "p99": ("p99 in ms", "most", lambda t, row: scaled(t.median(row, "p99_us"), 1e-3)),
    "commits": ("commits of checkpoints inside", "least", lambda t, row: t.median(row, "commits")),
    "cpu growth": ("CPU per entry, to that of 20,000 entries", "most",
                   lambda t, row: t.own_ratio(row, "cpu_us_per_operation", "readdirplus-20k")),
    "to v3": ("rate, to our own over NFSv3", "least", lambda t, row: t.ratio(row, "operations_per_s", "v3")),
    "loops": ("CPU per operation, with two loops to that with one", "most",
              lambda t, row: t.ratio(row, "cpu_us_per_operation", "one loop")),
}


def of_each(rows, measure, bound, aim=None):
    return [Mark(row, measure, bound, aim) for row in rows]


CACHED = ("getattr", "lookup", "access", "read-4k-random")
METADATA = ("create", "create-write-4k", "rename", "remove")
MARKS = [
    *of_each(CACHED, "rate", 2), *of_each(CACHED, "cpu", 0.5),
    Mark("readdirplus-20k", "rate", 1), Mark("readdirplus-1m", "cpu growth", 2.5),
    *of_each(("read-1m", "write-1m"), "rate", 1.2), Mark("read-1m", "tcp", 0.6),
    *of_each(METADATA, "operations", 12_000, 20_000), *of_each(METADATA, "p99", 20), *of_each(METADATA, "commits", 90),
    *of_each(("create-alone", "rename-alone", "remove-alone"), "disk", 1.5),
    # Two requests, and each is answered when it is durable.
    Mark("create-write-4k-alone", "disk", 2 * 1.5),
    Mark("write-4k-stable", "operations", 25_000, 40_000),
    *of_each(("v41-getattr", "v41-read-4k", "v41-write-4k"), "to v3", 0.8), *of_each(("v41-open-read-close", "v41-create-write-close"), "rate", 1.5),
    *of_each(("read-4k-random-2-loops", "v41-read-4k-2-loops"), "loops", 1.15),
]


def line(mark, value):
    name, kind, _ = MEASURES[mark.measure]
    reached = value >= mark.bound if kind == "least" else value <= mark.bound
    aim = "" if mark.aim is None else f", aim {mark.aim:,}"
    return f"{'reached' if reached else 'MISSED':8} {mark.row:21} {value:10,.2f}   {name}, at {kind} {mark.bound:,}{aim}"


def print_marks(table):
    """Those that the run has figures for."""
    for mark in MARKS:
        value = MEASURES[mark.measure][2](table, mark.row)
        if value is not None:
            print(line(mark, value))
