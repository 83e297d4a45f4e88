// SPDX-License-Identifier: Apache-2.0
//
// Once: something is made exactly once, by whoever comes first; others wait until it is
// there. Making may fail: then its caller knows, and the next one tries again.
//
//   word      meaning                          leaves by
//   idle      not made, nobody makes it        a caller: making
//   making    a caller runs its initialiser    another caller: awaited · its maker: idle,
//                                              done
//   awaited   the same, somebody may sleep     its maker: idle, done
//   done                                       never
//
// An initialiser that calls the same Once waits for itself.
//
// Edges
//   once-done   what the initialiser did, or a failed one before it, happens before
//               whatever comes after call() in any thread
#pragma once

#include <cstdint>

#include "runtime/base/fault.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/sleep.hpp"

namespace threadmill {

class Once {
 public:
  [[nodiscard]] bool is_done() const noexcept {
    return word_.load(acquire) == kDone;  // edge: once-done
  }

  // True: it is made, by `make` or before. False: `make` was called and returned false.
  // Waits for another caller, if it must, in the way of `around`.
  template <class Make, AroundSleep Around = SleepAsYouAre>
  [[nodiscard]] bool call(Make make, const Around& around = {}) noexcept {
    if (is_done()) return true;
    bool mine = try_begin();
    if (!mine) around([&]() noexcept { mine = begin_slow(); });
    if (!mine) return true;
    if (fault(Fault::lazy_init_published_first)) end(true);
    const bool made = make();
    end(made);
    return made;
  }

 private:
  static constexpr std::uint32_t kIdle = 0;
  static constexpr std::uint32_t kMaking = 1;
  static constexpr std::uint32_t kAwaited = 2;
  static constexpr std::uint32_t kDone = 3;

  [[nodiscard]] bool try_begin() noexcept {
    std::uint32_t word = kIdle;
    return word_.cas_strong(word, kMaking, acquire);  // edge: once-done
  }
  // Sleeps until it is done (false) or the caller is to make it (true).
  [[nodiscard]] bool begin_slow() noexcept;
  void end(bool made) noexcept;

  Atomic<std::uint32_t> word_;
};

}  // namespace threadmill
