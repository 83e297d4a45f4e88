// SPDX-License-Identifier: Apache-2.0
//
// The machine and the build that a result comes from, and how much memory was taken.
#pragma once

#include <cstdint>
#include <string>

namespace threadmill {

struct Host {
  std::string cpu;     // model name, "unknown" where the kernel does not say
  unsigned cores = 0;  // that this process may use
  std::uint64_t memory_bytes = 0;
  std::string kernel;
};

// As base/build_info.hpp has it, but it may come from a file.
struct Build {
  std::string compiler;
  std::string build_type;
  std::string refcount;
  int header_bytes = 0;
  std::string allocator;
  std::string sanitizers;
  int checks = 0;
  bool faults = false;
};

[[nodiscard]] Host this_host();
[[nodiscard]] Build this_build();

// What this process and all others here may have: less than the machine's memory where a
// container has a limit.
[[nodiscard]] std::uint64_t usable_memory_bytes();

[[nodiscard]] std::uint64_t resident_bytes();  // of this process, now

// The most that this process, or one that it waited for, had at a time.
[[nodiscard]] std::uint64_t resident_peak_bytes();

}  // namespace threadmill
