// SPDX-License-Identifier: Apache-2.0
#include "harness/manual.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/report.hpp"

#ifndef THREADMILL_VERSION
#define THREADMILL_VERSION "0"
#endif

namespace threadmill {
namespace {

// Text that roff takes for nothing else.
std::string roff(const std::string& text) {
  std::string escaped;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) escaped += "\\&";
    line_begins = c == '\n';
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string as_it_is(const std::string& text) {
  return ".nf\n" + roff(text) + (text.ends_with('\n') ? "" : "\n") + ".fi\n";
}

// ".TP" and what the option takes.
std::string entry_of(const CLI::Option* option) {
  const bool positional = option->get_positional();
  std::string entry =
      fmt::format(".TP\n\\fB{}\\fR", roff(option->get_name(positional)));
  const std::string type = option->get_type_name();
  if (!type.empty() && option->get_items_expected_max() > 0)
    entry += fmt::format(" \\fI{}\\fR", roff(type));
  return entry + "\n" + roff(option->get_description()) + "\n";
}

std::string section_of(const CLI::App& subcommand, const std::string& program) {
  std::string text =
      fmt::format(".SS {} {}\n{}.\n", roff(program), roff(subcommand.get_name()),
                  roff(subcommand.get_description()));
  for (const CLI::Option* option : subcommand.get_options(nullptr)) {
    if (!option->get_group().empty()) text += entry_of(option);
  }
  return text;
}

constexpr const char* kExamples =
    "threadmill stress --seconds 60 --seed 7\n"
    "threadmill stress 'shared-*' --threads 8 --json report.json\n"
    "threadmill stress --until-failure --jobs 2 --memory-limit 2G\n"
    "threadmill explore 'merge-*' --memory rc11\n"
    "threadmill bench --benchmark_filter=incref --benchmark_format=json\n";

}  // namespace

std::string manual_sections(const CLI::App& app,
                            const std::string& program,
                            const std::vector<std::string>& subcommands) {
  std::string text;
  for (const std::string& name : subcommands)
    text += section_of(*app.get_subcommand(name), program);
  return text;
}

std::string manual_section(const std::string& title, const std::string& text) {
  return fmt::format(".SS {}\n", roff(title)) + as_it_is(text);
}

std::string manual_page(const CLI::App& app, const std::string& sections) {
  return fmt::format(
      ".TH THREADMILL 1 \"\" \"threadmill {}\" \"User Commands\"\n"
      ".SH NAME\n{} \\- {}\n"
      ".SH SYNOPSIS\n.B {}\n.I SUBCOMMAND\n.RI [ ARGUMENT ...]\n"
      ".SH SUBCOMMANDS\n{}"
      ".SH EXIT STATUS\n{}"
      ".SH EXAMPLES\n{}",
      THREADMILL_VERSION, roff(app.get_name()), roff(app.get_description()),
      roff(app.get_name()), sections, as_it_is(kExitStatuses), as_it_is(kExamples));
}

}  // namespace threadmill
