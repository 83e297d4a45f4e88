// SPDX-License-Identifier: Apache-2.0
//
// Every JSON text that the harness writes for others; README.md beside this file
// describes them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/report.hpp"

namespace threadmill {

struct WorkloadEntry {
  std::string name;
  std::string family;
  std::string purpose;
  bool reads_input = false;
};

struct FaultEntry {
  std::string name;
  std::string catalogue;
  std::string summary;
  std::string workload;               // that shows it soonest, or ""
  std::string scenario;               // the smallest that shows it, or ""
  bool is_control = false;            // it is legal, and nothing may be found
  std::string workload_under_tsan{};  // that shows it there, if none does elsewhere
};

struct ScenarioEntry {
  std::string name;
  std::string purpose;
};

struct ModelEntry {
  std::string name;
  bool is_there = false;
};

struct Listing {
  std::vector<WorkloadEntry> workloads;
  std::vector<ScenarioEntry> scenarios;
  std::vector<FaultEntry> faults;
  std::vector<ModelEntry> models{};  // of benchmarks
};

[[nodiscard]] std::string report_json(const Report& report);

// What results depend on besides the seed, as text: {"host.cores", "2"}, ... These are
// the fields of host, build and settings in the report.
using Circumstances = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Circumstances circumstances_of(const Report& report);

// Any bytes as they stand in the report: what is no UTF-8 became U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view bytes);

[[nodiscard]] std::string utc_text(std::int64_t seconds_since_1970);

[[nodiscard]] std::string version_json(const Build& build);
[[nodiscard]] std::string listing_json(const Listing& listing);
[[nodiscard]] std::vector<FaultEntry> faults_of_listing(std::string_view json);
[[nodiscard]] std::vector<ScenarioEntry> scenarios_of_listing(std::string_view json);

}  // namespace threadmill
