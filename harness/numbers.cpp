// SPDX-License-Identifier: Apache-2.0
#include "harness/numbers.hpp"

#include <array>

#include <fmt/format.h>

namespace threadmill {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

void append_escaped(std::string& out, char c) {
  if (c == '\n') {
    out += "\\n";
  } else {
    out +=
        fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

bool needs_no_quotes(char c) {
  constexpr std::string_view kSafe = "@%+=:,./-_";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kSafe.find(c) != std::string_view::npos;
}

}  // namespace

std::string with_thousands(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string with_unit(double value) {
  constexpr std::array<const char*, 5> kUnits = {" ", "k", "M", "G", "T"};
  std::size_t unit = 0;
  // 999.95 would be printed as 1000.0
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string with_time_unit(std::uint64_t nanoseconds) {
  const auto time = static_cast<double>(nanoseconds);
  // 999.95 would be printed as 1000.0
  if (time < 999.95e3) return fmt::format("{:.1f} us", time / 1e3);
  if (time < 999.95e6) return fmt::format("{:.1f} ms", time / 1e6);
  return fmt::format("{:.1f} s", time / 1e9);
}

std::string with_byte_unit(std::uint64_t bytes) {
  constexpr double kMiB = 1024.0 * 1024.0;
  const double mib = static_cast<double>(bytes) / kMiB;
  if (mib < 1024) return fmt::format("{:.1f} MiB", mib);
  return fmt::format("{:.2f} GiB", mib / 1024);
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_control(c)) {
      append_escaped(out, c);
    } else {
      out += c;
    }
  }
  return out;
}

std::string shell_word(std::string_view text) {
  bool plain = !text.empty();
  bool control = false;
  for (const char c : text) {
    plain = plain && needs_no_quotes(c);
    control = control || is_control(c);
  }
  if (plain) return std::string(text);

  // $'...' is the only form that keeps a newline within one line.
  std::string out(control ? "$'" : "'");
  for (const char c : text) {
    if (control && is_control(c)) {
      append_escaped(out, c);
    } else if (control && (c == '\'' || c == '\\')) {
      out += '\\';
      out += c;
    } else if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  out += '\'';
  return out;
}

}  // namespace threadmill
