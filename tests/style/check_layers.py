#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house keeps its order: who may include whom, and what no file may hold.

  includes    a layer of runtime/ includes itself and lower layers; workloads/ and harness/
              include runtime/runtime.hpp and a few headers of runtime/base/, but for the
              explorer, which runs every layer, and for workloads/linearizability/, which
              judges without knowing any; a test of a layer sees what the layer sees
  common      what CMakeLists.txt compiles once for all builds of the runtime reaches no header
              of any
  folders     no other top-level folders
  files       the SPDX line first, #pragma once, no paths into anybody's home
  statics     thread_local only in runtime/thread/current, no static variables in functions
Usage: check_layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

from cpp_text import SOURCE_FOLDERS, CppText, finish, sources

LAYERS = ["base", "sync", "thread", "memory", "object", "containers", "collector"]
TOP_FOLDERS = {*SOURCE_FOLDERS, "results"}
OPEN_BASE = {f"runtime/base/{name}.hpp"
             for name in ("assert", "build_info", "config", "fault", "fault_catalogue", "peek", "random")}
FACADE = "runtime/runtime.hpp"
EXPLORER = "harness/explore/"
CHECKER = "workloads/linearizability/"
VERIFIER = "runtime/collector/verify.hpp"
CURRENT = ("runtime/thread/current.hpp", "runtime/thread/current.cpp")
SPDX = "SPDX-License-Identifier: Apache-2.0"
SPDX_KINDS = {".hpp": "//", ".cpp": "//", ".py": "#", ".sh": "#"}
SPDX_NAMES = {"CMakeLists.txt": "#", "run": "#"}
TEXT_BYTES = 1 << 20

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_GUARD = re.compile(r"^[ \t]*#[ \t]*ifndef[ \t]+\w+_H(?:PP|H)?_*[ \t]*$", re.MULTILINE)
_PRAGMA_ONCE = re.compile(r"^#pragma once$", re.MULTILINE)
_COMMON = re.compile(r"set\(THREADMILL_HARNESS_COMMON\)\s*foreach\(part\s+([^)]*)\)")
_HOME = re.compile(r"(?<![\w.])/(?:home|root|Users)/")


def layer_of(name):
    """The place of a file of runtime/ in the order, None for an unknown folder."""
    parts = name.split("/")
    if len(parts) == 2:
        return len(LAYERS)
    return LAYERS.index(parts[1]) if parts[1] in LAYERS else None


def may_include(name, header):
    """None, or what to do instead."""
    folder, target = name.split("/")[0], header.split("/")[0]
    if target not in SOURCE_FOLDERS or "/" not in header:
        return "write the path from the repository's root, e.g. \"runtime/runtime.hpp\""
    own = name.split("/")[1]
    if folder == "tests":
        if target == "tests":
            return None
        if own in (*LAYERS, "runtime"):
            rank = LAYERS.index(own) if own in LAYERS else len(LAYERS)
            if target != "runtime" or (layer_of(header) or 0) > rank:
                return f"a test of {own} sees what {own} sees; move the test up"
            return None
        if own == "workloads" and target == "harness":
            return "a test of workloads does not see the harness; move it to tests/harness"
        return None
    if target == "tests":
        return "only tests include tests"
    if folder == "runtime":
        if target != "runtime":
            return f"runtime/ knows nothing of {target}/; pass a callable instead"
        own_rank, rank = layer_of(name), layer_of(header)
        if own_rank is not None and rank is not None and rank > own_rank:
            return ("a layer includes itself and lower ones; pass a callable, or move the "
                    "code up")
        return None
    if name.startswith(CHECKER) and not header.startswith(CHECKER):
        return f"{CHECKER} judges by itself; pass what it needs as values"
    if target == "runtime":
        is_oracle = folder == "harness" and "oracle" in name
        if header == FACADE or header in OPEN_BASE or (is_oracle and header == VERIFIER):
            return None
        if name.startswith(EXPLORER):
            return None
        return f"include {FACADE}; what is missing there belongs into it"
    if folder == "workloads" and target == "harness":
        return "workloads/ knows nothing of harness/"
    return None


def check_includes(cpp):
    for match in _INCLUDE.finditer(cpp.text):
        advice = may_include(cpp.name, match[1])
        if advice is not None:
            yield f"{cpp.name}:{cpp.line(match.start())}: includes {match[1]}; {advice}"


def reached_from(root, name, seen):
    """The headers that `name` includes, and those that they do."""
    path = root / name
    if not path.is_file():
        return
    for header in _INCLUDE.findall(path.read_text(encoding="utf-8")):
        if header not in seen:
            seen.add(header)
            reached_from(root, header, seen)


