// SPDX-License-Identifier: Apache-2.0
//
// Rendezvous: the members of a team begin each round at one moment, and between two rounds
// one of them is alone.
//
//   arrive    ready for the next round. True: the last to come, and alone until open()
//   await     until the round is open. False: time is up, or it was given up, and the
//             worker has no part in this round nor in later ones
//   leave     for good. True: the others had waited for this one, which is alone until it
//             calls open()
//   give_up   nobody comes on any more
//
// Waiting spins for a moment and then sleeps, detached, with a look at the time now and
// then.
//
// Edges
//   round-open   what is written by who is alone happens before what members do in the
//                round
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "runtime/runtime.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class Rendezvous {
 public:
  // Before any of them arrives.
  void expect(unsigned members) { members_ = members; }

  [[nodiscard]] bool arrive() {
    const std::lock_guard lock(mutex_);
    return ++arrived_ == members_ && !is_over();
  }

  void open() {
    const std::lock_guard lock(mutex_);
    arrived_ = 0;
    // edge: round-open. relaxed: written under the lock only
    rounds_.store(rounds_.load(std::memory_order_relaxed) + 1,
                  std::memory_order_release);
    changed_.notify_all();
  }

  // Rounds count from 1.
  [[nodiscard]] bool await(Worker& worker, std::uint64_t round) {
    for (int look = 0; look < kLooks; ++look) {
      if (is_open(round)) return true;
    }
    for (;;) {
      if (is_open(round)) return true;
      if (is_over() || !worker.keep_going()) return !withdraw(round);
      const Detached blocking;
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kNap, [&] { return is_open(round) || is_over(); });
    }
  }

  [[nodiscard]] bool leave() {
    const std::lock_guard lock(mutex_);
    --members_;
    return members_ != 0 && arrived_ == members_ && !is_over();
  }

  void give_up() {
    const std::lock_guard lock(mutex_);
    over_.store(true, std::memory_order_relaxed);  // relaxed: says no more than that
    changed_.notify_all();
  }

 private:
  static constexpr int kLooks = 2000;  // some microseconds
  static constexpr std::chrono::milliseconds kNap{1};

  [[nodiscard]] bool is_over() const {
    return over_.load(std::memory_order_relaxed);  // relaxed: says no more than that
  }

  [[nodiscard]] bool is_open(std::uint64_t round) const {
    return rounds_.load(std::memory_order_acquire) >= round;  // edge: round-open
  }

  // False: too late, the round has begun.
  [[nodiscard]] bool withdraw(std::uint64_t round) {
    const std::lock_guard lock(mutex_);
    if (is_open(round)) return false;
    --arrived_;
    return true;
  }

  std::atomic<std::uint64_t> rounds_{0};  // opened so far
  std::atomic<bool> over_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_, once the members have come.
  unsigned members_ = 0;
  unsigned arrived_ = 0;
};

}  // namespace threadmill
