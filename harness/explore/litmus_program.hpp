// SPDX-License-Identifier: Apache-2.0
//
// A litmus test as data: a few threads of a few operations on a few locations, which all
// start at 0, and what can be seen of a run: the value that each reading operation read,
// and the last value of each location.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace threadmill::explore {

struct LitmusOperation {
  enum class Kind : std::uint8_t {
    load,            // reads
    store,           // writes `value`
    exchange,        // reads, writes `value`
    fetch_add,       // reads, adds `value`
    compare_strong,  // reads; writes `value` if it read `expected`. A failure is a
                     // relaxed load, as in runtime/sync/atomic.hpp
    fence,           // no location
  };

  Kind kind = Kind::load;
  std::memory_order order = std::memory_order_relaxed;  // a fence's is never relaxed
  unsigned location = 0;
  std::uint64_t value = 0;
  std::uint64_t expected = 0;

  [[nodiscard]] bool reads() const {
    return kind != Kind::store && kind != Kind::fence;
  }
};

struct LitmusProgram {
  unsigned locations = 0;
  std::vector<std::vector<LitmusOperation>> threads;
};

struct LitmusOutcome {
  std::vector<std::uint64_t> read;  // by reading operations, thread after thread
  std::vector<std::uint64_t> last;  // of each location

  auto operator<=>(const LitmusOutcome&) const = default;
};

using LitmusOutcomes = std::set<LitmusOutcome>;

inline constexpr std::size_t kMaxLitmusLocations = 8;

// "x", "y", "z", ..., for fewer than kMaxLitmusLocations.
[[nodiscard]] const char* location_name(std::size_t location);

// "r0=1 r1=0 | x=1 y=1"
[[nodiscard]] std::string to_text(const LitmusOutcome& outcome);
// One line per thread.
[[nodiscard]] std::string to_text(const LitmusProgram& program);

}  // namespace threadmill::explore
