// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/event.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

TEST(Event, is_set_once_and_for_all) {
  Event event;
  EXPECT_FALSE(event.is_set());
  event.set();
  EXPECT_TRUE(event.is_set());
  event.set();
  EXPECT_TRUE(event.is_set());
}

TEST(Event, waiting_for_one_that_is_set_does_not_sleep) {
  Event event;
  event.set();
  bool slept = false;
  event.wait([&](auto sleep) {
    slept = true;
    sleep();
  });
  EXPECT_FALSE(slept);
}

TEST(Event, all_who_wait_go_on_and_see_what_was_done_before) {
  Event event;
  int data = 0;
  std::atomic<int> waiting{0};
  {
    std::vector<std::jthread> waiters;
    for (int i = 0; i < 4; ++i) {
      waiters.emplace_back([&] {
        event.wait([&](auto sleep) {
          waiting.fetch_add(1);
          sleep();
        });
        EXPECT_EQ(data, 1);
      });
    }
    wait_until([&] { return waiting.load() == 4; });
    let_others_run();
    data = 1;
    event.set();
  }
}

// Catalogue G3: under a sanitizer a late touch of the event is seen.
TEST(Event, a_waiter_may_end_it_as_soon_as_it_is_set) {
  for (int i = 0; i < 300; ++i) {
    auto event = std::make_unique<Event>();
    Event& theirs = *event;
    const std::jthread setter([&theirs] { theirs.set(); });
    event->wait();
    event.reset();
  }
}

}  // namespace
}  // namespace threadmill
