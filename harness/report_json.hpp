// SPDX-License-Identifier: Apache-2.0
//
// Every JSON text that the harness writes for others; README.md beside this file
// describes them. With run_message, which is between our own processes, the only file
// that knows the JSON library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/report.hpp"
#include "runtime/base/build_info.hpp"

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
};

struct ScenarioEntry {
  std::string name;
  std::string purpose;
};

struct Listing {
  std::vector<WorkloadEntry> workloads;
  std::vector<ScenarioEntry> scenarios;
  std::vector<FaultEntry> faults;
};

[[nodiscard]] std::string report_json(const Report& report, const BuildInfo& build);

[[nodiscard]] std::string version_json(const BuildInfo& build);
[[nodiscard]] std::string listing_json(const Listing& listing);
[[nodiscard]] std::vector<FaultEntry> faults_of_listing(std::string_view json);
[[nodiscard]] std::vector<ScenarioEntry> scenarios_of_listing(std::string_view json);

}  // namespace threadmill
