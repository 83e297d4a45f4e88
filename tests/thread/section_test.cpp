// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/section.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "tests/thread/companion.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

using namespace slot_state;

// Clang knows one holder of a mutex and one scope; what follows has more.
void lock(Mutex& mutex) TM_NO_THREAD_SAFETY_ANALYSIS { mutex.lock(); }
void unlock(Mutex& mutex) TM_NO_THREAD_SAFETY_ANALYSIS { mutex.unlock(); }

template <class Body>
void in_section(Mutex& mutex, Body body) {
  const SectionScope section(mutex);
  body();
}

using SectionTest = WorldTest;

TEST_F(SectionTest, a_section_holds_its_mutex_from_begin_to_end) {
  Mutex mutex;
  in_section(mutex, [&] {
    EXPECT_TRUE(mutex.is_locked());
    EXPECT_EQ(self().sections->first, &mutex);
  });
  EXPECT_FALSE(mutex.is_locked());
  EXPECT_EQ(self().sections, nullptr);
}

TEST_F(SectionTest, sections_of_two_mutexes_hold_both) {
  Mutex outer;
  Mutex inner;
  in_section(outer, [&] {
    in_section(inner, [&] {
      EXPECT_TRUE(outer.is_locked());
      EXPECT_TRUE(inner.is_locked());
    });
    EXPECT_TRUE(outer.is_locked());
    EXPECT_FALSE(inner.is_locked());
  });
  EXPECT_FALSE(outer.is_locked());
}

TEST_F(SectionTest, sections_of_one_mutex_nest) {
  Mutex mutex;
  in_section(mutex, [&] {
    in_section(mutex, [&] { EXPECT_TRUE(mutex.is_locked()); });
    EXPECT_TRUE(mutex.is_locked());
  });
  EXPECT_FALSE(mutex.is_locked());
}

TEST_F(SectionTest, a_mutex_can_be_taken_again_within_a_section_of_another) {
  Mutex mutex;
  Mutex other;
  in_section(mutex, [&] {
    in_section(other, [&] {
      in_section(mutex, [&] { EXPECT_TRUE(mutex.is_locked()); });
      EXPECT_TRUE(other.is_locked());
    });
    EXPECT_TRUE(mutex.is_locked());
  });
  EXPECT_FALSE(mutex.is_locked());
  EXPECT_FALSE(other.is_locked());
}

TEST_F(SectionTest, detaching_lets_others_in_and_attaching_takes_the_mutex_back) {
  Mutex mutex;
  int value = 0;
  Companion other(world());
  in_section(mutex, [&] {
    value = 1;
    {
      const Detached away;
      EXPECT_FALSE(mutex.is_locked());
      other.run([&] {
        in_section(mutex, [&] {
          EXPECT_EQ(value, 1);
          value = 2;
        });
      });
    }
    EXPECT_TRUE(mutex.is_locked());
    EXPECT_EQ(value, 2);
  });
  EXPECT_FALSE(mutex.is_locked());
}

TEST_F(SectionTest, attaching_waits_until_the_section_can_go_on) {
  Mutex mutex;
  Companion other(world());
  std::atomic<bool> taken{false};
  int value = 0;
  in_section(mutex, [&] {
    const Detached away;
    other.start([&] {
      in_section(mutex, [&] {
        taken.store(true);
        let_others_run();
        value = 1;
      });
    });
    wait_until([&] { return taken.load(); });
  });
  // The section went on before it ended, so after the other one.
  EXPECT_EQ(value, 1);
}

TEST_F(SectionTest, after_a_suspension_only_the_innermost_section_is_held) {
  Mutex outer;
  Mutex inner;
  in_section(outer, [&] {
    in_section(inner, [&] {
      {
        const Detached away;
        EXPECT_FALSE(outer.is_locked());
        EXPECT_FALSE(inner.is_locked());
      }
      EXPECT_TRUE(inner.is_locked());
      EXPECT_FALSE(outer.is_locked());
    });
    EXPECT_TRUE(outer.is_locked());
    EXPECT_FALSE(inner.is_locked());
  });
  EXPECT_FALSE(outer.is_locked());
}

TEST_F(SectionTest, nested_sections_of_one_mutex_survive_suspensions) {
  Mutex mutex;
  in_section(mutex, [&] {
    in_section(mutex, [&] {
      { const Detached away; }
      { const Detached away; }
      EXPECT_TRUE(mutex.is_locked());
    });
    EXPECT_TRUE(mutex.is_locked());
    { const Detached away; }
    EXPECT_TRUE(mutex.is_locked());
  });
  EXPECT_FALSE(mutex.is_locked());
}

