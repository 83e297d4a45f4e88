// SPDX-License-Identifier: Apache-2.0
#include "harness/held_memory_oracle.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "harness/numbers.hpp"

namespace threadmill {

Check judge_held_memory(const HeldMemory& at_the_end,
                        std::size_t inbox_entries_at_rest) {
  Check check{"held-memory", 0, true, "", CheckedBy::oracle};
  const auto expect_none = [&check](std::uint64_t number, const std::string& what) {
    ++check.verified;
    if (number == 0) return;
    check.passed = false;
    if (!check.detail.empty()) check.detail += "; ";
    check.detail += fmt::format("{} {}", with_thousands(number), what);
  };
  expect_none(inbox_entries_at_rest,
              "references waited for their owners when all threads had left");
  expect_none(at_the_end.inbox_entries,
              "references wait for their owners after a collection");
  expect_none(at_the_end.retired_bytes,
              "bytes of retired buffers are held after everything was collected");
  expect_none(at_the_end.empty_pages,
              "pages without an object are held after everything was collected");
  expect_none(at_the_end.dead_blocks,
              "blocks without an object are held after everything was collected");
  return check;
}

}  // namespace threadmill
