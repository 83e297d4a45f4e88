// SPDX-License-Identifier: Apache-2.0
//
// The executables that need another build of the runtime lie beside this one, PROGRAM,
// and are called PROGRAM-faults, PROGRAM-explore, PROGRAM-bench; and PROGRAM-atomic and
// PROGRAM-locked, over the variants of the runtime. So the normal one carries no fault, and
// knows no fault's name.
#pragma once

#include <string>
#include <vector>

namespace threadmill {

// PROGRAM: the name of this executable's file; that of PROGRAM-faults is the same, and that
// of the variants.
[[nodiscard]] std::string program_name();

// This is PROGRAM-atomic or PROGRAM-locked, beside a PROGRAM that may count otherwise.
[[nodiscard]] bool is_variant();

// The path of PROGRAM-`sibling` (of PROGRAM, if that is empty) in this executable's folder. Throws UsageError if it is
// not there; `what` is who needs it, as in "faults need".
[[nodiscard]] std::string sibling_executable(const char* sibling, const char* what);
[[nodiscard]] bool has_sibling(const char* sibling);

// The executables PROGRAM-`prefix`NAME that lie there: their NAMEs, in order.
[[nodiscard]] std::vector<std::string> siblings_beginning_with(const char* prefix);

// What it prints with these arguments; empty: it failed.
[[nodiscard]] std::string output_of(const std::string& executable,
                                    const std::vector<std::string>& arguments);

// This process becomes that executable, with `words` as its command line; it calls itself
// as this one was called. Returns only by throwing UsageError.
[[noreturn]] void become_sibling(const char* sibling, const char* what, char** words);

}  // namespace threadmill
