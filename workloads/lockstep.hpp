// SPDX-License-Identifier: Apache-2.0
//
// Lockstep: work in phases, each cut into pieces that any worker takes.
//
//   open       by prepare(), or by who is alone: a phase of so many pieces, at least one
//   take       the next piece; waits, detached, while there is none
//   done       a piece is done, and the worker keeps no reference from it. True: it was
//              the last of its phase, and the worker is alone until it opens the next one
//   give_up    a piece will never be done: everybody's work ends
//
// So what is written by the owner of a piece, or by who is alone, needs no lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>

#include "runtime/runtime.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class Lockstep {
 public:
  // Gives up for a worker that leaves within a piece, by an exception or for want of time:
  // others would wait for its end for ever.
  class Leaving {
   public:
    explicit Leaving(Lockstep& lockstep) : lockstep_(lockstep) {}
    ~Leaving() {
      if (in_piece) lockstep_.give_up();
    }
    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;

    bool in_piece = false;

   private:
    Lockstep& lockstep_;
  };

  void open(std::size_t pieces) {
    const std::lock_guard lock(mutex_);
    next_ = 0;
    unfinished_ = pieces_ = pieces;
    changed_.notify_all();
  }

  // Nothing: this worker's work ends.
  [[nodiscard]] std::optional<std::size_t> take(Worker& worker) {
    while (worker.keep_going()) {
      if (const std::optional<std::size_t> piece = try_take()) return piece;
      if (wait_and_see_the_end()) break;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool done() {
    const std::lock_guard lock(mutex_);
    return --unfinished_ == 0;
  }

  void give_up() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }

 private:
  // For a look at the time.
  static constexpr std::chrono::milliseconds kNap{1};

  [[nodiscard]] std::optional<std::size_t> try_take() {
    const std::lock_guard lock(mutex_);
    if (over_ || next_ == pieces_) return std::nullopt;
    return next_++;
  }

  [[nodiscard]] bool wait_and_see_the_end() {
    const Detached blocking;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kNap, [this] { return over_ || next_ != pieces_; });
    return over_;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::size_t pieces_ = 0;
  std::size_t next_ = 0;
  std::size_t unfinished_ = 0;
  bool over_ = false;
};

}  // namespace threadmill
