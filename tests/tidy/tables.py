"""The tables of procedures: each row has a handler in a file of its own that names its place in the specification, and a test."""

import re

from source import Finding, rule

# The folder of a protocol -> how its handlers cite the specification, where {} is the number of the procedure and {name} its
# name; and what the paths of its tests in tests/ops have in them.
TABLES = {
    "libditto/nfs/v3": (r"// RFC 1813, 3\.3\.{}\b", r"v3|nfs3"),
    "libditto/nfs/mount": (r"// RFC 1813, (?:appendix I, )?5\.2\.{}\b", r"mount"),
    "libditto/nfs/nlm": (r"// XNFS, chapter 10: NLM_{name}\b", r"nlm"),
    "libditto/nfs/nsm": (r"// XNFS, chapter 11: SM_{name}\b", r"nlm/nsm"),
}
# NLM's rows are those of all its versions: row<&lock, is_wide>("LOCK", ...).
ROW = re.compile(r'\b(?:procedure|row)<&(\w+)(?:, \w+)?>\s*\(\s*"(\w+)"')


def rows(tree):
    """(source of the table, line, number, handler, name) of each row"""
    for source in tree.sources:
        folder, _, name = source.path.rpartition("/")
        if folder in TABLES and name == "procedures.cpp":
            for number, match in enumerate(ROW.finditer(source.text)):
                line = source.text.count("\n", 0, match.start()) + 1
                yield source, line, number, match[1], match[2]


@rule("every procedure has a handler that cites the specification")
def handlers_cite(tree):
    texts = {s.path: s.text for s in tree.cpp("libditto")}
    for source, line, number, handler, name in rows(tree):
        folder = source.path.rpartition("/")[0]
        path = f"{folder}/procedures/{handler.rstrip('_')}.cpp"
        citation = TABLES[folder][0].format(number, name=name)
        if path not in texts:
            yield Finding(source.path, line, f"{name} has no {path}")
        elif not re.search(citation, texts[path]):
            yield Finding(path, 1, f"it does not cite its specification ({citation})")


@rule("every procedure has a test")
def procedures_are_tested(tree):
    """A test case in tests/ops whose name has the procedure's in it."""
    tests = [(s.path, s.text) for s in tree.cpp("tests/ops")]
    for source, line, _, _, name in rows(tree):
        where = re.compile(TABLES[source.path.rpartition("/")[0]][1])
        said = re.compile(r'TEST_CASE\(\s*"(?:[^"]*\W)?' + name + r'(?:\W[^"]*)?"', re.I)
        if not any(where.search(path[len("tests/ops/"):]) and said.search(text) for path, text in tests):
            yield Finding(source.path, line, f"{name}: no test case is named for it in tests/ops/*({where.pattern})*")
