// SPDX-License-Identifier: Apache-2.0
//
// The reports of a run's shards made into one. They may be given in any order; a case or a
// shard that is there twice is bad usage, and while a shard is missing the whole is no
// better than unverified. Machines, builds and settings may differ: what differs is said.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/report.hpp"

namespace threadmill {

struct NamedReport {
  std::string path;  // for messages
  Report report;
};

// At least one. Throws UsageError.
[[nodiscard]] Report merged_runs(std::vector<NamedReport> reports);

struct NamedJson {
  std::string path;
  nlohmann::ordered_json json;
};

struct MergedSearches {
  nlohmann::ordered_json
      json;             // as `explore --json` writes it, with the missing shards
  std::string summary;  // lines for people
  ExitStatus status = ExitStatus::well;
};

// Reports of `explore`. Throws UsageError, or Unfit with the path before what is wrong.
[[nodiscard]] MergedSearches merged_searches(const std::vector<NamedJson>& reports);

}  // namespace threadmill
