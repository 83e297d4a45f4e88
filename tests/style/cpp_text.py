# SPDX-License-Identifier: Apache-2.0
"""C++ text taken apart as far as the style checks need it: code without comments and
literals, comments by line, brackets in pairs, statements. No preprocessor, no types."""

import re
from pathlib import Path

SOURCE_FOLDERS = ("runtime", "workloads", "harness", "tests")

_TOKEN = re.compile(
    r"""(?P<line_comment>//(?:[^\n\\]|\\[^\n]|\\\n)*)
      | (?P<block_comment>/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<char>(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+')
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE | re.DOTALL)
_SCOPE = re.compile(
    r"(?:template\s*<.*>\s*|inline\s+|export\s+|\[\[.*?\]\]\s*|typedef\s+)*"
    r"(?:class|struct|union|enum|namespace|extern)\b",
    re.DOTALL,
)


def sources(root, folders=SOURCE_FOLDERS):
    """The .hpp and .cpp files below `folders`, in a fixed order."""
    found = []
    for folder in folders:
        found += [p for p in (Path(root) / folder).rglob("*")
                  if p.suffix in (".hpp", ".cpp") and p.is_file()]
    return sorted(found)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


class CppText:
    """One source file.

    code        the text, comments and literals blanked, the same length
    directives  (line, text) of each preprocessor directive; blanked in `code` too
    comments    line -> comment text without // and blanks around it
    """

    def __init__(self, root, path):
        self.name = Path(path).relative_to(root).as_posix()
        self.text = Path(path).read_text(encoding="utf-8", errors="replace")
        self.comments = {}
        self._indented = {}
        self.code = _TOKEN.sub(self._take_token, self.text)
        self.directives = []
        self.code = _DIRECTIVE.sub(self._take_directive, self.code)
        self._starts = [0] + [m.end() for m in re.finditer("\n", self.text)]
        self._code_lines = self.code.split("\n")
        self._pair_brackets()

    def _take_token(self, match):
        if match["line_comment"] or match["block_comment"]:
            first = self.text.count("\n", 0, match.start()) + 1
            for number, line in enumerate(match[0].split("\n"), first):
                line = re.sub(r"^\s*(?://|/\*|\*(?!/))|\*/\s*$", "", line)
                self._indented[number] = line.rstrip()
                self.comments[number] = line.strip()
            return _blank(match[0])
        return match[0][0] + _blank(match[0][1:-1]) + match[0][-1]

    def _take_directive(self, match):
        line = self.text.count("\n", 0, match.start()) + 1
        self.directives.append((line, match[0]))
        return _blank(match[0][:-1]) + ";"  # so that no statement reaches across it

    def _pair_brackets(self):
        self.pair = {}     # position of a bracket -> position of its partner
        self.opener = {}   # position of `;` or an opening bracket -> opener around it
        stack = []
        for match in re.finditer(r"[()\[\]{};]", self.code):
            at, bracket = match.start(), match[0]
            if bracket in ")]}":
                if stack:
                    self.pair[at] = stack.pop()
                    self.pair[self.pair[at]] = at
            else:
                self.opener[at] = stack[-1] if stack else None
                if bracket != ";":
                    stack.append(at)

    def line(self, at):
        """The line number of a position."""
        low, high = 0, len(self._starts)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._starts[middle] <= at else (low, middle)
        return low + 1

    def has_code(self, line):
        return 1 <= line <= len(self._code_lines) and self._code_lines[line - 1].strip() != ""

    def enclosing(self, at):
        """Openers around a position, innermost first."""
        inner = None
        for opener in self.opener:
            if self.code[opener] != ";" and opener < at < self.pair.get(opener, len(self.code)):
                inner = opener if inner is None else max(inner, opener)
        while inner is not None:
            yield inner
            inner = self.opener[inner]

    def is_block(self, brace):
        """Whether `{` opens a block, not the braces of an initialiser like Name{...}."""
        before = self.code[:brace].rstrip()
        if before == "" or before[-1] in ";{})":
            return True
        if len(before) < brace:
            return before[-1] not in "=(,&|?!+-*/<" and not before.endswith("return")
        return False

    def is_scope(self, brace):
        """Whether `{` opens a class, an enum, a namespace or a linkage block."""
        start = self.statement_start(brace)
        return _SCOPE.match(self.code[start:brace].strip()) is not None

    def statement_start(self, at):
        """The position after the `;` or the block bracket before `at`."""
        code = self.code
        while at > 0:
            at -= 1
            char = code[at]
            if char in ")]":
                at = self.pair.get(at, at)
            elif char == "}":
                opener = self.pair.get(at)
                if opener is None or self.is_block(opener):
                    return at + 1
                at = opener
            elif char == "{" and self.is_block(at):
                return at + 1
            elif char == ";":
                opener = self.opener.get(at)
                if opener is None or code[opener] != "(":
                    return at + 1
        return 0

    def statement_end(self, at):
        """The position of the `;`, or of the block's `{`, that ends the statement."""
        while at < len(self.code):
            char = self.code[at]
            if char in "([":
                at = self.pair.get(at, at)
            elif char == "{":
                if self.is_block(at):
                    return at
                at = self.pair.get(at, at)
            elif char in ";}":
                return at
            at += 1
        return at

    def _first_line(self, at):
        start = self.statement_start(at)
        start += len(self.code[start:]) - len(self.code[start:].lstrip())
        return self.line(start)

    def _comment_lines_above(self, line):
        above = line
        while above - 1 in self.comments and not self.has_code(above - 1):
            above -= 1
        return range(above, line)

    def _join(self, lines):
        return " ".join(self.comments[n] for n in lines if n in self.comments)

    def notes(self, at):
        """The comments of the statement around `at`: those in its lines and in the
        comment lines directly above it, as one string."""
        first = self._first_line(at)
        last = self.line(self.statement_end(at))
        return self._join([*self._comment_lines_above(first), *range(first, last + 1)])

    def group_notes(self, at):
        """The comment lines above the run of code lines that the statement is in."""
        line = self._first_line(at)
        while self.has_code(line - 1):
            line -= 1
        return self._join(self._comment_lines_above(line))

    def comment_blocks(self):
        """Runs of comment lines, each a list of (line, text with its indentation)."""
        block = []
        for number in sorted(self._indented):
            if block and number != block[-1][0] + 1:
                yield block
                block = []
            block.append((number, self._indented[number]))
        if block:
            yield block


def finish(problems, what):
    """Prints the problems, or one line of good news; returns the exit status."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} to repair")
        return 1
    print(f"{what}: nothing to repair")
    return 0
