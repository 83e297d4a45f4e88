// SPDX-License-Identifier: Apache-2.0
//
// The scripts that a page with plots holds: the plotting library that CMake found
// (THREADMILL_PLOT_LIBRARY; Debian's libjs-chart.js has it), and ours that draws with it.
// They are in this executable, so that it needs no other file.
#pragma once

#include <string_view>

namespace threadmill {

// Empty: this build was configured without one.
[[nodiscard]] std::string_view plot_library();
[[nodiscard]] std::string_view plot_script();

}  // namespace threadmill
