// SPDX-License-Identifier: Apache-2.0
//
// Matrix: which instrument found which fault, and how fast; for people, as JSON and as a
// page.
//
//   {"schema": 1, "host": {...}, "build": {...}, "began", "seed", "seconds_per_cell",
//    "elapsed_seconds", "interrupted", "detected", "median_seconds_of_explorer",
//    "holes": [name], "false_alarms": [name],
//    "faults": [{"name", "origin", "summary", "control",
//      "instruments": {"stress": {"detected": bool, "seconds", "executions" where counted,
//                                 "oracle", "reproduce"} or
//                                {"detected": null, "reason"}, ...}}]}
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
  // Controls that one has: they are legal.
  [[nodiscard]] std::vector<std::string> false_alarms() const;
  [[nodiscard]] std::size_t controls() const;
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
