// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/ticket_lock.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sync/wait_until.hpp"

namespace threadmill {
namespace {

// Runs `body` when `ticket` is served.
template <class Body>
void when_served(TicketLock& lock,
                 std::uint32_t ticket,
                 Body body) TM_NO_THREAD_SAFETY_ANALYSIS {
  lock.wait_for(ticket);
  body();
  lock.unlock();
}

TEST(TicketLock, the_first_ticket_is_served_at_once_and_the_next_after_unlock) {
  TicketLock lock;
  const std::uint32_t first = lock.take_ticket();
  const std::uint32_t second = lock.take_ticket();
  EXPECT_NE(first, second);
  EXPECT_TRUE(lock.is_served(first));
  when_served(lock, first, [&] { EXPECT_FALSE(lock.is_served(second)); });
  EXPECT_FALSE(lock.is_served(first));
  EXPECT_TRUE(lock.is_served(second));
  when_served(lock, second, [] {});
}

TEST(TicketLock, tickets_are_served_in_the_order_of_taking) {
  constexpr std::uint32_t kThreads = 6;
  for (int round = 0; round < 20; ++round) {
    TicketLock lock;
    std::vector<std::uint32_t> tickets;
    for (std::uint32_t i = 0; i <= kThreads; ++i) tickets.push_back(lock.take_ticket());
    std::vector<std::uint32_t> served;
    std::atomic<std::uint32_t> waiting{0};
    std::vector<std::jthread> threads;
    // Whoever has the last ticket starts to wait first.
    for (std::uint32_t i = kThreads; i > 0; --i) {
      threads.emplace_back([&, ticket = tickets[i]] {
        waiting.fetch_add(1);
        when_served(lock, ticket, [&] { served.push_back(ticket); });
      });
    }
    when_served(lock, tickets[0], [&] {
      wait_until([&] { return waiting.load() == kThreads; });
      let_others_run();
      served.push_back(tickets[0]);
    });
    threads.clear();
    EXPECT_EQ(served, tickets);
  }
}

void try_while_tickets_come_and_go(TicketLock& lock) TM_NO_THREAD_SAFETY_ANALYSIS {
  ASSERT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  const std::uint32_t ticket = lock.take_ticket();
  lock.unlock();
  EXPECT_FALSE(lock.try_lock());  // it is the ticket's turn
  EXPECT_TRUE(lock.is_served(ticket));
  lock.unlock();
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

TEST(TicketLock, try_lock_takes_it_only_if_nobody_has_it_or_waits) {
  TicketLock lock;
  try_while_tickets_come_and_go(lock);
}

TEST(TicketLock, lets_one_thread_in_at_a_time) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  TicketLock lock;
  int counter = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < kEach; ++n)
          when_served(lock, lock.take_ticket(), [&] { ++counter; });
      });
    }
  }
  EXPECT_EQ(counter, kThreads * kEach);
  const std::uint32_t next = lock.take_ticket();
  EXPECT_TRUE(lock.is_served(next));
}

}  // namespace
}  // namespace threadmill
