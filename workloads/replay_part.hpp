// SPDX-License-Identifier: Apache-2.0
//
// A part of the heap dump that is part of the project, for benchmarks: what refers to what
// among a few thousand objects of a real Python process that hold together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace threadmill {

inline constexpr std::size_t kReplayObjects = 2048;

struct ReplayPart {
  std::vector<std::vector<std::uint32_t>> targets;  // of each object
  std::vector<std::uint32_t> roots;
  // What the roots lead to, themselves included.
  std::size_t reachable_objects = 0;
  std::size_t reachable_edges = 0;
};

// The same in every run; read the first time. Throws InputError if the dump is not found.
[[nodiscard]] const ReplayPart& replay_part();

}  // namespace threadmill
