// SPDX-License-Identifier: Apache-2.0
//
// How long threads wait because of pauses, as histograms of nanoseconds.
//
//   stop     from the request of a pause until everybody has stopped
//   pause    from then until everybody may go on
//   attach   of one thread: from finding that it cannot attach until it is attached. So a
//            thread that stops at a safepoint waits to attach for the rest of the pause
//
// Nothing is recorded on a fast path: pauses by their stopper, waits by a thread that has
// slept. The wait for one's turn to stop the world is in none of them.
#pragma once

#include <cstdint>

#include "runtime/base/histogram.hpp"
#include "runtime/sync/clock.hpp"

namespace threadmill {

struct Slot;

// Of one world. Whoever has its stop lock.
class PauseTimes {
 public:
  void note_request() noexcept { requested_at_ = steady_nanoseconds(); }
  void note_stopped() noexcept { stopped_at_ = steady_nanoseconds(); }
  // Records the pause, so one that is in force is in no histogram.
  void note_start() noexcept {
    stop_.record(stopped_at_ - requested_at_);
    pause_.record(steady_nanoseconds() - stopped_at_);
  }

  [[nodiscard]] const Histogram& stop() const noexcept { return stop_; }
  [[nodiscard]] const Histogram& pause() const noexcept { return pause_; }

 private:
  std::uint64_t requested_at_ = 0;
  std::uint64_t stopped_at_ = 0;
  Histogram stop_;
  Histogram pause_;
};

// The pauses for whose end one wait to attach lasted, counted by the words of the pauses
// that the thread saw (World::pause_word, odd in a pause): from the first for which it
// slept, as a waiter that the starter of the world can see, to the last.
class PausesWaited {
 public:
  void note(std::uint32_t pause_word) noexcept {
    if (last_ == 0) first_ = pause_word;
    last_ = pause_word;
  }
  [[nodiscard]] std::uint32_t count() const noexcept {
    return last_ == 0 ? 0 : (last_ - first_) / 2 + 1;
  }

 private:
  std::uint32_t first_ = 0;
  std::uint32_t last_ = 0;  // 0: none yet
};

// Of one slot. Its holder, or a pause.
class AttachWaits {
 public:
  void note(std::uint64_t nanoseconds, std::uint32_t pauses) noexcept {
    waits_.record(nanoseconds);
    if (pauses > most_pauses_) most_pauses_ = pauses;
  }

  // A thread that entered had a ticket for the stop lock for so many pauses.
  void note_entry(std::uint32_t pauses) noexcept {
    if (pauses > most_pauses_to_enter_) most_pauses_to_enter_ = pauses;
  }

  [[nodiscard]] const Histogram& waits() const noexcept { return waits_; }
  [[nodiscard]] std::uint32_t most_pauses() const noexcept { return most_pauses_; }
  [[nodiscard]] std::uint32_t most_pauses_to_enter() const noexcept {
    return most_pauses_to_enter_;
  }

 private:
  Histogram waits_;
  std::uint32_t most_pauses_ = 0;
  std::uint32_t most_pauses_to_enter_ = 0;
};

struct Latencies {
  Histogram stop;
  Histogram pause;
  Histogram attach;
  // The most pauses that one wait to attach lasted. The starter of the world lets in who
  // waits (stop_the_world.hpp), so it is at most kMostPausesToAttach.
  std::uint32_t most_pauses_to_attach = 0;

  static constexpr std::uint32_t kMostPausesToAttach = 1;

  // The most pauses for which a thread waited to enter. Pauses and such threads are served
  // in the order of asking, so it is at most the number of threads that stop the world.
  std::uint32_t most_pauses_to_enter = 0;
};

// Of all slots, those of exited threads included, up to now. `self` is the slot of this
// thread, attached; stops the world.
[[nodiscard]] Latencies gather_latencies(Slot& self) noexcept;

}  // namespace threadmill
