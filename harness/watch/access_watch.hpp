// SPDX-License-Identifier: Apache-2.0
//
// Which accesses of different threads to one word followed directly upon each other, while
// a workload runs natively: `stress --coverage`. In threadmill-faults another Atomic takes
// the place of the runtime's (replace/runtime/sync/atomic.hpp) and asks is_on() before each
// access. Off, that is a load and a branch; on, an access takes a Turn. Other executables
// have none of it.
//
//   Turn    the right to access one word, which makes the order that is noted the order in
//           which the accesses were made
//
// What is noted is true, and not all there is: words share a limited memory, so that a
// word which has not been used for a while is forgotten, and a block that was made anew
// keeps its address. Turns order everything, so that no store buffer is seen at work.
#pragma once

#include <atomic>

// Set where Atomic is replaced.
#ifndef TM_WATCHED
#define TM_WATCHED 0
#endif

namespace threadmill {
class SitePairs;  // harness/site_pairs.hpp: not for every file of the runtime
}

namespace threadmill::watch {

inline constexpr bool kWatched = TM_WATCHED != 0;

namespace detail {
extern std::atomic<bool> on;
struct Stripe;
}  // namespace detail

// relaxed: who has not heard of it yet accesses without a turn, which is then not noted
[[nodiscard]] inline bool is_on() noexcept {
  return detail::on.load(std::memory_order_relaxed);
}

class Turn {
 public:
  explicit Turn(const void* address) noexcept;
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn();

  // What was done in this turn, and where; `file` is a string literal.
  void note(const char* file, int line, bool writes) noexcept;

 private:
  const void* const address_;
  detail::Stripe* stripe_;  // null: it did not come to its turn, and notes nothing
};

// Both on one thread, and nothing from before begin() is in seen(). A child of a fork
// watches nothing.
void begin();
void end() noexcept;
[[nodiscard]] SitePairs seen();

}  // namespace threadmill::watch
