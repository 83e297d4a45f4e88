// SPDX-License-Identifier: Apache-2.0
//
// What the engine reports, each by a scenario made for it, and that it reports nothing of
// the scenario beside it which is right.
#include "harness/explore/engine.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "harness/explore/explorer.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/os_wait.hpp"
#include "runtime/sync/word_lock.hpp"

namespace threadmill::explore {
namespace {

using Word = Atomic<std::uint32_t>;

// Functions for the threads, on a few words.
struct Words {
  std::array<Word, 3> at{};
  WordLock lock;
  std::uint32_t plain = 0;
  std::array<std::uint32_t, 4> seen{};
  void* buffer = nullptr;

  void write_plain(std::uint32_t value) {
    engine().plain_write(&plain, sizeof plain, {__FILE__, __LINE__});
    plain = value;
  }
  std::uint32_t read_plain() {
    engine().plain_read(&plain, sizeof plain, {__FILE__, __LINE__});
    return plain;
  }
};

using Part = void (*)(Words&);

class Small final : public Scenario {
 public:
  Small(std::vector<Part> parts, Part last, Part first)
      : parts_(std::move(parts)), check_(last), set_up_(first) {}

  [[nodiscard]] unsigned threads() const override {
    return static_cast<unsigned>(parts_.size());
  }
  void set_up() override {
    if (set_up_ != nullptr) set_up_(words_);
  }
  void run(unsigned thread) override { parts_[thread](words_); }
  void check() override {
    if (check_ != nullptr) check_(words_);
  }

