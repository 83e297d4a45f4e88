#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every access through Atomic in runtime/ says why its memory order is enough.

  word.store(1, release);         // edge: ticket-handover
  word.load(relaxed);             // relaxed: only the owner writes

The note stands on a line of the statement or in the comment lines directly above it. One
for several statements, up to the next blank line or comment, says so: `relaxed, both:`,
`relaxed, all:`. An edge is described exactly once, in a comment block under the word
`Edges`:

  // Edges
  //   ticket-handover   the critical section of one ticket happens before the next one's

and has both ends: an access that releases and another that acquires.
Usage: check_orders.py [ROOT]
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

from cpp_text import CppText, finish, sources

ATOMIC_HEADER = "runtime/sync/atomic.hpp"

_ACCESS = re.compile(
    r"(?:\.|->)\s*(load|store|exchange|fetch_\w+|cas(?:_\w+)?|compare_exchange_\w+"
    r"|test_and_set)\s*(?=\()")
_ALWAYS_ATOMIC = re.compile(r"fetch_|cas|compare_exchange|test_and_set")
_ORDER = re.compile(r"\b(?:memory_order_)?(relaxed|consume|acquire|release|acq_rel|seq_cst)\b")
_PASSED_ON = re.compile(r"\b(?:order|memory_order)\b")
_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_EDGES = re.compile(rf"\bedges?:\s*({_NAME}(?:\s*,\s*{_NAME})*)")
_RELAXED = re.compile(r"\brelaxed(?:, [^:]{1,30})?:\s*\w")
_ALL_RELAXED = re.compile(r"\brelaxed, [^:]{1,30}:\s*\w")
_DESCRIPTION = re.compile(rf"^ {{3}}({_NAME}) {{2,}}\S")
_BARE_NAME = re.compile(rf"^ {{3}}({_NAME})(?: \S+)?$")
_HEADING = re.compile(r"^ ?[A-Z]\w*$")
_STD_ATOMIC = re.compile(r"\b(?:std\s*::\s*atomic(?:_ref|_flag)?\b|__(?:atomic|sync)_\w+)")
_FENCE = re.compile(r"\b(?:atomic_(?:thread|signal)_fence|__sync_synchronize)\b")
_DEFAULT_ORDER = re.compile(r"\bmemory_order\s+\w+\s*=")

# What an access can be to an edge: a load never releases, a store never acquires.
_ENDS = {"acquire": {"acquire"}, "release": {"release"}, "consume": {"acquire"},
         "acq_rel": {"acquire", "release"}, "seq_cst": {"acquire", "release"}}
_CAN_BE = {"load": {"acquire"}, "store": {"release"}}


class Edges:
    """Where edges are described and used, over all files."""

    def __init__(self):
        self.described = defaultdict(list)  # name -> places
        self.used = defaultdict(list)       # name -> (place, ends)

    def problems(self):
        for name, places in sorted(self.described.items()):
            for place in places[1:]:
                yield (f"{place}: edge '{name}' is described at {places[0]} already; "
                       "keep one description")
            if name not in self.used:
                yield (f"{places[0]}: edge '{name}' is described, but no access names "
                       "it; delete the description or name it where it is used")
        for name, uses in sorted(self.used.items()):
            place = uses[0][0]
            if name not in self.described:
                yield (f"{place}: edge '{name}' is not described; add "
                       f"`//   {name}   what happens before what` under `Edges` in a header")
            ends = set().union(*(ends for _, ends in uses))
            if len(uses) == 1:
                yield (f"{place}: edge '{name}' is named by this access only; name it at "
                       "its other end too")
            elif ends != {"acquire", "release"}:
                missing = ({"acquire", "release"} - ends).pop()
                yield (f"{place}: edge '{name}' has no {missing} end; name it at the "
                       "access that it meets, or strengthen that access")


