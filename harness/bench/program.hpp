// SPDX-License-Identifier: Apache-2.0
//
// A program of benchmarks, of this runtime or of a peer: the flags, the facts in the
// context of the JSON, and the exit status. Its flags and its JSON are Google Benchmark's,
// but for
//
//   --threads=N   rows run with 1, 2, 4, ... threads, and N; by default the processors,
//                 and at least 2
//   --nodes=N     graphs of so many nodes are collected, too
//   --quick       a first impression: hundredths of a second for each row
//
// The context says "model", as the rows of all models have the same names.
//
// Exit status: 0; 1 a result was wrong; 2 bad usage.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/portable/object_model.hpp"

namespace threadmill::bench {

struct RowSettings {
  unsigned threads = 2;
  std::uint64_t nodes = 0;  // 0: not given
  bool quick = false;
};

struct Program {
  std::string model;
  std::vector<portable::ModelFact> facts;  // may say otherwise than the build, too
  void (*add_rows)(const RowSettings& settings);
  // Bytes of memory that an object of `kind` takes; runs in a process of its own.
  double (*measure_bytes)(std::string_view kind);
};

// A row says so whose result is wrong: then the run's is, too. Any thread.
void note_wrong_row();

// What measure_bytes() says, in a process that has not done anything else yet.
[[nodiscard]] double bytes_of(std::string_view kind);

// What main() returns. Throws UsageError.
[[nodiscard]] int run_program(int count, char** words, const Program& program);

}  // namespace threadmill::bench
