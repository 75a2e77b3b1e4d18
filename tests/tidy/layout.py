"""Rules about files: sizes, headers, build files, the top level, text."""

import ast
import re

from functions import functions
from source import Finding, rule

FILE_LINES = 500
FUNCTION_LINES = 70
EXCEPTIONS = "tests/tidy/exceptions"

TOP_LEVEL = {"meson.build", "meson_options.txt", "LICENSE", "README.md", "CONTRIBUTING.md", "dev", "libditto", "servers", "bindings",
             "examples", "tests", "docs", "subprojects"}

TEXT = (".cpp", ".hpp", ".c", ".h", ".py", ".sh", ".md", ".txt", ".build", ".json", ".map", ".wrap", ".yml", ".csv")


def is_text(source):
    return source.path.endswith(TEXT) or ("." not in source.path.rsplit("/", 1)[-1] and not source.path.startswith("tests/fuzz/")
                                          and b"\0" not in source.file.read_bytes()[:4096])


def exceptions(tree):
    """path, or path:function -> line in the list of exceptions."""
    file = tree.root / EXCEPTIONS
    if not file.is_file():
        return {}
    lines = enumerate(file.read_text().splitlines(), 1)
    return {line.split()[0]: number for number, line in lines if line.strip() and not line.startswith("#")}


def is_script(source, interpreter):
    return "." not in source.path.rsplit("/", 1)[-1] and re.match(rf"#!.*\b{interpreter}", source.text) is not None


def is_python(source):
    return source.path.endswith(".py") or is_script(source, "python3")


def is_sized(source):
    return (source.is_cpp or is_python(source) or source.path.endswith(".sh") or is_script(source, "(ba)?sh")) \
        and not source.path.startswith("subprojects/")


def too_large(tree):
    """(name for the list of exceptions, finding) of each file and function over its budget."""
    for source in filter(is_sized, tree.sources):
        if len(source.lines) > FILE_LINES:
            yield source.path, Finding(source.path, 1, f"{len(source.lines)} lines: make it two files with names of their own")
        found = []
        if source.is_cpp:
            found = functions(source.code)
        elif is_python(source):
            found = python_functions(source.text)
        for name, first, last in found:
            if last - first + 1 > FUNCTION_LINES:
                yield f"{source.path}:{name}", Finding(source.path, first, f"{name} has {last - first + 1} lines: make it two")


def python_functions(text):
    try:
        nodes = ast.walk(ast.parse(text))
    except SyntaxError:
        return []
    return [(n.name, n.lineno, n.end_lineno) for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


@rule(f"a file has at most {FILE_LINES} lines, a function {FUNCTION_LINES}")
def budgets(tree):
    excepted = exceptions(tree)
    for name, finding in too_large(tree):
        if name not in excepted:
            yield finding


@rule("the list of exceptions only shrinks")
def exceptions_are_needed(tree):
    needed = {name for name, _ in too_large(tree)}
    for name, line in exceptions(tree).items():
        if name not in needed:
            yield Finding(EXCEPTIONS, line, f"{name} is within its budget now: take it out")


@rule("a header opens with a paragraph that says what it is, and #pragma once")
def headers_introduce_themselves(tree):
    for source in tree.cpp("libditto", "servers", "tests"):
        if not source.is_header:
            continue
        guard = r"#pragma once"
        if source.path.startswith("libditto/include/") and source.path.endswith(".h"):
            guard = r"#pragma once|#(ifndef|define) \w+_H_?"  # C programs may have compilers without the pragma
        guards = [n for n, line in enumerate(source.lines) if re.fullmatch(guard, line)]
        code = [n for n, line in enumerate(source.lines) if re.match(r"#include|#define(?! \w+_H)|[a-z]", line)]
        if not guards or (code and code[0] < guards[0]):
            yield Finding(source.path, 1, "no #pragma once before its first code")
        rest = "\n".join(line for n, line in enumerate(source.lines) if n not in guards and line.strip())
        opening = re.match(r"((?://[^\n]*\n?)+|/\*.*?\*/)", rest, re.S)
        if not opening or len(re.sub(r"[/*\s]+", " ", opening[1])) < 40:
            yield Finding(source.path, 1, "it does not open with a comment: what this is, what it is not, who may call")


@rule("every source is listed in a meson.build")
def sources_are_built(tree):
    builds = {s.path: s.text for s in tree.sources if s.path.endswith("meson.build")}
    for source in tree.cpp("libditto", "servers", "examples", "tests"):
        if source.is_header:
            continue
        folder, name, listed = source.path.rpartition("/")[0], source.path.rpartition("/")[2], False
        while folder and not listed:
            text = builds.get(folder + "/meson.build", "")
            listed = re.search(r"'" + re.escape(name) + r"'", text) is not None or in_loop(name, text)
            folder, _, parent = folder.rpartition("/")
            name = parent + "/" + name
        if not listed:
            yield Finding(source.path, 1, "no meson.build lists it")


def in_loop(name, text):
    """A test program made in a loop over names: foreach name : ['a', 'b'] ... executable(..., name + '.cpp')."""
    stem, _, suffix = name.rpartition(".")
    return f"+ '.{suffix}'" in text and f"'{stem}'" in text


@rule("the top level has nothing but what the design names")
def top_level(tree):
    for entry in sorted({s.path.split("/")[0] for s in tree.sources}):
        if entry not in TOP_LEVEL and not entry.startswith("."):
            yield Finding(entry, 1, "does not belong into the top level")


@rule("text has no trailing blanks or tabs and ends with a newline")
def blanks(tree):
    for source in tree.sources:
        if not is_text(source) or source.path.startswith("docs/specifications/"):
            continue
        for number, line in enumerate(source.text.split("\n"), 1):
            if line != line.rstrip():
                yield Finding(source.path, number, "trailing blanks")
            if "\t" in line:
                yield Finding(source.path, number, "a tab")
        if source.text and not source.text.endswith("\n"):
            yield Finding(source.path, len(source.lines), "no newline at the end")


REGISTRIES = re.compile(
    r"(deb|ftp|snapshot|security|salsa)\.debian\.(org|net)|archive\.ubuntu\.com|pypi\.org|pythonhosted\.org|npmjs\.(org|com)|crates\.io"
    r"|proxy\.golang\.org|docker\.io|ghcr\.io|quay\.io|wrapdb\.mesonbuild\.com|conan\.io|apt\.llvm\.org|\bsource_url\s*=")
MACHINE_PATHS = re.compile(r"(?<![\w.$}])/(work|root|Users)/|(?<![\w.$}])/home/\w|(?<![\w.$}])/tmp/(brief|bash_)")


@rule("no registry's host and no path of one machine")
def no_places(tree):
    for source in tree.sources:
        if not is_text(source):
            continue
        for number, line in enumerate(source.lines, 1):
            if REGISTRIES.search(line):
                yield Finding(source.path, number, "names a package registry's host")
            if MACHINE_PATHS.search(line):
                yield Finding(source.path, number, "names a path of somebody's machine")
