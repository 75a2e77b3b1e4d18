"""What `./dev bench` measures, section by section: workloads that share their connections, requests in flight and lengths."""

from typing import NamedTuple

CACHED = ("getattr", "lookup", "access", "read-4k-random", "write-4k-random")
DURABLE = ("create", "create-write-4k", "rename", "remove")
CACHED_V41 = ("v41-getattr", "v41-read-4k", "v41-write-4k", "v41-open-read-close")
TWO_LOOPS = "-2-loops"
FEW, MANY = 20_000, 1_000_000  # entries of a listed directory


class Section(NamedTuple):
    workloads: tuple
    connections: int
    in_flight: int
    seconds: float
    rounds: int
    suffix: str = ""  # the rows of this section are called WORKLOAD + suffix
    entries: int = 2_000
    flags: tuple = ()

    def row(self, workload):
        return workload + self.suffix

    def arguments(self):
        return ["--workloads", ",".join(self.workloads), "--connections", str(self.connections), "--in-flight", str(self.in_flight),
                "--seconds", str(self.seconds), "--rounds", str(self.rounds), "--entries", str(self.entries), *self.flags]


class Match(NamedTuple):
    """Who takes turns with whom in some sections."""

    peer: str  # "ganesha", or "one loop": nfsd with that, beside nfsd with two
    pinned: bool
    sections: list
    protocols: str = "3"  # of ganesha


def matches(options, disk, sender_core):
    """`disk`: a directory on the disk of both servers; `sender_core`: where the plain TCP sender runs, None: anywhere."""
    seconds, rounds, durable = options.seconds, options.rounds, options.durable_seconds
    v41 = [
        Section(CACHED_V41, 4, 16, seconds, rounds, flags=("--beside-v3",)),
        Section(("v41-create-write-close",), 4, 64, durable, 1, flags=("--disk", str(disk))),
    ]
    # Loops that fall asleep between requests would be measured by the context switches of three threads on two cores.
    loops = [Section(("read-4k-random", "v41-read-4k"), 4, 64, seconds, rounds, TWO_LOOPS)]
    planned = [
        Match("ganesha", True, sections(options, disk, sender_core)),
        Match("ganesha", True, v41, "3, 4"),
        Match("one loop", False, loops),
    ]
    chosen = [match._replace(sections=wanted(match.sections, options.workloads)) for match in planned]
    return [match for match in chosen if match.sections]


def sections(options, disk, sender_core):
    seconds, rounds, durable = options.seconds, options.rounds, options.durable_seconds
    on_disk = ("--disk", str(disk))
    plain_tcp = ("--plain-tcp", "--sender-core", str(-1 if sender_core is None else sender_core))
    planned = [
        Section(CACHED, 4, 16, seconds, rounds),
        Section(("readdirplus",), 4, 4, seconds, rounds, "-20k", FEW),
        Section(("read-1m", "write-1m"), 4, 16, seconds, rounds, flags=plain_tcp),
        Section(DURABLE, 1, 1, seconds, rounds, "-alone", flags=on_disk),
        Section((*DURABLE, "write-4k-stable"), 4, 64, durable, 1, entries=50_000, flags=on_disk),
    ]
    if options.large:
        # Long enough that each connection comes through the whole of it.
        planned.append(Section(("readdirplus",), 4, 4, max(seconds, 10), 1, "-1m", MANY))
    return planned


def wanted(planned, rows):
    """The sections with the rows that are wanted; all of them without a wish."""
    if not rows:
        return planned
    kept = [section._replace(workloads=tuple(w for w in section.workloads if section.row(w) in rows.split(","))) for section in planned]
    return [section for section in kept if section.workloads]
