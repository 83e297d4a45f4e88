// SPDX-License-Identifier: Apache-2.0
//
// Vector clocks of at most 8 threads in one SSE register: component t counts the events
// of thread t (Lamport; Fidge; Mattern). An execution has fewer than 2^16 - 1 events.
#pragma once

#include <cstdint>

namespace threadmill::explore {

inline constexpr unsigned kMaxThreads = 8;

using Timestamp = std::uint16_t;  // 0: never

class Clock {
  // Compiled to SSE2 on x86-64, to scalar code elsewhere.
  typedef Timestamp Lanes __attribute__((vector_size(16)));

 public:
  constexpr Clock() noexcept : lanes_{} {}

  [[nodiscard]] Timestamp operator[](unsigned thread) const noexcept {
    return lanes_[thread];
  }
  void set(unsigned thread, Timestamp time) noexcept { lanes_[thread] = time; }
  // One more. All lanes are stored, because a join that follows reads them all, and a
  // narrow store does not forward to a wide load.
  void advance(unsigned thread) noexcept { lanes_ += kOne[thread]; }

  void join(const Clock& other) noexcept {
    lanes_ = lanes_ > other.lanes_ ? lanes_ : other.lanes_;
  }

  // Everything that `other` has seen, this has seen.
  [[nodiscard]] bool covers(const Clock& other) const noexcept {
    return !any(other.lanes_ > lanes_);
  }

  // Some event of `other` (its components are single events, 0: none) was seen.
  [[nodiscard]] bool has_seen_any_of(const Clock& other) const noexcept {
    return any((other.lanes_ != Lanes{}) & (other.lanes_ <= lanes_));
  }

 private:
  static constexpr Lanes kOne[kMaxThreads] = {{1},
                                              {0, 1},
                                              {0, 0, 1},
                                              {0, 0, 0, 1},
                                              {0, 0, 0, 0, 1},
                                              {0, 0, 0, 0, 0, 1},
                                              {0, 0, 0, 0, 0, 0, 1},
                                              {0, 0, 0, 0, 0, 0, 0, 1}};

  template <class Mask>
  static bool any(Mask mask) noexcept {
    typedef std::uint64_t Halves __attribute__((vector_size(16)));
    const auto halves = reinterpret_cast<Halves>(mask);
    return (halves[0] | halves[1]) != 0;
  }

  Lanes lanes_;
};

}  // namespace threadmill::explore
