// SPDX-License-Identifier: Apache-2.0
//
// Debugging leaks, as Python's gc does it: flags that make collections print what they do
// on stderr, with the world running, and keep what they find instead of freeing it.
#pragma once

#include <cstdint>

#include "runtime/collector/observers.hpp"
#include "runtime/collector/trash.hpp"
#include "runtime/containers/kept.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

namespace gc_debug {

inline constexpr unsigned kStats = 1;        // a line as a collection starts and stops
inline constexpr unsigned kCollectable = 2;  // a line for each object that is trash
inline constexpr unsigned kUncollectable = 4;  // there is none
inline constexpr unsigned kSaveAll = 32;       // trash goes into garbage(), not away
inline constexpr unsigned kLeak = kCollectable | kUncollectable | kSaveAll;

}  // namespace gc_debug

class Debugging {
 public:
  // Any thread.
  void set_flags(unsigned flags) noexcept {
    flags_.store(flags, relaxed);  // relaxed: a switch
  }
  [[nodiscard]] unsigned flags() const noexcept {
    return flags_.load(relaxed);  // relaxed: as above
  }
  [[nodiscard]] bool has(unsigned flag) const noexcept { return (flags() & flag) != 0; }

  // The list of saved trash.
  [[nodiscard]] Kept<List>& garbage() noexcept { return garbage_; }

  // For the thread of the collection, before the trash is released.
  void print_trash(const Trash& trash) const noexcept;
  void save(const Trash& trash) noexcept;
  void print_start(unsigned generation) const noexcept;
  void print_stop(const CollectionInfo& info) const noexcept;

 private:
  Atomic<unsigned> flags_;
  Kept<List> garbage_;
};

}  // namespace threadmill
