#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The script that writes heap dumps: what it writes is the heap of the program."""

import binascii
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "workloads" / "data" / "dump_heap.py"

PROGRAM = """
class Node:
    __slots__ = ("next", "same")
class Odd:
    def __sizeof__(self):
        raise ValueError("no size")
class \u00dcmlaut: pass
nodes = [Node() for _ in range(5)]
for i, node in enumerate(nodes):
    node.next = nodes[(i + 1) % 5]
    node.same = node.next
garbage = Node()
garbage.next = garbage
del garbage, node
odd = Odd()
umlaut = \u00dcmlaut()
"""


class Dump:
    """Reads a dump with nothing of the script's."""

    def __init__(self, path):
        self.data = Path(path).read_bytes()
        if binascii.crc32(self.data[:-4]) != int.from_bytes(self.data[-4:], "little"):
            raise ValueError("checksum")
        if self.data[:8] != b"\x89TMHEAP\n":
            raise ValueError("magic")
        self.at = 8
        version, types, objects, edges, roots = (self.number() for _ in range(5))
        assert version == 1
        self.names = [self.name() for _ in range(types)]
        self.types, self.sizes, self.targets = [], [], []
        for own in range(objects):
            self.types.append(self.names[self.number()])
            self.sizes.append(self.number())
            self.targets.append(self.edges(own, self.number()))
        assert sum(map(len, self.targets)) == edges
        self.roots, root = [], 0
        for _ in range(roots):
            root += self.number()
            self.roots.append(root)
        assert self.at == len(self.data) - 4

    def number(self):
        value, shift = 0, 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def name(self):
        size = self.number()
        self.at += size
        return self.data[self.at - size:self.at].decode("utf-8")

    def edges(self, own, count):
        targets = []
        for place in range(count):
            coded = self.number()
            targets.append(own + ((coded >> 1) ^ -(coded & 1)) if place == 0
                           else targets[-1] + coded)
        return targets

    def of_type(self, name):
        return [i for i, kind in enumerate(self.types) if kind == name]

    def reachable(self):
        seen, waiting = set(self.roots), list(self.roots)
        while waiting:
            for target in self.targets[waiting.pop()]:
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return seen


class DumpHeap(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.output = self.folder / "program.heap"

    def run_script(self, *arguments, status=0):
        done = subprocess.run([sys.executable, SCRIPT, *map(str, arguments)],
                              capture_output=True, text=True, cwd=self.folder, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def program(self, text):
        path = self.folder / "program.py"
        path.write_text(text, encoding="utf-8")
        return path

    def check_program(self, dump):
        nodes = dump.of_type("__main__.Node")
        self.assertEqual(len(nodes), 5)  # and no garbage
        for node in nodes:
            to_nodes = [t for t in dump.targets[node] if t in nodes]
            self.assertEqual(len(to_nodes), 2)
            self.assertEqual(len(set(to_nodes)), 1)
            self.assertNotIn(node, to_nodes)
            self.assertIn("type", [dump.types[t] for t in dump.targets[node]])
            self.assertGreaterEqual(dump.sizes[node], 32)
            self.assertNotIn(node, dump.roots)  # only other objects refer to it
        self.assertEqual(dump.sizes[dump.of_type("__main__.Odd")[0]], 0)
        self.assertEqual(len(dump.of_type("__main__.\u00dcmlaut")), 1)
        self.assertEqual(len(dump.reachable()), len(dump.types))

    def test_a_script_is_dumped_as_it_ends(self):
        done = self.run_script("-o", self.output, self.program(PROGRAM + "print('out')"))
        self.assertEqual(done.stdout, "out\n")
        self.check_program(Dump(self.output))

    def test_a_module_is_dumped_and_gets_its_arguments(self):
        self.program(PROGRAM + "import sys; print(sys.argv[1:])")
        done = self.run_script("-o", self.output, "-m", "program", "-x", "y")
        self.assertEqual(done.stdout, "['-x', 'y']\n")
        self.check_program(Dump(self.output))

    def test_a_program_dumps_itself(self):
        program = self.program(
            f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r})\n{PROGRAM}"
            f"import dump_heap; dump_heap.write({str(self.output)!r})")
        subprocess.run([sys.executable, "-B", program], check=True)
        dump = Dump(self.output)
        self.check_program(dump)

    def test_nothing_of_the_scripts_own_is_in_it(self):
        self.run_script("-o", self.output, self.program("empty = 1"))
        dump = Dump(self.output)
        self.assertGreater(len(dump.types), 1000)
        self.assertFalse([n for n in dump.names if "array" in n])  # its edges
        self.assertLess(max(map(len, dump.targets)), len(dump.types) // 2)

    def test_no_content_is_in_it(self):
        self.run_script("-o", self.output,
                        self.program("secret = 'top' + 'secret'; other = b'topsecret'"))
        data = self.output.read_bytes()
        self.assertNotIn(b"topsecret", data)
        self.assertNotIn(os.fsencode(self.folder), data)

    def test_the_programs_end_is_kept(self):
        self.run_script("-o", self.output, self.program("import sys; sys.exit(7)"),
                        status=7)
        self.assertGreater(len(Dump(self.output).types), 1000)
        done = self.run_script("-o", self.output, self.program("1 / 0"), status=1)
        self.assertIn("ZeroDivisionError", done.stderr)

    def test_one_file_is_left_or_none(self):
        program = self.program("pass")
        self.run_script("-o", self.output, program)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ["program.heap", "program.py"])
        done = self.run_script("-o", self.folder / "no" / "where", program, status=2)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertIn("where", done.stderr)
        self.output.unlink()
        self.output.mkdir()
        self.run_script("-o", self.output, program, status=2)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ["program.heap", "program.py"])

    def test_what_cannot_be_run_is_refused_in_one_line(self):
        broken = self.program("this is no Python")
        for arguments in (["nowhere.py"], [broken], ["-m", "no.such.module"],
                          ["-m", "sys"]):
            done = self.run_script("-o", self.output, *arguments, status=2)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertFalse(self.output.exists())


if __name__ == "__main__":
    unittest.main()
