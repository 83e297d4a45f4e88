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

// Both are of one kind, of which less is better: times, or the same counter.
[[nodiscard]] bool are_comparable(const BenchRow& a, const BenchRow& b);

// None: there is nothing to compare, or what was measured was wrong.
[[nodiscard]] std::optional<Ratio> ratio_of(const BenchRow& a,
                                            const BenchRow& b,
                                            TimeKind kind);
[[nodiscard]] std::optional<Ratio> paired_ratio_of(const BenchRow& a,
                                                   const BenchRow& b,
                                                   TimeKind kind);

[[nodiscard]] std::string nanoseconds_text(double nanoseconds);  // 1.23 ns, 45.6 us

[[nodiscard]] std::string value_text(Unit unit, double value);  // 1.23 ns, 164 B, 0.92

// "3.21 ±2 %", without the second part if there is no interval.
[[nodiscard]] std::string ratio_text(const Ratio& ratio);

// BenchRow::title() of the row, also where what one of its models measured was wrong.
[[nodiscard]] std::string title_of(const BenchFile& file,
                                   const std::string& name,
                                   const std::vector<std::string>& models);

// What a table says of `row`: its median, with its interval, or its ratio to `first` where
// that is another row, right and comparable; FAIL: what was measured was wrong; "-": nothing
// was. With a star where there is a note.
[[nodiscard]] std::string cell_text(const BenchRow* row,
                                    const BenchRow* first,
                                    TimeKind kind);

[[nodiscard]] std::string with_star(std::string text, const BenchRow& row);

// A line for each note of the rows of these models, with the rows that it is of, and their
// models: "* cycles/ring (shared-ptr, onetbb): broken by hand".
[[nodiscard]] std::vector<std::string> notes_of(const BenchFile& file,
                                                const std::vector<std::string>& models);

[[nodiscard]] std::string name_without_threads(std::string name);

// What the numbers in a table of models are.
[[nodiscard]] std::string model_table_headline(const std::string& first_model);

// A line per row: what the first model takes, and the others' ratios to it; then the notes.
[[nodiscard]] std::string model_table(const BenchFile& file,
                                      const std::vector<std::string>& models,
                                      TimeKind kind);

// How much the times of repetitions of one row differ, and what of that is to be said; no
// text: the file has no repetitions.
struct Noise {
  bool is_noisy = false;
  std::string text;
};
[[nodiscard]] Noise noise_in(const BenchFile& file, TimeKind kind);

// Of ratios, with the same weight for twice as fast and half as fast.
[[nodiscard]] double geometric_mean(const std::vector<double>& ratios);

}  // namespace threadmill
