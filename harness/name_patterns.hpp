// SPDX-License-Identifier: Apache-2.0
//
// Choosing by name on a command line: shell patterns, as in 'shared-*'; none means all.
#pragma once

#include <string>
#include <vector>

namespace threadmill {

[[nodiscard]] bool is_selected(const std::vector<std::string>& patterns,
                               const std::string& name);

// Throws UsageError if one of the patterns matches none of the names. `what` they are,
// and which `program` lists them, is for the message.
void require_matches(const std::vector<std::string>& patterns,
                     const std::vector<std::string>& names,
                     const char* what,
                     const std::string& program);

}  // namespace threadmill
