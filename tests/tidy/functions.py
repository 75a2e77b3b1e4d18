"""Finds the functions of a C or C++ file by its braces: good enough to count their lines, no parser.

Works on code without comments and literals (source.code_only). A lambda belongs to the function around it.
"""

import re
from collections import namedtuple

Function = namedtuple("Function", "name first last")  # lines, both counted

ATTRIBUTES = re.compile(r"\b(?:alignas|__attribute__|decltype|noexcept|requires|explicit)\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
                        r"|\[\[.*?\]\]", re.S)
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b[^()=]*$|\bextern\s*\"\s*\"\s*$")
INITIALISER = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:).*[\w>]\s*$", re.S)


def functions(code):
    code = "\n".join("" if line.lstrip().startswith("#") else line for line in code.split("\n"))
    found = []
    start = position = 0  # of the text that may announce the next brace
    while position < len(code):
        character = code[position]
        if character == "{":
            header = ATTRIBUTES.sub(" ", code[start:position])
            if INITIALISER.search(header) and not SCOPE.search(header):
                position = closing(code, position) + 1  # a member's initialiser; the function's body comes later
                continue
            if is_function(header):
                end = closing(code, position)
                found.append(Function(name_of(header), line_of(code, first_of(code, start)), line_of(code, end)))
                position = start = end + 1
                continue
            if "=" in header and not SCOPE.search(header):
                position = closing(code, position) + 1  # a variable's value
                continue
            start = position + 1
        elif character in ";}":
            start = position + 1
        position += 1
    return found


def is_function(header):
    if "(" not in header or SCOPE.search(header):
        return False
    before = header[:header.index("(")]
    is_value = re.search(r"(?<![=!<>+\-*/%&|^])=(?!=)", before) and not re.search(r"\boperator\s*[=!<>+\-*/%&|^]*=", before)
    return not is_value or "]" in before  # a lambda at namespace scope is a function too


def name_of(header):
    match = re.search(r"([\w:~]+|operator\s*\S+?)\s*$", header[:header.index("(")])
    return match[1] if match else "lambda"


def closing(code, opening):
    depth = 0
    for position in range(opening, len(code)):
        if code[position] == "{":
            depth += 1
        elif code[position] == "}":
            depth -= 1
            if depth == 0:
                return position
    return len(code) - 1


def first_of(code, start):
    match = re.compile(r"\S").search(code, start)
    return match.start() if match else start


def line_of(code, position):
    return code.count("\n", 0, position) + 1