TEST_F(SectionTest, a_thread_stopped_in_a_section_lets_go_of_it_and_goes_on_with_it) {
  Mutex mutex;
  Companion other(world());
  std::atomic<bool> taken{false};
  std::atomic<bool> paused{false};
  other.start([&] {
    in_section(mutex, [&] {
      taken.store(true);
      wait_until([&] {
        safepoint();
        return paused.load();
      });
      EXPECT_TRUE(mutex.is_locked());
    });
  });
  wait_until([&] { return taken.load(); });
  {
    const StoppedWorld pause(self());
    EXPECT_FALSE(mutex.is_locked());
    paused.store(true);
  }
  other.wait();
  EXPECT_FALSE(mutex.is_locked());
}

TEST_F(SectionTest, who_waits_for_a_section_holds_no_pause_up_and_none_of_its_own) {
  Mutex wanted;
  Mutex around;
  lock(wanted);
  Companion other(world());
  other.start([&] {
    in_section(around, [&] {
      in_section(wanted, [&] { EXPECT_TRUE(wanted.is_locked()); });
      EXPECT_TRUE(around.is_locked());
    });
  });
  wait_until([&] { return !is_attached(other.slot().state.load(relaxed)); });
  EXPECT_FALSE(around.is_locked());
  for (int i = 0; i < 10; ++i) const StoppedWorld pause(self());
  unlock(wanted);
  other.wait();
  EXPECT_FALSE(wanted.is_locked());
  EXPECT_FALSE(around.is_locked());
}

// C4: the mutex may belong to a thread that is stopped.
TEST_F(SectionTest, in_a_pause_of_ones_own_a_section_takes_nothing) {
  Mutex free;
  Mutex held;
  Companion holder(world());
  std::atomic<bool> done{false};
  holder.start([&] {
    lock(held);
    wait_until([&] {
      safepoint();
      return done.load();
    });
    unlock(held);
  });
  wait_until([&] { return held.is_locked(); });
  {
    const StoppedWorld pause(self());
    in_section(held, [&] {
      in_section(free, [&] { EXPECT_FALSE(free.is_locked()); });
      in_section(held, [] {});
    });
    EXPECT_TRUE(held.is_locked());
    EXPECT_EQ(self().sections, nullptr);
  }
  done.store(true);
  holder.wait();
  EXPECT_FALSE(held.is_locked());
}

TEST_F(SectionTest, a_pause_inside_a_section_leaves_it_held) {
  Mutex outer;
  Mutex mutex;
  in_section(outer, [&] {
    in_section(mutex, [&] {
      {
        const StoppedWorld pause(self());
        in_section(outer, [] {});
      }
      EXPECT_TRUE(mutex.is_locked());
    });
    EXPECT_TRUE(outer.is_locked());
  });
  EXPECT_FALSE(outer.is_locked());
  EXPECT_FALSE(mutex.is_locked());
}

template <class Body>
void in_section(Mutex& first, Mutex& second, Body body) {
  const SectionScope section(first, second);
  body();
}

TEST_F(SectionTest, a_section_on_two_holds_both_and_lets_both_go) {
  Mutex pair[2];
  in_section(pair[0], pair[1], [&] {
    EXPECT_TRUE(pair[0].is_locked());
    EXPECT_TRUE(pair[1].is_locked());
    {
      const Detached away;
      EXPECT_FALSE(pair[0].is_locked());
      EXPECT_FALSE(pair[1].is_locked());
    }
    EXPECT_TRUE(pair[0].is_locked());
    EXPECT_TRUE(pair[1].is_locked());
  });
  EXPECT_FALSE(pair[0].is_locked());
  EXPECT_FALSE(pair[1].is_locked());
}

// Statements tC30 and tC31.
TEST_F(SectionTest, a_section_on_one_mutex_twice_is_a_section_on_one) {
  Mutex mutex;
  in_section(mutex, mutex, [&] {
    EXPECT_TRUE(mutex.is_locked());
    in_section(mutex, mutex, [] {});
    in_section(mutex, [] {});
    EXPECT_TRUE(mutex.is_locked());
  });
  EXPECT_FALSE(mutex.is_locked());
}

TEST_F(SectionTest, sections_inside_one_on_two_take_nothing_twice_and_suspend_nothing) {
  Mutex pair[2];
  int depth = 0;
  const std::function<void()> nest = [&] {
    if (++depth == 10) return;
    in_section(pair[0], pair[1], [&] {
      in_section(pair[depth % 2], nest);
      EXPECT_TRUE(self().sections->held);
    });
  };
  in_section(pair[0], pair[1], [&] {
    const Section* outer = self().sections;
    in_section(pair[1], [&] { EXPECT_TRUE(outer->held); });
    in_section(pair[0], [&] { EXPECT_TRUE(outer->held); });
    nest();
    EXPECT_TRUE(outer->held);
  });
  EXPECT_FALSE(pair[0].is_locked());
  EXPECT_FALSE(pair[1].is_locked());
}

