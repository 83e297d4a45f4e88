// SPDX-License-Identifier: Apache-2.0
//
// The manual page threadmill(1), made of the same list of subcommands and options as
// --help.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace threadmill {

// A section for each of `subcommands`, in roff.
[[nodiscard]] std::string manual_sections(const CLI::App& app,
                                          const std::string& program,
                                          const std::vector<std::string>& subcommands);

// A section whose text is shown as it is.
[[nodiscard]] std::string manual_section(const std::string& title,
                                         const std::string& text);

// The whole page around the sections.
[[nodiscard]] std::string manual_page(const CLI::App& app, const std::string& sections);

}  // namespace threadmill
