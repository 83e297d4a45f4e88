// SPDX-License-Identifier: Apache-2.0
//
// Matrix: which instrument found which fault, and how fast; for people, as JSON and as a
// page.
//
//   {"schema": 1, "host": {...}, "build": {...}, "began", "seed", "seconds_per_cell",
//    "elapsed_seconds", "interrupted", "detected", "median_seconds_of_explorer",
//    "instruments": {"stress": {"given", "detected", "by_it_alone", "median_seconds"}, ...},
//    "holes": [name], "false_alarms": [name],
//    "faults": [{"name", "origin", "summary", "control",
//      "instruments": {"stress": {"detected": bool, "seconds", "executions" where counted,
//                                 "exhaustive": true where it is, "oracle", "reproduce"} or
//                                {"detected": null, "reason"}, ...}}],
//    "without_fault": [{"workload", "instruments"}]}
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/detection.hpp"
#include "harness/report.hpp"

namespace threadmill {

struct MatrixRow {
  FaultEntry fault;
  std::map<Instrument, Detection> cells;  // those that there was time for

  [[nodiscard]] bool detected() const;
};

// What one instrument has done, of the faults that it was given; controls apart.
struct InstrumentTotal {
  std::size_t given = 0;
  std::size_t detected = 0;
  std::size_t by_it_alone = 0;  // no other instrument has detected them
  double median_seconds = 0;    // to its findings; 0: there are none
};

struct Matrix {
  Host host;
  Build build;
  std::int64_t began = 0;  // seconds since 1970, UTC
  std::uint64_t seed = 0;
  double seconds_per_cell = 0;
  double elapsed_seconds = 0;
  bool interrupted = false;
  std::vector<MatrixRow> rows;

  // Faults that no instrument has detected.
  [[nodiscard]] std::vector<std::string> holes() const;
  // Controls, and runs without a fault, that one has: they are legal.
  [[nodiscard]] std::vector<std::string> false_alarms() const;
  [[nodiscard]] std::size_t false_alarms_of_controls() const;
  [[nodiscard]] std::size_t faults() const;
  [[nodiscard]] std::size_t controls() const;
  [[nodiscard]] std::size_t runs_without_fault() const;
  [[nodiscard]] InstrumentTotal total_of(Instrument instrument) const;
  // The time to a finding that half of the explorer's findings took at most, in seconds;
  // 0: it has found nothing.
  [[nodiscard]] double median_of_explorer() const;
};

// One line: what a cell has found, as it is found.
[[nodiscard]] std::string text_of(const FaultEntry& fault,
                                  Instrument instrument,
                                  const Detection& detection);

[[nodiscard]] std::string matrix_text(const Matrix& matrix);
[[nodiscard]] std::string matrix_json(const Matrix& matrix);
[[nodiscard]] std::string matrix_html(const Matrix& matrix);

}  // namespace threadmill
