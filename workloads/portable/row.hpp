// SPDX-License-Identifier: Apache-2.0
//
// Row: a portable workload, small enough to be timed: one operation over and over by one
// thread or by several at once, and the exact answer to it. Over a model M it is a class
//
//     static constexpr RowInfo kInfo
//     Row(unsigned threads)            makes what is shared
//     run(Turn&)                       each of the threads, once, at the same time
//     finish(World&, Verdict&)         checks and drops what is shared
//
// and the constructor, finish() and the destructor run on one thread that is none of
// those, the maker, which waits meanwhile. So nothing that is shared belongs to a thread
// that is timed. A Turn is what the driver gives:
//
//     index() threads() iterations()
//     timed(operation)                 calls it that many times, polling now and then
//     expect(right, what)              otherwise the row has failed
//
// What a row promises in its answer holds for every model: what the model does not claim
// (kDiesAtOnce, ...) is not asked of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "workloads/portable/object_model.hpp"

namespace threadmill::portable {

enum class Threads {
  kOne,    // the row says nothing more with several
  kAny,    // 1, 2, 4, ...
  kPairs,  // 2, 4, ...: half of them do one thing, half the other
};

struct RowInfo {
  const char* name;     // family/row
  const char* purpose;  // one line
  Threads threads = Threads::kAny;
  const char* note = "";      // what this model does otherwise than others
  std::uint64_t objects = 1;  // that an operation makes or visits
};

// What is wrong with a row: the first thing that anybody found. Any thread.
class Verdict {
 public:
  void expect(bool right, const char* what) {
    if (right) return;
    const std::lock_guard lock(mutex_);
    if (wrong_.empty()) wrong_ = what;
  }
  // Empty: nothing.
  [[nodiscard]] std::string wrong() const {
    const std::lock_guard lock(mutex_);
    return wrong_;
  }

 private:
  mutable std::mutex mutex_;
  std::string wrong_;  // guarded by mutex_
};

// `died` of the objects that had this tally, which are all unreachable now.
template <ObjectModel M>
[[nodiscard]] bool all_died(const Tally& tally, std::uint64_t made) {
  return M::kDiesAtOnce ? tally.died() == made : tally.died() <= made;
}

// How a model that counts no references is said to be otherwise.
template <ObjectModel M>
constexpr const char* kCountsNote = M::kDiesAtOnce ? "" : "nothing is counted";

// Of many objects one in so many has the tally, lest telling of deaths be the work: a
// collector's finalizer costs ten times as much as its object.
inline constexpr std::uint64_t kTold = 64;
[[nodiscard]] inline Tally* told(Tally& tally, std::uint64_t number) {
  return number % kTold == 0 ? &tally : nullptr;
}
[[nodiscard]] constexpr std::uint64_t told_of(std::uint64_t made) {
  return (made + kTold - 1) / kTold;
}

// The compiler believes that somebody looks at it.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "m"(value) : "memory");
}

// For a thread that finds nothing to do: lets others run, who may need what it holds.
template <ObjectModel M>
void give_way() {
  const typename M::Blocked waiting;
  std::this_thread::yield();
}

// Whoever gives up says so, and who waits for others asks, so that one that runs out of
// memory leaves nobody waiting.
class GivenUp {
 public:
  // relaxed, both: says nothing but that
  template <class Body>
  void if_fails(Body body) {
    try {
      body();
    } catch (...) {
      set_.store(true, std::memory_order_relaxed);
      throw;
    }
  }
  explicit operator bool() const { return set_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> set_{false};
};

}  // namespace threadmill::portable
