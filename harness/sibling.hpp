// SPDX-License-Identifier: Apache-2.0
//
// The executables that need another build of the runtime lie beside this one. So the
// normal one carries no fault, and knows no fault's name.
#pragma once

#include <string>
#include <vector>

namespace threadmill {

// The path of the executable `name` in this executable's folder. Throws UsageError if it
// is not there; `what` is who needs it, as in "faults need".
[[nodiscard]] std::string sibling_executable(const char* name, const char* what);

// What it prints with these arguments; empty: it failed.
[[nodiscard]] std::string output_of(const std::string& executable,
                                    const std::vector<std::string>& arguments);

// This process becomes that executable, with `words` as its command line; it calls itself
// as this one was called. Returns only by throwing UsageError.
[[noreturn]] void become_sibling(const char* name, const char* what, char** words);

}  // namespace threadmill
