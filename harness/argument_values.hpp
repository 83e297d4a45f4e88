// SPDX-License-Identifier: Apache-2.0
//
// The text of an option's value to its number. Strict: the whole text must be a number
// in range, otherwise UsageError says which option, what it got and what it takes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace threadmill {

inline constexpr unsigned kMaxThreads = 1024;
inline constexpr unsigned kMaxJobs = 1024;
inline constexpr std::uint64_t kMaxRounds = 1'000'000'000;
inline constexpr std::uint64_t kMaxRepetitions = 1000;
inline constexpr double kMaxSeconds = 365.0 * 24 * 60 * 60;
inline constexpr double kMaxRatio = 1000;

[[nodiscard]] unsigned parse_threads(const std::string& text);
[[nodiscard]] double parse_seconds(const std::string& text);
[[nodiscard]] std::uint64_t parse_operations(const std::string& text);
// Bytes, as in 500000 or 512M; K, M, G and T are powers of 1024.
[[nodiscard]] std::uint64_t parse_bytes(const char* option, const std::string& text);
// A whole number from `least` to `most`.
[[nodiscard]] std::uint64_t parse_whole(const char* option,
                                        const std::string& text,
                                        std::uint64_t least,
                                        std::uint64_t most);
// From 0, --fail-above.
[[nodiscard]] double parse_percent(const std::string& text);
// Of operations per second, --fail-below.
[[nodiscard]] double parse_ratio(const std::string& text);
[[nodiscard]] std::uint64_t parse_seed(const std::string& text);  // decimal or 0x...

[[nodiscard]] std::vector<std::string> split_at_commas(const std::string& text);

// max(4, 2 x the cores that this process may use)
[[nodiscard]] unsigned default_threads();

// 32 random bits: enough to never repeat by chance, short enough to type.
[[nodiscard]] std::uint64_t draw_seed();

}  // namespace threadmill