def read_descriptions(cpp, edges):
    for block in cpp.comment_blocks():
        inside = False
        for line, text in block:
            if text.strip() == "Edges":
                inside = True
            elif _HEADING.match(text):
                inside = False
            elif inside and _DESCRIPTION.match(text):
                edges.described[_DESCRIPTION.match(text)[1]].append(f"{cpp.name}:{line}")
            elif inside and "-" in text and _BARE_NAME.match(text):
                name = _BARE_NAME.match(text)[1]
                if "-" in name:
                    yield (f"{cpp.name}:{line}: edge '{name}' has no sentence; write what "
                           "happens before what, two blanks after the name")


def accesses(cpp):
    """(position, operation, arguments) of each access; the arguments of an inner access
    are blanked in those of an outer one."""
    found = [(m.start(), m[1], m.end()) for m in _ACCESS.finditer(cpp.code)]
    spans = [(at, cpp.pair.get(opening, len(cpp.code))) for at, _, opening in found]
    for at, operation, opening in found:
        close = cpp.pair.get(opening, len(cpp.code))
        text = cpp.code[opening + 1:close]
        for start, end in spans:
            if opening < start and end < close:
                low, high = start - opening - 1, end - opening
                text = text[:low] + " " * (high - low) + text[high:]
        yield at, operation, text


def check_access(cpp, at, operation, arguments, edges):
    place = f"{cpp.name}:{cpp.line(at)}"
    orders = {m[1] for m in _ORDER.finditer(arguments)}
    if not orders:
        if _PASSED_ON.search(arguments):
            yield f"{place}: {operation} passes an order on; name the order at the access"
        elif _ALWAYS_ATOMIC.match(operation):
            yield f"{place}: {operation} without an order; state one"
        return  # else a function of that name that is not Atomic's: Atomic has no default
    notes = cpp.notes(at)
    if ("relaxed" in orders and not _RELAXED.search(notes)
            and not _ALL_RELAXED.search(cpp.group_notes(at))):
        yield (f"{place}: relaxed {operation} without a reason; add `// relaxed: why "
               "nothing must be ordered`")
    orders.discard("relaxed")
    if not orders:
        return
    names = {name for group in _EDGES.findall(notes)
             for name in re.split(r"\s*,\s*", group)}
    if not names:
        order = ", ".join(sorted(orders))
        yield f"{place}: {order} {operation} without an edge; add `// edge: its-name`"
    ends = set().union(*(_ENDS[order] for order in orders))
    ends &= _CAN_BE.get(operation, ends)
    for name in sorted(names):
        edges.used[name].append((place, ends))


def check_runtime_file(cpp, edges):
    yield from read_descriptions(cpp, edges)
    for match in _DEFAULT_ORDER.finditer(cpp.code):
        yield (f"{cpp.name}:{cpp.line(match.start())}: a default memory order; let every "
               "access state its own")
    for line, directive in cpp.directives:
        if _ACCESS.search(directive) and _ORDER.search(directive):
            yield (f"{cpp.name}:{line}: an atomic access in a macro; make it a function, "
                   "where a note can stand")
    if cpp.name == ATOMIC_HEADER:
        return
    for match in _STD_ATOMIC.finditer(cpp.code):
        yield (f"{cpp.name}:{cpp.line(match.start())}: {match[0]}; use Atomic from "
               f"{ATOMIC_HEADER}")
    for access in accesses(cpp):
        yield from check_access(cpp, *access, edges)


def check(root):
    """All problems below `root`, as lines of text."""
    root = Path(root)
    edges = Edges()
    problems = []
    for path in sources(root):
        cpp = CppText(root, path)
        for match in _FENCE.finditer(cpp.code):
            problems.append(f"{cpp.name}:{cpp.line(match.start())}: {match[0]}; put the "
                            "order on an access (ThreadSanitizer ignores fences)")
        if cpp.name.startswith("runtime/"):
            problems += check_runtime_file(cpp, edges)
    return problems + list(edges.problems())


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    sys.exit(finish(check(sys.argv[1] if len(sys.argv) > 1 else here), "memory orders"))
