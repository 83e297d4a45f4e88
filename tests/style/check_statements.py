#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every statement of the reference is tested, or its absence is explained.

  tests/conformance/    TEST_F(Conformance, G01_what_it_says) is the test of statement G01; it
                        stands in the file of its section
  tests/README.md       | G49 | what it says | the reason | is one that is left out

Each statement is exactly one of the two.
Usage: check_statements.py [ROOT]
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

from cpp_text import finish

# File of the section, letter, numbers.
SECTIONS = (
    ("collection_test.cpp", "G", range(1, 18)),
    ("gc_module_test.cpp", "G", range(20, 55)),
    ("finalizers_test.cpp", "F", range(1, 25)),
    ("trashcan_test.cpp", "T", range(1, 5)),
    ("weak_references_test.cpp", "W", range(1, 51)),
    ("counts_test.cpp", "R", range(1, 12)),
    ("slots_test.cpp", "S", range(1, 10)),
    ("concurrency_test.cpp", "C", range(1, 35)),
)
FILE_OF = {f"{letter}{number:02}": file
           for file, letter, numbers in SECTIONS for number in numbers}
TABLE = "tests/README.md"

_TEST = re.compile(r"^TEST(?:_F)?\(Conformance,\s*(\w+)\)", re.MULTILINE)
_NAME = re.compile(r"([A-Z]\d\d)_[a-z0-9]+(?:_[a-z0-9]+)+")
_ROW = re.compile(r"^\| ([A-Z]\d\d) \|(.*)\|(.*)\|$")


def tests(root):
    """(file:line, name) of each test."""
    for path in sorted((root / "tests/conformance").glob("*.cpp")):
        text = path.read_text(encoding="utf-8")
        for match in _TEST.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path.relative_to(root).as_posix()}:{line}", match[1]


def rows(root):
    """(file:line, statement, cells) of each line of the table."""
    table = root / TABLE
    text = table.read_text(encoding="utf-8") if table.is_file() else ""
    for number, line in enumerate(text.split("\n"), 1):
        match = _ROW.match(line)
        if match:
            yield f"{TABLE}:{number}", match[1], (match[2].strip(), match[3].strip())


def check(root):
    """All problems below `root`, as lines of text."""
    root = Path(root)
    problems = []
    places = defaultdict(list)
    for place, name in tests(root):
        match = _NAME.fullmatch(name)
        if match is None or match[1] not in FILE_OF:
            problems.append(f"{place}: {name} is of no statement; call it G01_what_it_says")
            continue
        places[match[1]].append(place)
        if place.rsplit("/", 1)[1].split(":")[0] != FILE_OF[match[1]]:
            problems.append(f"{place}: {match[1]} is of another section; move it to "
                            f"{FILE_OF[match[1]]}")
    for place, statement, cells in rows(root):
        if statement not in FILE_OF:
            problems.append(f"{place}: there is no statement {statement}")
            continue
        places[statement].append(place)
        if not all(cells):
            problems.append(f"{place}: say what {statement} says, and why it is left out")
    for statement in FILE_OF:
        found = places[statement]
        if not found:
            problems.append(f"{TABLE}:1: {statement} has no test and is not left out here")
        elif len(found) > 1:
            problems.append(f"{found[1]}: {statement} is in {found[0]} already")
    return problems


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    sys.exit(finish(check(sys.argv[1] if len(sys.argv) > 1 else here), "statements"))