TEST_F(SectionTest, a_section_on_two_inside_one_on_either_takes_the_other) {
  Mutex pair[2];
  for (Mutex& held : pair) {
    in_section(held, [&] {
      in_section(pair[0], pair[1], [&] {
        EXPECT_TRUE(self().sections->below->held);
        EXPECT_TRUE(pair[0].is_locked());
        EXPECT_TRUE(pair[1].is_locked());
        { const Detached away; }
        EXPECT_TRUE(pair[0].is_locked());
        EXPECT_TRUE(pair[1].is_locked());
      });
      EXPECT_TRUE(held.is_locked());
    });
    EXPECT_FALSE(pair[0].is_locked());
    EXPECT_FALSE(pair[1].is_locked());
  }
}

TEST_F(SectionTest, in_a_pause_of_ones_own_a_section_on_two_takes_nothing) {
  Mutex pair[2];
  const StoppedWorld pause(self());
  in_section(pair[0], pair[1], [&] {
    EXPECT_FALSE(pair[0].is_locked());
    EXPECT_FALSE(pair[1].is_locked());
  });
}

TEST_F(SectionTest, who_waits_for_one_of_two_holds_no_pause_up) {
  Mutex pair[2];
  for (Mutex& busy : pair) {
    lock(busy);
    Companion other(world());
    other.start([&] {
      in_section(pair[0], pair[1], [&] {
        EXPECT_TRUE(pair[0].is_locked());
        EXPECT_TRUE(pair[1].is_locked());
      });
    });
    wait_until([&] { return !is_attached(other.slot().state.load(relaxed)); });
    for (int i = 0; i < 10; ++i) const StoppedWorld pause(self());
    unlock(busy);
    other.wait();
  }
}

// Statement tC33: pairs of three mutexes, all orders of nesting, with pauses.
TEST_F(SectionTest, sections_on_pairs_never_deadlock_and_count_exactly) {
  constexpr std::uint64_t kSeed = 42;
  constexpr std::size_t kThreads = 4;
  constexpr int kRounds = 300;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Mutex mutexes[3];
  int counts[3] = {0, 0, 0};
  std::atomic<int> expected{0};
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        Random random(mix_seed(kSeed, i));
        const Visit visit(world());
        for (int round = 0; round < kRounds; ++round) {
          const std::size_t a = random.below(3);
          const std::size_t b = random.below(3);
          const std::size_t c = random.below(3);
          in_section(mutexes[c], [&] {
            ++counts[c];
            in_section(mutexes[std::min(a, b)], mutexes[std::max(a, b)], [&] {
              ++counts[a];
              if (random.below(4) == 0) std::this_thread::yield();
              ++counts[b];
              if (random.below(8) == 0) const Detached away;
              if (random.below(32) == 0) const StoppedWorld pause(self());
              ++counts[a];
            });
          });
          expected.fetch_add(4);
          safepoint();
        }
      });
    }
  }
  EXPECT_EQ(counts[0] + counts[1] + counts[2], expected.load());
  for (const Mutex& mutex : mutexes) EXPECT_FALSE(mutex.is_locked());
}

// Half of the threads nest one way, half the other, and some stop the world in between:
// nobody waits for ever, and what an innermost section counts is exact.
class SectionStorm : public WorldTest, public testing::WithParamInterface<bool> {};

TEST_P(SectionStorm, opposite_orders_of_two_mutexes_never_deadlock) {
  constexpr std::uint64_t kSeed = 41;
  constexpr std::size_t kThreads = 4;
  constexpr int kRounds = 400;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Mutex mutexes[2];
  int counts[2] = {0, 0};
  {
    const Detached while_they_run;
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        Random random(mix_seed(kSeed, i));
        const Visit visit(world());
        const std::size_t outer = i % 2;
        const std::size_t inner = 1 - outer;
        for (int round = 0; round < kRounds; ++round) {
          in_section(mutexes[outer], [&] {
            ++counts[outer];
            if (random.below(2) == 0) std::this_thread::yield();
            in_section(mutexes[inner], [&] {
              ++counts[inner];
              if (random.below(8) == 0) safepoint();
              ++counts[inner];
              if (random.below(8) == 0) const Detached away;
              if (GetParam() && random.below(32) == 0) const StoppedWorld pause(self());
              ++counts[inner];
            });
            ++counts[outer];
          });
          safepoint();
        }
      });
    }
  }
  EXPECT_EQ(counts[0], 5 * kRounds * int{kThreads} / 2);
  EXPECT_EQ(counts[1], 5 * kRounds * int{kThreads} / 2);
  EXPECT_FALSE(mutexes[0].is_locked());
  EXPECT_FALSE(mutexes[1].is_locked());
}

INSTANTIATE_TEST_SUITE_P(WithPauses, SectionStorm, testing::Bool());

}  // namespace
}  // namespace threadmill
