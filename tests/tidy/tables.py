"""The tables of procedures and operations: each row has a handler in a file of its own that names its place in the specification, and a test."""

import re

from source import Finding, rule

# The operations of NFSv4 within COMPOUND: rows say the paragraph themselves, of RFC 8881, or of 7530 for what only version 0 has.
OPERATIONS = "libditto/nfs/v4/operations.cpp"
OPERATION_ROW = re.compile(r'\bop<&(\w+)>\s*\(\s*OP_(\w+)\s*,\s*"(\w+)"\s*,\s*"([\d.]+)"\s*,\s*(\w+)')
UNBUILT_ROW = re.compile(r'\bunbuilt<\w+>\s*\(\s*OP_(\w+)\s*,\s*"(\w+)"\s*,\s*"([\d.]+)"')
OPERATION_TESTS = re.compile(r"v4|nfs4")
OPERATION_DOCS = "docs/protocols/nfs.md"

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


def operations(tree):
    """(source of the table, line, number's name, name, paragraph, handler or None, minor versions) of each row"""
    for source in tree.sources:
        if source.path != OPERATIONS:
            continue
        for match in OPERATION_ROW.finditer(source.text):
            line = source.text.count("\n", 0, match.start()) + 1
            yield source, line, match[2], match[3], match[4], match[1], match[5]
        for match in UNBUILT_ROW.finditer(source.text):
            yield source, source.text.count("\n", 0, match.start()) + 1, match[1], match[2], match[3], None, ""


@rule("every operation of NFSv4 is called by its number's name, and has a handler that cites the paragraph of its row")
def operations_cite(tree):
    texts = {s.path: s.text for s in tree.cpp("libditto")}
    for source, line, number, name, paragraph, handler, minors in operations(tree):
        if number != name:
            yield Finding(source.path, line, f"OP_{number} is called {name}")
        if handler is None:
            continue
        path = f"{source.path.removesuffix('.cpp')}/{handler.rstrip('_')}.cpp"
        rfc = {"only0": "7530", "since2": "7862", "with_xattrs": "8276"}.get(minors, "8881")
        if path not in texts:
            yield Finding(source.path, line, f"{name} has no {path}")
        elif not re.search(rf"// RFC {rfc}, {re.escape(paragraph)}(?![\d])", texts[path]):
            yield Finding(path, 1, f"it does not cite its specification (RFC {rfc}, {paragraph})")


@rule("every operation of NFSv4 that is built has a test, and every one has a row in the documentation")
def operations_are_tested(tree):
    tests = [(s.path, s.text) for s in tree.cpp("tests/ops")]
    docs = "\n".join(s.text for s in tree.sources if s.path == OPERATION_DOCS)
    for source, line, _, name, paragraph, handler, _ in operations(tree):
        said = re.compile(r'TEST_CASE\(\s*"(?:[^"]*\W)?' + name + r'(?:\W[^"]*)?"', re.I)
        tested = any(OPERATION_TESTS.search(path[len("tests/ops/"):]) and said.search(text) for path, text in tests)
        if handler is not None and not tested:
            yield Finding(source.path, line, f"{name}: no test case is named for it in tests/ops/*({OPERATION_TESTS.pattern})*")
        row = re.search(rf"^\| \d+ \| {name} \| {re.escape(paragraph)} \| (\S[^|]*) \|", docs, re.M)
        if row is None:
            yield Finding(source.path, line, f"{name}: {OPERATION_DOCS} has no row for it and {paragraph}")
        elif (row[1] == "no") != (handler is None):
            yield Finding(source.path, line, f"{name}: {OPERATION_DOCS} says '{row[1]}', and the table says otherwise")
