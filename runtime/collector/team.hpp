// SPDX-License-Identifier: Apache-2.0
//
// Team: the threads that go through the heap together while the world is stopped: the one
// that collects, and workers of an oneTBB arena of the collector's own. So a wait for them
// takes up no task of a user's. Workers never attach: they touch what the pause permits, and
// nothing that asks for the current slot.
//
// In explored builds, and where oneTBB is not instrumented, the team is one thread.
#pragma once

#include <cstdint>

#include "runtime/base/system_memory.hpp"

namespace threadmill {

class Team {
 public:
  Team() noexcept;
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // How many there may be.
  [[nodiscard]] unsigned size() const noexcept { return size_; }
  // The least number of pages that it is used for.
  [[nodiscard]] std::uint32_t least_pages() const noexcept { return least_pages_; }
  // 1 to kMaxSize; it is 1 if there is no memory for more. Not while it works.
  void set_size(unsigned size) noexcept;
  void set_for_test(unsigned size, std::uint32_t least_pages) noexcept;

  // Calls `work(member)` for each member below size(), on as many threads as the system
  // grants, or, without memory for that, for 0, which may have been called. Whoever is
  // called takes up what work there is, so that nobody waits for a member to begin.
  template <class Work>
  void run(Work& work) noexcept {
    run_all(&work, [](void* context, unsigned member) noexcept {
      (*static_cast<Work*>(context))(member);
    });
  }

  // In the child of a fork, which has one thread: the team is that one from now on.
  void forget_workers() noexcept;

  static constexpr unsigned kMaxSize = 16;

 private:
  struct Workers;
  using Call = void (*)(void* context, unsigned member) noexcept;

  void run_all(void* context, Call call) noexcept;

  unsigned size_ = 1;
  std::uint32_t least_pages_ = 64;  // 4 MiB
  Workers* workers_ = nullptr;      // null: it is one thread
  Workers* forgotten_ = nullptr;    // never deleted: that would wait for its threads
};

}  // namespace threadmill
