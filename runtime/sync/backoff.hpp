// SPDX-License-Identifier: Apache-2.0
//
// Backoff: a bounded spin that re-reads its word between pauses, then says "now sleep".
#pragma once

namespace threadmill {

inline void cpu_relax() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

class Backoff {
 public:
  // False: spinning further is a waste, sleep. 1 + 2 + 4 + ... + 32 pauses in all.
  bool spin() noexcept {
    if (round_ == kRounds) return false;
    for (int i = 0; i < (1 << round_); ++i) cpu_relax();
    ++round_;
    return true;
  }

 private:
  static constexpr int kRounds = 6;
  int round_ = 0;
};

}  // namespace threadmill
