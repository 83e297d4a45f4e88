#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The style checks, checked: small good trees pass, and each rule fails on a small bad
one, at the line and with the words expected."""

import tempfile
import unittest
from pathlib import Path

import check_layers
import check_orders
import check_statements

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HPP = SPDX + "#pragma once\n"
EDGE = "// Edges\n//   push-to-pop   what was pushed happens before its use\n"
PUSH = "void push() { head.store(1, release); }  // edge: push-to-pop\n"
POP = "int pop() { return head.load(acquire); }  // edge: push-to-pop\n"


class StyleTest(unittest.TestCase):
    module = None

    def problems(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return self.module.check(folder)

    def good(self, files):
        self.assertEqual(self.problems(files), [])

    def bad(self, files, *expected):
        """Each of `expected`, "file:line: words", begins exactly one problem's place and
        is in its words; there is no other problem."""
        problems = self.problems(files)
        self.assertEqual(len(problems), len(expected), problems)
        for wanted in expected:
            place, words = wanted.split(": ", 1)
            self.assertTrue(any(p.startswith(place + ": ") and words in p for p in problems),
                            f"no '{wanted}' in {problems}")


class OrdersTest(StyleTest):
    module = check_orders

    def runtime(self, code):
        return {"runtime/sync/a.hpp": code}

    # --- what must pass ---

    def test_an_edge_with_both_ends(self):
        self.good(self.runtime(EDGE + PUSH + POP))

    def test_ends_in_different_files(self):
        self.good({"runtime/sync/a.hpp": EDGE + PUSH, "runtime/object/b.cpp": POP})

    def test_a_note_above_a_statement_of_several_lines(self):
        self.good(self.runtime(EDGE + PUSH + """
            int pop() {
              int x = 0;
              // edge: push-to-pop (the one
              // that pushed)
              return a == 0 &&
                     head.cas_strong(x,
                                     1, acquire);
            }"""))

    def test_a_list_of_edges_over_two_lines(self):
        self.good(self.runtime(EDGE + "//   other-edge   the other\n" + """
            // edge: push-to-pop,
            // other-edge
            void f() { head.exchange(1, acq_rel); }
            // edges: push-to-pop, other-edge
            void g() { head.exchange(1, acq_rel); }"""))

    def test_a_note_above_the_condition_of_a_do_loop(self):
        self.good(self.runtime(EDGE + POP + """
            void push() {
              do {
                n = m;
                // edge: push-to-pop
              } while (!head.cas(n, 1, seq_cst));
            }"""))

    def test_a_note_above_a_for_header(self):
        self.good(self.runtime("""
            void f() {
              // relaxed: counts only
              for (int i = 0; i < n.load(relaxed); ++i) {}
            }"""))

    def test_one_note_for_both_orders_of_a_statement(self):
        self.good(self.runtime(EDGE + PUSH + """
            bool pop() {
              // relaxed: a look. edge: push-to-pop
              return head.load(relaxed) == 1 && head.cas(x, 0, acquire);
            }"""))

    def test_a_relaxed_note_for_several_statements(self):
        self.good(self.runtime("""
            void f() {
              // relaxed, both: nobody else knows it
              a.store(1, relaxed);
              b.store(Pair{1, 2}, relaxed);
            }"""))

    def test_an_initialiser_in_braces_does_not_end_the_statement(self):
        self.good(self.runtime("""
            void f() {
              // relaxed: alone
              g(Pair{1, 2},
                a.load(relaxed));
            }"""))

    def test_an_access_in_a_lambda(self):
        self.good(self.runtime(EDGE + PUSH + """
            void f() {
              g([&] {
                // edge: push-to-pop
                return head.load(acquire);
              });
            }"""))

    def test_descriptions_end_with_their_comment(self):
        self.good(self.runtime(EDGE + "int a;\n//   not-an-edge   a drawing\n" + PUSH + POP))

    def test_descriptions_end_with_the_next_heading(self):
        self.good(self.runtime(
            EDGE + "//\n// Invariants\n//   not-an-edge   a drawing\n" + PUSH + POP))

    def test_descriptions_go_on_after_prose(self):
        self.good(self.runtime(
            "// Edges\n//\n// Both are halves of a pair:\n"
            "//   push-to-pop   one sees the other\n" + PUSH + POP))

    def test_a_store_of_something_else(self):
        self.good(self.runtime("void f() { field.store(x); field.load(); list->exchange(y); }"))

    def test_text_is_not_code(self):
        self.good(self.runtime('auto s = "a.load(acquire)"; auto c = \'"\'; // b.load(acquire)'))

    def test_numbers_with_quotes(self):
        self.good(self.runtime("int n = 1'000'000;" + EDGE + PUSH + POP))

    def test_the_atomic_header_itself(self):
        self.good({"runtime/sync/atomic.hpp":
                   "struct A { std::atomic<int> v; int f(std::memory_order order)"
                   " { return v.load(order); } };"})

    def test_std_atomic_outside_the_runtime(self):
        self.good({"harness/a.cpp": "std::atomic<int> n; int f() { return n.load(); }"})

    # --- what must fail ---

    def test_an_acquire_without_a_note(self):
        self.bad(self.runtime("\nint f() { return head.load(acquire); }"),
                 "runtime/sync/a.hpp:2: acquire load without an edge")

    def test_a_qualified_order_without_a_note(self):
        self.bad(self.runtime("int f() { return head->load(std::memory_order_seq_cst); }"),
                 "runtime/sync/a.hpp:1: seq_cst load without an edge")

    def test_a_relaxed_access_without_a_reason(self):
        self.bad(self.runtime("int f() { return head.load(relaxed); }"),
                 "runtime/sync/a.hpp:1: relaxed load without a reason")

    def test_a_relaxed_note_without_words(self):
        self.bad(self.runtime("int f() { return head.load(relaxed); }  // relaxed:"),
                 "runtime/sync/a.hpp:1: relaxed load without a reason")

    def test_a_relaxed_reason_for_an_acquire(self):
        self.bad(self.runtime("int f() { return head.load(acquire); }  // relaxed: no"),
                 "runtime/sync/a.hpp:1: acquire load without an edge")

    def test_a_note_that_is_not_directly_above(self):
        self.bad(self.runtime("// relaxed: far away\n\nint f() { return n.load(relaxed); }"),
                 "runtime/sync/a.hpp:3: relaxed load without a reason")

    def test_a_note_of_the_line_before(self):
        self.bad(self.runtime("int a = n.load(relaxed);  // relaxed: mine\n"
                              "int b = n.load(relaxed);"),
                 "runtime/sync/a.hpp:2: relaxed load without a reason")

    def test_a_note_for_several_ends_at_a_blank_line(self):
        self.bad(self.runtime("// relaxed, both: alone\nint a = n.load(relaxed);\n\n"
                              "int b = n.load(relaxed);"),
                 "runtime/sync/a.hpp:4: relaxed load without a reason")

    def test_an_access_inside_another(self):
        self.bad(self.runtime("int a = n.exchange(m.load(acquire), relaxed); // relaxed: x"),
                 "runtime/sync/a.hpp:1: acquire load without an edge")

    def test_an_edge_with_one_use(self):
        self.bad(self.runtime(EDGE + PUSH),
                 "runtime/sync/a.hpp:3: named by this access only")

    def test_an_edge_with_one_read_modify_write(self):
        self.bad(self.runtime(EDGE + "void f() { n.fetch_or(1, acq_rel); } // edge: push-to-pop"),
                 "runtime/sync/a.hpp:3: named by this access only")

    def test_an_edge_with_two_releases(self):
        self.bad(self.runtime(EDGE + PUSH + PUSH),
                 "runtime/sync/a.hpp:3: has no acquire end")

    def test_a_sequentially_consistent_load_does_not_release(self):
        load = "int f() { return head.load(seq_cst); }  // edge: push-to-pop\n"
        self.bad(self.runtime(EDGE + load + load),
                 "runtime/sync/a.hpp:3: has no release end")

    def test_an_edge_without_description(self):
        self.bad(self.runtime(PUSH + POP), "runtime/sync/a.hpp:1: is not described")

    def test_an_edge_described_twice(self):
        self.bad({"runtime/sync/a.hpp": EDGE + PUSH + POP, "runtime/sync/b.hpp": EDGE},
                 "runtime/sync/b.hpp:2: described at runtime/sync/a.hpp:2 already")

    def test_an_edge_nobody_uses(self):
        self.bad(self.runtime(EDGE), "runtime/sync/a.hpp:2: no access names it")

    def test_a_description_without_a_sentence(self):
        self.bad(self.runtime(EDGE + "//   other-edge\n" + PUSH + POP),
                 "runtime/sync/a.hpp:3: has no sentence")

    def test_no_order_at_all(self):
        self.bad(self.runtime("void f() { n.fetch_add(1); }"),
                 "runtime/sync/a.hpp:1: fetch_add without an order")

    def test_a_default_order(self):
        self.bad(self.runtime("int load(std::memory_order order = std::memory_order_seq_cst);"),
                 "runtime/sync/a.hpp:1: default memory order")

    def test_a_default_order_in_the_atomic_header(self):
        self.bad({"runtime/sync/atomic.hpp": "int load(std::memory_order o = seq_cst);"},
                 "runtime/sync/atomic.hpp:1: default memory order")

    def test_an_order_passed_on(self):
        self.bad(self.runtime("int f(std::memory_order order) { return n.load(order); }"),
                 "runtime/sync/a.hpp:1: passes an order on")

    def test_an_access_in_a_macro(self):
        self.bad(self.runtime("#define LOAD(x) x.load(acquire)\n"),
                 "runtime/sync/a.hpp:1: in a macro")

    def test_std_atomic(self):
        for kind in ("std::atomic<int> n;", "std::atomic_ref<int> n(m);", "std::atomic_flag n;",
                     "int n = __atomic_load_n(&m, 0);"):
            with self.subTest(kind):
                self.bad(self.runtime(kind), "runtime/sync/a.hpp:1: use Atomic")

    def test_a_fence_anywhere(self):
        for folder in ("runtime/sync", "workloads", "harness", "tests/sync"):
            with self.subTest(folder):
                self.bad({f"{folder}/a.cpp": "\nvoid f() { std::atomic_thread_fence(x); }"},
                         f"{folder}/a.cpp:2: put the order on an access")


class LayersTest(StyleTest):
    module = check_layers

    def include(self, name, header):
        start = HPP if name.endswith(".hpp") else SPDX
        return {name: start + f'#include "{header}"\n'}

    # --- what must pass ---

    def test_includes_that_are_allowed(self):
        for name, header in (
                ("runtime/sync/a.hpp", "runtime/base/b.hpp"),
                ("runtime/sync/a.cpp", "runtime/sync/a.hpp"),
                ("runtime/runtime.hpp", "runtime/collector/collect.hpp"),
                ("workloads/a.cpp", "runtime/runtime.hpp"),
                ("workloads/a.cpp", "runtime/base/random.hpp"),
                ("workloads/linearizability/a.cpp", "workloads/linearizability/b.hpp"),
                ("harness/a.cpp", "workloads/workload.hpp"),
                ("harness/a.cpp", "runtime/base/fault.hpp"),
                ("harness/heap_oracle.cpp", "runtime/collector/verify.hpp"),
                ("harness/explore/scenarios/a.cpp", "runtime/thread/world.hpp"),
                ("tests/sync/a_test.cpp", "runtime/base/b.hpp"),
                ("tests/sync/a_test.cpp", "tests/sync/helper.hpp"),
                ("tests/runtime/a_test.cpp", "runtime/collector/collect.hpp"),
                ("tests/harness/a_test.cpp", "harness/report.hpp")):
            with self.subTest(name + " " + header):
                self.good(self.include(name, header))

    def test_constants_and_members_may_be_static(self):
        self.good({"runtime/sync/a.hpp": HPP + """
            struct alignas(64) A {
              static void f() {
                static constexpr int kA = 1;
                static const int b = 2;
                static const char* const c = "c";
                static_assert(kA == 1);
              }
              static int count;
            };
            template <class T> class B { static bool g() noexcept; };
            namespace { static int n; }
            """})

    def test_the_one_thread_local(self):
        self.good({"runtime/thread/current.hpp": HPP + "inline thread_local int n;"})

    def test_scripts_have_their_own_comment(self):
        self.good({"harness/run": "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"})

    COMMON = "set(THREADMILL_HARNESS_COMMON)\nforeach(part a\n             b)\n"

    def test_what_is_compiled_once_and_reaches_no_runtime(self):
        self.good({"CMakeLists.txt": f"# {SPDX[3:]}{self.COMMON}",
                   **self.include("harness/a.cpp", "harness/b.hpp"),
                   **self.include("harness/b.hpp", "harness/a.hpp"),
                   **self.include("harness/c.cpp", "runtime/base/config.hpp")})

    # --- what must fail ---

    def test_what_is_compiled_once_and_reaches_the_runtime(self):
        self.bad({"CMakeLists.txt": f"# {SPDX[3:]}{self.COMMON}",
                  **self.include("harness/b.cpp", "harness/b.hpp"),
                  **self.include("harness/b.hpp", "runtime/base/config.hpp")},
                 "harness/b.cpp:1: reaches runtime/base/config.hpp")

    def test_includes_that_are_not(self):
        for name, header, words in (
                ("runtime/base/a.hpp", "runtime/sync/b.hpp", "lower ones"),
                ("runtime/collector/a.cpp", "runtime/runtime.hpp", "lower ones"),
                ("runtime/sync/a.cpp", "workloads/workload.hpp", "knows nothing of workloads/"),
                ("runtime/sync/a.cpp", "harness/report.hpp", "knows nothing of harness/"),
                ("runtime/sync/a.cpp", "atomic.hpp", "from the repository's root"),
                ("workloads/a.cpp", "runtime/object/ref.hpp", "include runtime/runtime.hpp"),
                ("workloads/a.cpp", "runtime/collector/verify.hpp", "runtime/runtime.hpp"),
                ("workloads/a.cpp", "harness/report.hpp", "knows nothing of harness/"),
                ("workloads/linearizability/a.cpp", "runtime/runtime.hpp", "judges by itself"),
                ("workloads/linearizability/a.cpp", "workloads/workload.hpp", "by itself"),
                ("harness/a.cpp", "runtime/collector/verify.hpp", "runtime/runtime.hpp"),
                ("harness/a.cpp", "tests/workloads/drive.hpp", "only tests include tests"),
                ("tests/base/a_test.cpp", "runtime/sync/mutex.hpp", "move the test up"),
                ("tests/runtime/a_test.cpp", "workloads/workload.hpp", "move the test up"),
                ("tests/workloads/a_test.cpp", "harness/report.hpp", "tests/harness")):
            with self.subTest(name + " " + header):
                line = 3 if name.endswith(".hpp") else 2
                self.bad(self.include(name, header), f"{name}:{line}: {words}")

    def test_another_top_level_folder(self):
        self.bad({"scripts/a.txt": "a"}, "scripts/:1: a top-level folder")

    def test_another_layer(self):
        self.bad({"runtime/extra/a.cpp": SPDX}, "runtime/extra/:1: not a layer")

    def test_no_licence(self):
        for name in ("harness/a.cpp", "tests/style/a.py", "CMakeLists.txt"):
            with self.subTest(name):
                self.bad({name: "\n"}, f"{name}:1: without its licence")
        self.bad({"harness/run": "#!/bin/sh\n\n"}, "harness/run:2: without its licence")

    def test_a_header_without_pragma_once(self):
        self.bad({"harness/a.hpp": SPDX}, "harness/a.hpp:1: #pragma once")

    def test_an_include_guard(self):
        self.bad({"harness/a.hpp": HPP + "#ifndef HARNESS_A_HPP\n#endif\n"},
                 "harness/a.hpp:3: include guard")

    def test_a_path_into_a_home(self):
        for home in ("home", "root", "Users"):
            with self.subTest(home):
                self.bad({"README.md": f"\nsee /{home}/me/notes"},
                         "README.md:2: home folder")

    def test_thread_local_elsewhere(self):
        self.bad({"runtime/sync/a.cpp": SPDX + "thread_local int n;"},
                 "runtime/sync/a.cpp:2: keep it in the Slot")

    def test_static_variables_in_functions(self):
        for code in ("int f() { static int n = 0; return n; }",
                     "int f() { if (x) { static std::mutex m; } }",
                     "struct A { void f() const noexcept { static const char* n = 0; } };",
                     "auto f = [] { static A a{1}; };"):
            with self.subTest(code):
                self.bad({"runtime/sync/a.cpp": SPDX + code},
                         "runtime/sync/a.cpp:2: a static variable")


class StatementsTest(StyleTest):
    module = check_statements

    def project(self, *, without=(), rows=(), more=None):
        """All statements as tests, but for `without`, and a table of `rows`."""
        files = {}
        for statement, file in check_statements.FILE_OF.items():
            name = "tests/conformance/" + file
            if statement not in without:
                files[name] = files.get(name, "") + (
                    f"TEST_F(Conformance, {statement}_it_says_so) {{}}\n")
        files["tests/README.md"] = "".join(f"| {row} |\n" for row in rows)
        for name, text in (more or {}).items():
            files[name] = files.get(name, "") + text
        return files

    def test_there_are_184(self):
        self.assertEqual(len(check_statements.FILE_OF), 184)

    def test_each_is_tested_or_left_out(self):
        self.good(self.project())
        self.good(self.project(without=["G01", "C34"],
                               rows=["G01 | what | why", "C34 | what | why"]))

    def test_one_that_is_neither(self):
        self.bad(self.project(without=["W07"]), "tests/README.md:1: W07 has no test")

    def test_one_that_is_both_or_twice(self):
        self.bad(self.project(rows=["T01 | what | why"]),
                 "tests/README.md:1: T01 is in tests/conformance/trashcan_test.cpp:1")
        self.bad(self.project(without=["T01"], rows=["T01 | what | why"] * 2),
                 "tests/README.md:2: T01 is in tests/README.md:1")

    def test_one_that_is_not_explained(self):
        self.bad(self.project(without=["T01"], rows=["T01 | what |  "]),
                 "tests/README.md:1: why it is left out")

    def test_one_of_another_section(self):
        self.bad(self.project(without=["S09"], more={
            "tests/conformance/trashcan_test.cpp":
                "TEST_F(Conformance,\n       S09_it_says_so) {}\n"}),
            "tests/conformance/trashcan_test.cpp:5: move it to slots_test.cpp")

    def test_names_and_rows_of_no_statement(self):
        for name in ("it_says_so", "G18_it_says_so", "G01", "G01_ItSaysSo"):
            with self.subTest(name):
                self.bad(self.project(more={
                    "tests/conformance/trashcan_test.cpp":
                        f"TEST_F(Conformance, {name}) {{}}\n"}),
                    "tests/conformance/trashcan_test.cpp:5: is of no statement")
        self.bad(self.project(rows=["R12 | what | why"]),
                 "tests/README.md:1: there is no statement R12")


if __name__ == "__main__":
    unittest.main(verbosity=1)
