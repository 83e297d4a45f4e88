// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/made_benchmarks.hpp"

#include <cmath>
#include <random>

namespace threadmill {

nlohmann::ordered_json made_benchmarks(const std::vector<MadeRow>& rows,
                                       std::size_t repetitions,
                                       double noise,
                                       std::uint64_t seed) {
  using Json = nlohmann::ordered_json;
  std::mt19937_64 random(seed);
  Json entries = Json::array();
  for (const MadeRow& row : rows) {
    std::lognormal_distribution<double> time(std::log(row.nanoseconds), noise);
    const std::string name = row.model.empty() ? row.name : row.model + "/" + row.name;
    for (std::size_t i = 0; i < repetitions; ++i) {
      const double value = time(random);
      Json entry = {{"name", name},
                    {"run_name", name},
                    {"run_type", "iteration"},
                    {"repetitions", repetitions},
                    {"repetition_index", i},
                    {"threads", row.threads},
                    {"iterations", 1000},
                    {"real_time", value},
                    {"cpu_time", value * static_cast<double>(row.threads)},
                    {"time_unit", "ns"}};
      if (!row.model.empty()) entry["model"] = row.model;
      entries.push_back(std::move(entry));
    }
  }
  return {{"context", {{"date", "2026-01-31"}, {"num_cpus", 2}, {"cpu", "made"}}},
          {"benchmarks", std::move(entries)}};
}

}  // namespace threadmill
