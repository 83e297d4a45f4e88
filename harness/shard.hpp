// SPDX-License-Identifier: Apache-2.0
//
// Shard: the i-th of n parts of the cases of a run, for job arrays. The cases are dealt
// out in turn, in their order: case k goes to shard k mod n. So the shards 1/n to n/n of
// the same selection make up all of it, each case once.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace threadmill {

struct Shard {
  unsigned index = 1;  // from 1 to count
  unsigned count = 1;

  [[nodiscard]] bool is_whole() const { return count == 1; }
  [[nodiscard]] bool has(std::size_t which) const { return which % count == index - 1; }
};

// "2/8"; or "env", from the environment of a job array; or "env/8", if that does not say
// how many there are. Of these, the first that is set:
//   GoogleTest   GTEST_SHARD_INDEX (from 0), GTEST_TOTAL_SHARDS; makes the file
//                GTEST_SHARD_STATUS_FILE, by which GoogleTest's runners know
//   Slurm        SLURM_ARRAY_TASK_ID, _MIN, _COUNT, and _STEP if it is not 1
//   Kubernetes   JOB_COMPLETION_INDEX (from 0), which comes without a count
// Throws UsageError.
[[nodiscard]] Shard parse_shard(const std::string& text);

[[nodiscard]] std::string text_of(const Shard& shard);  // "2/8"
// Empty: it is no such text.
[[nodiscard]] std::optional<Shard> shard_named(const std::string& text);

template <class Case>
[[nodiscard]] std::vector<Case> part_of(const std::vector<Case>& cases,
                                        const Shard& shard) {
  std::vector<Case> part;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (shard.has(i)) part.push_back(cases[i]);
  }
  return part;
}

}  // namespace threadmill
