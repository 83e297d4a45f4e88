// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/once.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

// Statement tC27.
TEST(Once, fails_four_times_succeeds_and_is_not_made_again) {
  Once once;
  int calls = 0;
  int successes = 0;
  for (int i = 0; i < 10; ++i) {
    if (once.call([&] { return ++calls == 5; })) ++successes;
  }
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(successes, 6);
  EXPECT_TRUE(once.is_done());
}

TEST(Once, is_not_done_while_it_is_made) {
  Once once;
  EXPECT_TRUE(once.call([&] { return !once.is_done(); }));
  EXPECT_TRUE(once.is_done());
}

TEST(Once, others_wait_for_the_maker_and_see_what_it_made) {
  Once once;
  int made = 0;
  std::atomic<bool> making{false};
  std::atomic<int> waiting{0};
  const std::jthread maker([&] {
    EXPECT_TRUE(once.call([&] {
      making.store(true);
      wait_until([&] { return waiting.load() == 3; });
      let_others_run();
      made = 1;
      return true;
    }));
  });
  wait_until([&] { return making.load(); });
  std::vector<std::jthread> others;
  for (int i = 0; i < 3; ++i) {
    others.emplace_back([&] {
      EXPECT_TRUE(once.call(
          [] {
            ADD_FAILURE() << "made twice";
            return true;
          },
          [&](auto sleep) {
            waiting.fetch_add(1);
            sleep();
          }));
      EXPECT_EQ(made, 1);
    });
  }
}

TEST(Once, who_waits_for_a_maker_that_fails_makes_it_itself) {
  Once once;
  std::atomic<int> attempts{0};
  std::atomic<int> failures{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&] {
        if (!once.call([&] {
              std::this_thread::yield();
              return attempts.fetch_add(1) == 3;
            }))
          failures.fetch_add(1);
      });
    }
  }
  EXPECT_EQ(attempts.load(), 4);
  EXPECT_EQ(failures.load(), 3);
}

}  // namespace
}  // namespace threadmill
