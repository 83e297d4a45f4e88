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
  expect_none(at_the_end.lost_pages, "pages are in use and in no heap");
  expect_none(at_the_end.dead_blocks,
              "blocks without an object are held after everything was collected");
  const auto expect_within = [&check](std::uint64_t most, std::uint64_t allowed,
                                      const char* where) {
    ++check.verified;
    if (most <= allowed) return;
    check.passed = false;
    if (!check.detail.empty()) check.detail += "; ";
    check.detail += fmt::format(
        "{} of retired buffers were held at a time {}, and {} "
        "are allowed",
        with_byte_unit(most), where, with_byte_unit(allowed));
  };
  expect_within(at_the_end.most_retired_in_slot, at_the_end.may_retire_in_slot,
                "by one slot");
  expect_within(at_the_end.most_retired_in_all, at_the_end.may_retire_in_all,
                "by all slots");
  return check;
}

}  // namespace threadmill
