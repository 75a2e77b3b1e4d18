"""Collects what the generator measured and prints it: a cell is the median of its rounds, a ratio the median of the rounds' ratios."""

import collections
import statistics

COLUMNS = ("workload", "by", "op/s", "MB/s", "p50 us", "p99 us", "CPU us/op", "cores", "rate ratio", "CPU ratio")
HEAD = "{:21} {:8} {:>10} {:>8} {:>9} {:>9} {:>10} {:>6} {:>10} {:>10}"
LINE = "{:21} {:8} {:10.0f} {:8.1f} {:9.0f} {:9.0f} {:10.2f} {:6.2f} {:>10} {:>10}"
FIELDS = ("operations_per_s", "mb_per_s", "p50_us", "p99_us", "cpu_us_per_operation", "cpu_cores")

# What nfs-ganesha's figure must not be mistaken for: its VFS back end answers from the page cache what nfsd makes durable first.
UNSYNCED = {"create": "syncs no metadata", "rename": "syncs no metadata", "remove": "syncs no metadata",
            "create-write-4k": "syncs the WRITE, not the CREATE", "v41-create-write-close": "syncs the WRITE, not the OPEN"}

# Who takes turns with nfsd: the first of them that is there is what its ratios are to.
OTHERS = ("ganesha", "one loop", "v3", "tcp", "disk")


class Table:
    def __init__(self):
        self.rounds = collections.defaultdict(list)

    def add(self, row, result):
        self.rounds[row, result["server"]].append(result)

    def rows(self):
        return list(dict.fromkeys(row for row, _ in self.rounds))

    def median(self, row, field, by="nfsd"):
        values = [r[field] for r in self.rounds.get((row, by), []) if field in r]
        return statistics.median(values) if values else None

    def ratio(self, row, field, other="ganesha"):
        """Of nfsd's figures to another's of the same rounds; None if there is no other."""
        pairs = zip(self.rounds.get((row, "nfsd"), []), self.rounds.get((row, other), []))
        ratios = [ours[field] / theirs[field] for ours, theirs in pairs if theirs[field]]
        return statistics.median(ratios) if ratios else None

    def own_ratio(self, row, field, other):
        """Of one of nfsd's rows to another of its rows."""
        ours, theirs = self.median(row, field), self.median(other, field)
        return ours / theirs if ours and theirs else None

    def errors(self):
        return sum(r["errors"] for rounds in self.rounds.values() for r in rounds)

    def note(self, row, by):
        if by == "ganesha":
            return UNSYNCED.get(row.removesuffix("-alone"), "")
        commits = self.median(row, "commits", by)
        return f"{commits:.0f} commits" if commits else ""

    def print(self):
        print(HEAD.format(*COLUMNS))
        for row in self.rows():
            peer = next((by for by in OTHERS[:2] if (row, by) in self.rounds), "ganesha")
            for by in ("nfsd", *OTHERS):
                if (row, by) not in self.rounds:
                    continue
                cells = [self.median(row, field, by) for field in FIELDS]
                ratios = [self.ratio(row, f, peer) if by == "nfsd" else None for f in ("operations_per_s", "cpu_us_per_operation")]
                texts = ["" if r is None else f"{r:.2f}" for r in ratios]
                print((LINE.format(row, by, *cells, *texts) + "  " + self.note(row, by)).rstrip())
        print(f"errors: {self.errors()}")
