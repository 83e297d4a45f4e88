// SPDX-License-Identifier: Apache-2.0
//
// Numbers and foreign text as people read them on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace threadmill {

[[nodiscard]] std::string with_thousands(std::uint64_t value);        // 12,345,678
[[nodiscard]] std::string with_unit(double value);                    // 12.3 M
[[nodiscard]] std::string with_time_unit(std::uint64_t nanoseconds);  // 1.2 ms
[[nodiscard]] std::string with_byte_unit(std::uint64_t bytes);        // 212.4 MiB

// One line that can hurt no terminal: control bytes become \n or \x1b.
[[nodiscard]] std::string printable(std::string_view text);

// One word of a shell command line: quoted where a shell would take it apart.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace threadmill