 private:
  const std::vector<Part> parts_;
  const Part check_;
  const Part set_up_;
  Words words_;
};

ScenarioInfo small(std::vector<Part> parts,
                   Part check = nullptr,
                   Part set_up = nullptr) {
  return {.name = "small",
          .purpose = "",
          .make = [=] { return std::make_unique<Small>(parts, check, set_up); },
          .persists = false,
          .limits = {},
          .sc_executions = {}};
}

SearchResult exhaust(const ScenarioInfo& info, MemoryModel memory = MemoryModel::sc) {
  prepare_engine();
  SearchOptions options;
  options.memory = memory;
  return search(info, options, [] { return false; });
}

// Found, it repeats, and the search without the mistake finds nothing.
void expect_failure(const SearchResult& result, FailureKind kind) {
  ASSERT_TRUE(result.finding) << result.claim;
  EXPECT_STREQ(name_of(result.finding->kind), name_of(kind)) << result.finding->message;
  EXPECT_TRUE(result.finding->repeats);
}

void expect_exhausted(const SearchResult& result) {
  EXPECT_FALSE(result.finding) << result.finding->message;
  EXPECT_TRUE(result.exhausted);
  EXPECT_EQ(result.complaint, "");
}

void add_torn(Words& words) {
  words.at[0].store(words.at[0].load(relaxed) + 1, relaxed);
}
void add_whole(Words& words) { (void)words.at[0].fetch_add(1, relaxed); }
void expect_two(Words& words) {
  expect(words.at[0].load(relaxed) == 2, "two additions make two");
}

TEST(Engine, a_lost_update_is_found) {
  expect_failure(exhaust(small({add_torn, add_torn}, expect_two)), FailureKind::oracle);
  expect_exhausted(exhaust(small({add_whole, add_whole}, expect_two)));
}

TEST(Engine, a_lost_update_shrinks_to_one_preemption) {
  SearchOptions options;
  options.strategy = "random";
  prepare_engine();
  const SearchResult result =
      search(small({add_torn, add_torn}, expect_two), options, [] { return false; });
  ASSERT_TRUE(result.finding);
  EXPECT_LE(result.finding->switches, 1u);
  EXPECT_EQ(result.finding->schedule.size(), 4u);
  const std::string& text = result.finding->text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6) << text;  // 4 and two more
}

void publish(Words& words, std::memory_order order) {
  words.write_plain(7);
  words.at[0].store(1, order);
}
void consume(Words& words, std::memory_order order) {
  if (words.at[0].load(order) == 1) words.seen[0] = words.read_plain();
}

TEST(Engine, a_race_on_a_plain_field_is_found_under_either_memory) {
  for (const MemoryModel memory : {MemoryModel::sc, MemoryModel::rc11}) {
    const Part loose = [](Words& words) { publish(words, relaxed); };
    const Part release_it = [](Words& words) { publish(words, release); };
    const Part acquire_it = [](Words& words) { consume(words, acquire); };
    const Part look = [](Words& words) { consume(words, relaxed); };
    expect_failure(exhaust(small({loose, acquire_it}), memory), FailureKind::race);
    expect_failure(exhaust(small({release_it, look}), memory), FailureKind::race);
    expect_exhausted(exhaust(small({release_it, acquire_it}), memory));
  }
}

TEST(Engine, a_relaxed_message_is_seen_early_under_rc11_only) {
  const Part write = [](Words& words) {
    words.at[0].store(1, relaxed);
    words.at[1].store(1, relaxed);
  };
  const Part read = [](Words& words) {
    words.seen[0] = words.at[1].load(relaxed);
    words.seen[1] = words.at[0].load(relaxed);
  };
  const Part check = [](Words& words) {
    expect(words.seen[0] <= words.seen[1],
           "the second store was seen without the first");
  };
  expect_exhausted(exhaust(small({write, read}, check), MemoryModel::sc));
  expect_failure(exhaust(small({write, read}, check), MemoryModel::rc11),
                 FailureKind::oracle);
}

TEST(Engine, a_lost_wake_up_is_a_deadlock) {
  const Part sleep_unchecked = [](Words& words) {
    if (words.at[0].load(relaxed) == 0) os_wait(words.at[1], 0);
  };
  const Part sleep = [](Words& words) {
    while (words.at[0].load(relaxed) == 0) os_wait(words.at[0], 0);
  };
  const Part wake = [](Words& words) {
    words.at[0].store(1, relaxed);
    os_wake_all(words.at[0]);
    os_wake_all(words.at[1]);
  };
  expect_failure(exhaust(small({sleep_unchecked, wake})), FailureKind::deadlock);
  expect_exhausted(exhaust(small({sleep, wake})));
}

TEST(Engine, a_spurious_wake_up_is_a_choice) {
  const Part sleep_once = [](Words& words) {
    os_wait(words.at[0], 0);
    words.seen[0] = words.at[0].load(relaxed);
  };
  const Part wake = [](Words& words) {
    words.at[0].store(1, relaxed);
    os_wake_all(words.at[0]);
  };
  const Part check = [](Words& words) {
    expect(words.seen[0] == 1, "the sleeper saw what it was woken for");
  };
  ScenarioInfo info = small({sleep_once, wake}, check);
  expect_exhausted(exhaust(info));
  info.limits.spurious = 1;
  expect_failure(exhaust(info), FailureKind::oracle);
}

TEST(Engine, an_endless_loop_is_a_livelock) {
  const Part spin = [](Words& words) {
    while (words.at[0].load(relaxed) == 0) {
    }
  };
  const Part nothing = [](Words& words) { words.at[1].store(1, relaxed); };
  ScenarioInfo info = small({spin, nothing});
  info.limits.steps = 100;
  expect_failure(exhaust(info), FailureKind::livelock);
}

TEST(Engine, a_use_of_freed_memory_is_found) {
  const Part set_up = [](Words& words) { words.buffer = buffer_allocate(16); };
  const Part use = [](Words& words) {
    if (words.at[0].load(acquire) == 0)
      static_cast<Word*>(words.buffer)->store(1, relaxed);
  };
  const Part free_it = [](Words& words) {
    words.at[0].store(1, release);
    buffer_free(words.buffer, 16);
  };
  const SearchResult result = exhaust(small({use, free_it}, nullptr, set_up));
  ASSERT_TRUE(result.finding);
  const FailureKind kind = result.finding->kind;
  EXPECT_TRUE(kind == FailureKind::use_after_free || kind == FailureKind::race)
      << name_of(kind);
  const Part free_after = [](Words& words) {
    while (words.at[1].load(acquire) == 0) os_wait(words.at[1], 0);
    buffer_free(words.buffer, 16);
  };
  const Part use_before = [](Words& words) {
    static_cast<Word*>(words.buffer)->store(1, relaxed);
    words.at[1].store(1, release);
    os_wake_all(words.at[1]);
  };
  expect_exhausted(exhaust(small({use_before, free_after}, nullptr, set_up)));
}

TEST(Engine, a_free_that_is_not_ordered_after_the_last_use_is_a_race) {
  const Part set_up = [](Words& words) { words.buffer = buffer_allocate(16); };
  const Part use = [](Words& words) {
    static_cast<Word*>(words.buffer)->store(1, relaxed);
    words.at[1].store(1, relaxed);  // too weak to hand anything over
    os_wake_all(words.at[1]);
  };
  const Part free_it = [](Words& words) {
    while (words.at[1].load(acquire) == 0) os_wait(words.at[1], 0);
    buffer_free(words.buffer, 16);
  };
  expect_failure(exhaust(small({use, free_it}, nullptr, set_up)), FailureKind::race);
}

TEST(Engine, a_double_free_and_a_leak_are_found) {
  const Part set_up = [](Words& words) { words.buffer = buffer_allocate(16); };
  const Part free_it = [](Words& words) { buffer_free(words.buffer, 16); };
  const Part nothing = [](Words&) {};
  EXPECT_TRUE(exhaust(small({free_it, free_it}, nullptr, set_up)).finding);
  expect_failure(exhaust(small({nothing}, nullptr, set_up)), FailureKind::leak);
  const Part free_twice = [](Words& words) {
    buffer_free(words.buffer, 16);
    buffer_free(words.buffer, 16);
  };
  expect_failure(exhaust(small({free_twice}, nullptr, set_up)),
                 FailureKind::double_free);
  expect_exhausted(exhaust(small({free_it}, nullptr, set_up)));
}

TEST(Engine, a_failed_allocation_is_a_choice) {
  const Part allocate = [](Words& words) {
    words.buffer = buffer_allocate(16);
    expect(words.buffer != nullptr, "there was memory");
    buffer_free(words.buffer, 16);
  };
  ScenarioInfo info = small({allocate});
  expect_exhausted(exhaust(info));
  info.limits.failed_memory = 1;
  expect_failure(exhaust(info), FailureKind::oracle);
}

TEST(Engine, a_crash_is_a_finding) {
  const Part crash = [](Words& words) {
    words.at[0].store(1, relaxed);
    volatile int* nowhere = nullptr;
    *nowhere = 1;
  };
  expect_failure(exhaust(small({crash})), FailureKind::crash);
  expect_exhausted(exhaust(small({add_whole})));  // and the engine goes on
}

TEST(Engine, a_scenario_that_depends_on_more_than_the_choices_is_reported) {
  static int executions;
  executions = 0;
  const Part moody = [](Words& words) {
    if (++executions % 2 == 0) words.at[0].store(1, relaxed);
    words.at[1].store(1, relaxed);
  };
  const Part other = [](Words& words) {
    (void)words.at[0].load(relaxed);
    (void)words.at[1].load(relaxed);
  };
  const SearchResult result = exhaust(small({moody, other}));
  EXPECT_NE(result.complaint, "");
}

TEST(Engine, a_lock_excludes_and_three_threads_are_exhausted) {
  const Part part = [](Words& words) {
    const WordLockGuard guard(words.lock);
    words.write_plain(words.read_plain() + 1);
  };
  const Part check = [](Words& words) { expect(words.plain == 3, "each added one"); };
  expect_exhausted(exhaust(small({part, part, part}, check)));
}

TEST(Engine, what_outlives_a_failed_execution_is_restored) {
  static Word outlives{5};
  const Part spoil = [](Words&) {
    outlives.store(6, relaxed);
    engine().fail(FailureKind::oracle, "on purpose");
  };
  expect_failure(exhaust(small({spoil})), FailureKind::oracle);
  EXPECT_EQ(outlives.load(relaxed), 5u);
}

// Dfs makes as many executions as there are classes of them.
TEST(Engine, executions_of_the_search_are_counted) {
  const Part store_x = [](Words& words) { words.at[0].store(1, relaxed); };
  const Part store_y = [](Words& words) { words.at[1].store(1, relaxed); };
  const Part load_x = [](Words& words) { words.seen[0] = words.at[0].load(relaxed); };
  EXPECT_EQ(exhaust(small({store_x, store_y})).executions, 1u);
  EXPECT_EQ(exhaust(small({store_x, store_x})).executions, 2u);
  EXPECT_EQ(exhaust(small({load_x, load_x})).executions, 1u);
  EXPECT_EQ(exhaust(small({store_x, load_x, load_x})).executions, 4u);
  EXPECT_EQ(exhaust(small({add_whole, add_whole, add_whole})).executions, 6u);
}

TEST(Engine, a_bound_on_preemptions_counts_them) {
  prepare_engine();
  SearchOptions options;
  const ScenarioInfo info = small({add_torn, add_torn}, expect_two);
  options.preemptions = 0;
  SearchResult result = search(info, options, [] { return false; });
  EXPECT_FALSE(result.finding);
  EXPECT_EQ(result.executions, 2u);  // one thread after the other
  options.preemptions = 1;
  result = search(info, options, [] { return false; });
  ASSERT_TRUE(result.finding);
  EXPECT_EQ(result.finding->found_switches, 1u);
}

}  // namespace
}  // namespace threadmill::explore
