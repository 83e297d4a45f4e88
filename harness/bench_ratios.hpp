// SPDX-License-Identifier: Apache-2.0
//
// Rows of benchmarks held against each other: those of two files, or those of two models
// that were measured in turn. There a repetition of one belongs to the same repetition of
// the other, and what the machine did meanwhile happened to both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/bench_file.hpp"
#include "harness/ratio.hpp"

namespace threadmill {

inline constexpr const char* kBiased =
    "biased";  // the model that others are held against

// None: there is no time to compare, or what was measured was wrong.
[[nodiscard]] std::optional<Ratio> ratio_of(const BenchRow& a,
                                            const BenchRow& b,
                                            TimeKind kind);
[[nodiscard]] std::optional<Ratio> paired_ratio_of(const BenchRow& a,
                                                   const BenchRow& b,
                                                   TimeKind kind);

[[nodiscard]] std::string nanoseconds_text(double nanoseconds);  // 1.23 ns, 45.6 us

// "3.21 ±2 %", without the second part if there is no interval.
[[nodiscard]] std::string ratio_text(const Ratio& ratio);

// A line per row: what the first model takes, and the others' ratios to it.
[[nodiscard]] std::string model_table(const BenchFile& file,
                                      const std::vector<std::string>& models,
                                      TimeKind kind);

// By how much repetitions of one row usually differ, of all rows; none: there are too few.
[[nodiscard]] std::optional<double> noise_of(const BenchFile& file, TimeKind kind);
inline constexpr double kNoisy = 0.025;

// Of ratios, with the same weight for twice as fast and half as fast.
[[nodiscard]] double geometric_mean(const std::vector<double>& ratios);

}  // namespace threadmill
