// SPDX-License-Identifier: Apache-2.0
//
// Small tools that several workloads share: looking at out-of-memory results, one value
// per worker, and a record of what went wrong while running.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "runtime/runtime.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class OutOfMemory : public std::runtime_error {
 public:
  OutOfMemory()
      : std::runtime_error("the runtime has no memory left for this workload") {}
};

// The object that was made, or OutOfMemory.
template <class T>
[[nodiscard]] Ref<T> must(Ref<T> made) {
  if (!made) throw OutOfMemory();
  return made;
}

inline void must(bool had_memory) {
  if (!had_memory) throw OutOfMemory();
}

// What one of `threads` workers may have if each of up to kFullShares may have `most`: more
// workers have no more together, unless that were less than `least` each. So that the memory
// of a workload does not grow with their number, and all of it is soon in use.
inline constexpr std::size_t kFullShares = 8;
[[nodiscard]] constexpr std::size_t share_of(std::size_t most,
                                             std::size_t threads,
                                             std::size_t least) {
  if (threads <= kFullShares) return most;
  return std::max(least, most * kFullShares / threads);
}
static_assert(share_of(16, kFullShares, 2) == 16);
static_assert(share_of(1024, 2 * kFullShares, 128) == 512);
static_assert(share_of(16, 1000, 2) == 2);

// One T for each worker, far enough apart that two workers never write one cache line.
template <class T>
class PerWorker {
 public:
  void resize(std::size_t workers) { parts_ = std::vector<Part>(workers); }

  [[nodiscard]] std::size_t size() const { return parts_.size(); }
  [[nodiscard]] T& operator[](std::size_t worker) { return parts_[worker].value; }
  [[nodiscard]] const T& operator[](std::size_t worker) const {
    return parts_[worker].value;
  }

  template <class Use>
  void for_each(Use&& use) {
    for (Part& part : parts_) use(part.value);
  }
  template <class Use>
  void for_each(Use&& use) const {
    for (const Part& part : parts_) use(part.value);
  }

 private:
  struct alignas(128) Part {
    T value{};
  };
  std::vector<Part> parts_;
};

// Wrong things seen by any thread. Counts all of them and keeps the words of the first.
class Violations {
 public:
  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    if (count_++ == 0) first_ = std::move(what);
  }

  // Passes if nothing was added; `verified` is how many things were looked at.
  void report(CheckList& checks, std::string name, std::uint64_t verified) const {
    const std::lock_guard lock(mutex_);
    std::string detail;
    if (count_ != 0) {
      detail =
          std::to_string(count_) + (count_ == 1 ? " time: " : " times, the first: ");
      detail += first_;
    }
    checks.that(std::move(name), verified, count_ == 0, std::move(detail));
  }

 private:
  mutable std::mutex mutex_;
  std::uint64_t count_ = 0;  // guarded by mutex_
  std::string first_;        // guarded by mutex_
};

}  // namespace threadmill
