// SPDX-License-Identifier: Apache-2.0
//
// Collections: those that a workload asks for, one at a time, and how much cyclic garbage
// it may make between them.
//
// The more garbage, the longer a collection; and where many threads share few processors,
// the one that clears garbage gets a turn in many. Without a bound the others would make
// more in the meantime than it clears, and it would complete no operation for seconds.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/config.hpp"
#include "runtime/base/random.hpp"
#include "runtime/runtime.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

// relaxed, throughout: bounds and statistics
class Collections {
 public:
  void prepare(Runtime& runtime) { runtime_ = &runtime; }

  // There is enough garbage until the next collection: the caller makes no more.
  [[nodiscard]] bool is_overdue() const {
    return garbage_.load(std::memory_order_relaxed) >= kMostGarbage;
  }
  // About `objects` of the caller's will have to be collected.
  void made_garbage(std::uint64_t objects) {
    garbage_.fetch_add(objects, std::memory_order_relaxed);
  }

  void collect_unless_busy() {
    if (busy_.exchange(true, std::memory_order_relaxed)) return;
    collect();
    busy_.store(false, std::memory_order_relaxed);
  }

  // About once in `calls`, and whenever there is enough garbage.
  void collect_now_and_then(Random& random, std::uint64_t calls) {
    if (random.below(calls) == 0 || is_overdue()) collect_unless_busy();
  }

  // For one thread at a time. Does nothing before prepare().
  void collect() {
    if (runtime_ == nullptr) return;
    const std::uint64_t before = garbage_.load(std::memory_order_relaxed);
    const std::uint64_t collected = runtime_->gc().collect().collected;
    garbage_.fetch_sub(before, std::memory_order_relaxed);
    collected_.fetch_add(collected, std::memory_order_relaxed);
    count_.fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t count() const {
    return count_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t collected() const {
    return collected_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::vector<Fact> facts() const {
    return {{"collections", std::to_string(count())},
            {"objects collected", std::to_string(collected())}};
  }

 private:
  static constexpr std::uint64_t kMostGarbage = kChecks == 0 ? 65'536 : 4'096;

  Runtime* runtime_ = nullptr;
  std::atomic<bool> busy_{false};
  std::atomic<std::uint64_t> garbage_{0};  // made since the last collection began
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::uint64_t> collected_{0};
};

}  // namespace threadmill
