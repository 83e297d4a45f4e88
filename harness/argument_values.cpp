// SPDX-License-Identifier: Apache-2.0
#include "harness/argument_values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <random>
#include <string_view>
#include <thread>

#include <fmt/format.h>

#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill {
namespace {

template <class Number>
std::optional<Number> whole_text(std::string_view text, int base) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// A number above 0 and up to `most`.
std::optional<double> positive_text(std::string_view text, double most) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool number = !text.empty() && error == std::errc{} && stop == end;
  if (!number || !std::isfinite(value) || value <= 0 || value > most)
    return std::nullopt;
  return value;
}

[[noreturn]] void refuse(const char* option,
                         const std::string& text,
                         const std::string& takes) {
  throw UsageError(fmt::format("{} '{}': give {}", option, printable(text), takes));
}

}  // namespace

unsigned parse_threads(const std::string& text) {
  const auto value = whole_text<std::uint64_t>(text, 10);
  if (!value || *value < 1 || *value > kMaxThreads) {
    refuse("--threads", text, "a whole number of threads from 1 to 1024");
  }
  return static_cast<unsigned>(*value);
}

double parse_seconds(const std::string& text) {
  const std::optional<double> value = positive_text(text, kMaxSeconds);
  if (!value) {
    refuse("--seconds", text,
           "a number of seconds above 0 and up to a year, as in 2.5");
  }
  return *value;
}

double parse_ratio(const std::string& text) {
  const std::optional<double> value = positive_text(text, kMaxRatio);
  if (!value) refuse("--fail-below", text, "a ratio above 0 and up to 1000, as in 0.8");
  return *value;
}

double parse_percent(const std::string& text) {
  if (text == "0") return 0;
  const std::optional<double> value = positive_text(text, kMaxRatio * 100);
  if (!value) refuse("--fail-above", text, "a number of percent from 0, as in 5");
  return *value;
}

std::uint64_t parse_operations(const std::string& text) {
  const auto value = whole_text<std::uint64_t>(text, 10);
  if (!value) {
    refuse("--ops", text, "a whole number of operations per worker, 0 for no limit");
  }
  return *value;
}

std::uint64_t parse_bytes(const char* option, const std::string& text) {
  constexpr std::string_view kUnits = "KMGT";
  constexpr std::uint64_t kLeast = 1 << 20;
  constexpr std::uint64_t kMost = std::uint64_t{1} << 50;
  const std::size_t unit =
      text.empty() ? std::string_view::npos : kUnits.find(text.back());
  const bool has_unit = unit != std::string_view::npos;
  const auto value =
      whole_text<std::uint64_t>(text.substr(0, text.size() - (has_unit ? 1 : 0)), 10);
  const unsigned shift = has_unit ? static_cast<unsigned>(unit + 1) * 10 : 0;
  const bool fits = value && *value <= kMost >> shift && *value << shift >= kLeast;
  if (!fits)
    refuse(option, text, "a number of bytes from 1M to 1024T, as in 512M or 2G");
  return *value << shift;
}

std::uint64_t parse_whole(const char* option,
                          const std::string& text,
                          std::uint64_t least,
                          std::uint64_t most) {
  const auto value = whole_text<std::uint64_t>(text, 10);
  if (!value || *value < least || *value > most)
    refuse(option, text, fmt::format("a number from {} to {}", least, most));
  return *value;
}

std::uint64_t parse_seed(const std::string& text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const auto value =
      hexadecimal ? whole_text<std::uint64_t>(std::string_view(text).substr(2), 16)
                  : whole_text<std::uint64_t>(text, 10);
  if (!value) {
    refuse("--seed", text, "a whole number below 2^64, decimal or as 0x...");
  }
  return *value;
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

unsigned default_threads() {
  return std::clamp(2 * std::thread::hardware_concurrency(), 4u, kMaxThreads);
}

std::uint64_t draw_seed() { return std::random_device{}(); }

}  // namespace threadmill