def check_common(root):
    build = root / "CMakeLists.txt"
    match = _COMMON.search(build.read_text(encoding="utf-8")) if build.is_file() else None
    for part in match[1].split() if match else ():
        name, seen = f"harness/{part}.cpp", set()
        reached_from(root, name, seen)
        for header in sorted(seen):
            if header.split("/")[0] in ("runtime", "workloads"):
                yield (f"{name}:1: reaches {header}, and is compiled once for all builds of "
                       "the runtime; take it off THREADMILL_HARNESS_COMMON in CMakeLists.txt")


def check_header(cpp):
    if not cpp.name.endswith(".hpp"):
        return
    if not _PRAGMA_ONCE.search(cpp.text):
        yield f"{cpp.name}:1: a header without `#pragma once`; add it after the comment"
    for match in _GUARD.finditer(cpp.text):
        yield (f"{cpp.name}:{cpp.line(match.start())}: an include guard; use "
               "`#pragma once` alone")


def is_constant(declaration):
    return re.match(r"static\s+constexpr\b", declaration) or (
        re.match(r"static\s+(?:const|inline const)\b", declaration)
        and not re.search(r"\*(?!\s*const\b)", declaration.split("=")[0]))


def check_statics(cpp):
    if not cpp.name.startswith("runtime/"):
        return
    if cpp.name not in CURRENT:
        for match in re.finditer(r"\bthread_local\b", cpp.code):
            yield (f"{cpp.name}:{cpp.line(match.start())}: thread_local; keep it in the "
                   f"Slot, which current() of {CURRENT[0]} names")
    for match in re.finditer(r"\bstatic\b", cpp.code):
        block = next((o for o in cpp.enclosing(match.start()) if cpp.code[o] == "{"), None)
        if block is None or cpp.is_scope(block):
            continue
        declaration = cpp.code[match.start():cpp.statement_end(match.start())]
        if not is_constant(declaration):
            yield (f"{cpp.name}:{cpp.line(match.start())}: a static variable in a "
                   "function; give it an owner that is made and destroyed")


def spdx_problem(name, text):
    """None, or what is wrong with the first line of a source file."""
    path = Path(name)
    mark = SPDX_NAMES.get(path.name) or SPDX_KINDS.get(path.suffix)
    if mark is None:
        return None
    lines = text.split("\n", 2)
    first = 1 if lines[0].startswith("#!") else 0
    if len(lines) > first and lines[first] == f"{mark} {SPDX}":
        return None
    return f"{name}:{first + 1}: without its licence; write `{mark} {SPDX}` here"


def text_files(root):
    """(name, text) of every text file of the project that a person writes."""
    folders = [root / folder for folder in sorted(TOP_FOLDERS)] + [root / ".ci"]
    paths = [p for p in root.iterdir() if p.is_file()]
    for folder in folders:
        paths += folder.rglob("*")
    for path in sorted(paths):
        name = path.relative_to(root).as_posix()
        if name.startswith(("workloads/data/", "results/latest/")):
            continue
        if "__pycache__" in path.parts or not path.is_file() or path.is_symlink():
            continue
        data = path.read_bytes()
        if b"\0" not in data and len(data) <= TEXT_BYTES:
            yield name, data.decode("utf-8", errors="replace")


def check_folders(root):
    for path in sorted(p for p in root.iterdir() if p.is_dir()):
        if path.name not in TOP_FOLDERS and not path.name.startswith((".", "build")):
            yield (f"{path.name}/:1: a top-level folder; the house has "
                   f"{', '.join(sorted(TOP_FOLDERS))}: move it into one of them")
    runtime = root / "runtime"
    for path in sorted(p for p in runtime.iterdir() if p.is_dir()) if runtime.is_dir() else ():
        if path.name not in LAYERS:
            yield (f"runtime/{path.name}/:1: not a layer; give it a place in LAYERS of "
                   "tests/style/check_layers.py and CMakeLists.txt, or move its files")


def check(root):
    """All problems below `root`, as lines of text."""
    root = Path(root)
    problems = [*check_folders(root), *check_common(root)]
    for name, text in text_files(root):
        problems += filter(None, [spdx_problem(name, text)])
        for number, line in enumerate(text.split("\n"), 1):
            if _HOME.search(line):
                problems.append(f"{name}:{number}: a path into a home folder; make it "
                                "relative, or take it from an option")
    for path in sources(root):
        cpp = CppText(root, path)
        problems += check_includes(cpp)
        problems += check_header(cpp)
        problems += check_statics(cpp)
    return problems


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    sys.exit(finish(check(sys.argv[1] if len(sys.argv) > 1 else here), "layers and files"))
