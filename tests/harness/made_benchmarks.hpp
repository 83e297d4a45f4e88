// SPDX-License-Identifier: Apache-2.0
//
// Results of Google Benchmark, made: rows with repetitions that differ by noise.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace threadmill {

struct MadeRow {
  MadeRow(std::string its_name,
          double time = 10,
          std::uint64_t its_threads = 1,
          std::string its_model = "")
      : name(std::move(its_name)),
        nanoseconds(time),
        threads(its_threads),
        model(std::move(its_model)) {}

  std::string name;
  double nanoseconds;
  std::uint64_t threads;
  std::string model;  // empty: no such field
};

// `noise` is the relative deviation of repetitions.
[[nodiscard]] nlohmann::ordered_json made_benchmarks(const std::vector<MadeRow>& rows,
                                                     std::size_t repetitions,
                                                     double noise,
                                                     std::uint64_t seed);

}  // namespace threadmill
