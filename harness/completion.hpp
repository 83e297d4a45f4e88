// SPDX-License-Identifier: Apache-2.0
//
// What may come next on a command line, for the shells. The argument library's own list
// of subcommands and options is asked, so they are written down once; the scripts in
// install/ call the hidden subcommand `complete`, and know no option.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace threadmill {

// The hidden subcommands of every program of the lab.
inline constexpr const char* kComplete = "complete";
inline constexpr const char* kManual = "manual";

// The values that there are for an option, as "--fault", or for a positional argument, as
// "NAME"; empty: nobody can say.
using ValuesOf = std::function<std::vector<std::string>(const std::string& option)>;

// The words after `complete`: those after the program's own name, of which the last is
// still being typed, and may be empty.
[[nodiscard]] std::vector<std::string> words_to_complete(int count,
                                                         const char* const* words);

// A line for each word that may stand there: the word, a tab, and what it means. The line
// ":files" stands for all files. A word that is "=" joins an option and its value, as
// bash cuts them.
[[nodiscard]] std::string completions(const CLI::App& app,
                                      const std::vector<std::string>& words,
                                      const ValuesOf& values_of);

// One such line, if `word` begins with what was `typed`.
[[nodiscard]] std::string completion_line(const std::string& typed,
                                          const std::string& word,
                                          const std::string& meaning = {});

}  // namespace threadmill
