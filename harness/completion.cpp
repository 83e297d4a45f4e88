// SPDX-License-Identifier: Apache-2.0
#include "harness/completion.hpp"

#include <algorithm>
#include <string_view>

#include <CLI/CLI.hpp>

namespace threadmill {
namespace {

constexpr const char* kFiles = ":files\n";

bool is_shown(const CLI::Option* option) { return !option->get_group().empty(); }

bool takes_value(const CLI::Option* option) {
  return option->get_items_expected_max() > 0;
}

// Of options and of positional arguments.
bool is_path(const CLI::Option* option) {
  const std::string type = option->get_type_name();
  const std::string what = type.empty() ? option->get_name() : type;
  return what == "FILE" || what == "DIR" || what == "PATH";
}

const CLI::App* subcommand_named(const CLI::App& app, const std::string& name) {
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (sub->get_name() == name) return sub;
  }
  return nullptr;
}

std::string subcommands(const CLI::App& app, const std::string& typed) {
  std::string lines;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (sub->get_group().empty()) continue;
    lines += completion_line(typed, sub->get_name(), sub->get_description());
  }
  return lines;
}

std::string options(const CLI::App& app, const std::string& typed) {
  std::string lines;
  for (const CLI::Option* option : app.get_options(nullptr)) {
    if (!is_shown(option)) continue;
    for (const std::string& name : option->get_lnames())
      lines += completion_line(typed, "--" + name, option->get_description());
  }
  return lines;
}

// `before`: what stands in the same word in front of the value.
std::string values(const CLI::Option* option,
                   const std::string& name,
                   const std::string& before,
                   const std::string& typed,
                   const ValuesOf& values_of) {
  if (is_path(option)) return kFiles;
  std::string lines;
  for (const std::string& value : values_of(name))
    lines += completion_line(before + typed, before + value);
  return lines;
}

std::string positionals(const CLI::App& app,
                        const std::string& typed,
                        const ValuesOf& values_of) {
  std::string lines;
  for (const CLI::Option* option : app.get_options(nullptr)) {
    if (option->get_positional() && is_shown(option))
      lines += values(option, option->get_name(), "", typed, values_of);
  }
  return lines;
}

}  // namespace

std::vector<std::string> words_to_complete(int count, const char* const* words) {
  std::vector<std::string> found;
  for (int i = 2; i < count; ++i) found.emplace_back(words[i]);
  if (found.empty()) found.emplace_back();
  return found;
}

std::string completion_line(const std::string& typed,
                            const std::string& word,
                            const std::string& meaning) {
  if (!word.starts_with(typed)) return {};
  std::string line = word + '\t' + meaning;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line + '\n';
}

std::string completions(const CLI::App& app,
                        const std::vector<std::string>& words,
                        const ValuesOf& values_of) {
  std::string typed = words.back() == "=" ? "" : words.back();
  std::vector<std::string> before(words.begin(), words.end() - 1);
  std::erase(before, "=");

  const CLI::App* at = &app;
  if (!before.empty()) {
    at = subcommand_named(app, before.front());
    if (at == nullptr) return {};
  }
  const std::size_t equals = typed.find('=');
  if (typed.starts_with("--") && equals != std::string::npos) {
    const std::string name = typed.substr(0, equals);
    const CLI::Option* option = at->get_option_no_throw(name);
    if (option == nullptr) return {};
    return values(option, name, name + "=", typed.substr(equals + 1), values_of);
  }
  if (before.size() > 1 && before.back().starts_with("--")) {
    const CLI::Option* option = at->get_option_no_throw(before.back());
    if (option != nullptr && takes_value(option))
      return values(option, before.back(), "", typed, values_of);
  }
  if (typed.starts_with("-")) return options(*at, typed);
  return at == &app ? subcommands(app, typed) : positionals(*at, typed, values_of);
}

}  // namespace threadmill
