// SPDX-License-Identifier: Apache-2.0
//
// The pages of a scope, shared out among the members of a team as they ask for them.
#pragma once

#include <cstdint>

#include "runtime/collector/scope.hpp"
#include "runtime/collector/team.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

inline constexpr std::uint32_t kPagesAtOnce = 4;

class PagesToDo {
 public:
  explicit PagesToDo(std::uint32_t pages) noexcept : pages_(pages) {}

  // Takes up to `count`, and calls `visit(i)` with each place in the scope. False: all are
  // taken.
  template <class Visit>
  bool take(std::uint32_t count, Visit visit) noexcept {
    if (next_.load(relaxed) >= pages_) return false;    // relaxed: only goes up
    std::uint32_t i = next_.fetch_add(count, relaxed);  // relaxed: each is taken once
    const std::uint32_t end = i + count < pages_ ? i + count : pages_;
    if (i >= end) return false;
    for (; i < end; ++i) visit(i);
    return true;
  }

  // A few at a time, until all are taken.
  template <class Visit>
  void take_all(Visit visit) noexcept {
    while (take(kPagesAtOnce, visit)) {
    }
  }

 private:
  const std::uint32_t pages_;
  Atomic<std::uint32_t> next_;
};

// Waking a team takes longer than going through few pages.
[[nodiscard]] inline bool is_for_one(const Scope& scope, const Team& team) noexcept {
  return team.size() == 1 || scope.pages() < team.least_pages();
}

// Calls `work(member)`, with every member of the team, or with one.
template <class Work>
void run_on_pages(const Scope& scope, Team& team, Work& work) noexcept {
  if (is_for_one(scope, team))
    work(0);
  else
    team.run(work);
}

// Calls `visit(object, granule)` with all that is white, shared out by pages.
template <class Visit>
void for_each_white(const Scope& scope, Team& team, Visit visit) noexcept {
  PagesToDo pages(scope.pages());
  auto work = [&](unsigned) noexcept {
    pages.take_all([&](std::uint32_t i) noexcept { scope.for_each_white(i, visit); });
  };
  run_on_pages(scope, team, work);
}

}  // namespace threadmill
