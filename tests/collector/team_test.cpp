// SPDX-License-Identifier: Apache-2.0
//
// A collection finds the same with a team of any size, whatever the graph looks like.
#include "runtime/collector/team.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "runtime/base/config.hpp"
#include "runtime/base/random.hpp"
#include "runtime/collector/collect.hpp"
#include "runtime/collector/verify.hpp"
#include "runtime/memory/failing_memory.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

TEST(Team, calls_every_member_once) {
  for (const unsigned size : {1U, 2U, 3U, Team::kMaxSize}) {
    Team team;
    team.set_for_test(size, 0);
    ASSERT_EQ(team.size(), size);
    std::atomic<unsigned> calls[Team::kMaxSize] = {};
    auto work = [&calls](unsigned member) { calls[member].fetch_add(1); };
    for (int i = 0; i < 100; ++i) team.run(work);
    for (unsigned member = 0; member < Team::kMaxSize; ++member)
      EXPECT_EQ(calls[member].load(), member < size ? 100U : 0U);
  }
}

TEST(Team, without_memory_is_one_thread) {
  if (!kRefusals) GTEST_SKIP() << "nobody refuses memory in this build";
  Team team;
  team.set_for_test(3, 0);
  const auto here = std::this_thread::get_id();
  unsigned calls = 0;
  auto work = [&](unsigned member) {
    EXPECT_EQ(member, 0U);
    EXPECT_EQ(std::this_thread::get_id(), here);
    ++calls;
  };
  const FailingMemory fails({.at = 1});
  team.run(work);
  EXPECT_EQ(calls, 1U);
  EXPECT_EQ(fails.failures(), 1U);
}

// Without this, that ThreadSanitizer reports nothing of a team would say nothing. In 1 of
// 200 runs on busy cores something within oneTBB orders the two increments by chance (as the
// one thread, preempted before its own, wakes workers only after the other's), so it needs
// more than one run that two threads shared.
[[noreturn]] void race_of_two_members() {
  Team team;
  team.set_for_test(2, 0);
  int unprotected = 0;
  int shared_runs = 0;
  std::thread::id done_by[2];
  auto work = [&](unsigned member) {
    ++unprotected;
    done_by[member] = std::this_thread::get_id();
  };
  while (shared_runs < 20) {
    team.run(work);
    if (done_by[0] != done_by[1]) ++shared_runs;
  }
  std::exit(0);
}

TEST(TeamDeathTest, thread_sanitizer_sees_a_race_of_two_members) {
  if (!kThreadSanitizer) GTEST_SKIP() << "nothing else sees it";
  if (Team().size() == 1) GTEST_SKIP() << "the team is one thread";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(race_of_two_members(), "data race");
}

struct Point : Object {
  static constexpr const char* kTypeName = "point";
  static void traverse(Point& self, const FieldVisitor& visit) {
    for (Field<Point>& edge : self.edges) visit(edge);
  }
  Field<Point> edges[2];
};

class TeamCollectTest : public ObjectTest,
                        public testing::WithParamInterface<unsigned> {
 protected:
  TeamCollectTest() {
    runtime_.world().collector = &collector_;
    collector_.team_for_test().set_for_test(GetParam(), 0);
  }

  void make_points(std::size_t count) {
    points_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      points_.push_back(make<Point>());
      ASSERT_TRUE(points_.back());
    }
  }
  // Keeps point 0, collects, and compares with what the test's own search reaches.
  void collect_and_compare() {
    std::set<const Object*> reached;
    std::vector<const Object*> pending = {points_[0].get()};
    while (!pending.empty()) {
      const Object* at = pending.back();
      pending.pop_back();
      if (at == nullptr || !reached.insert(at).second) continue;
      for (const Field<Point>& edge : static_cast<const Point*>(at)->edges)
        pending.push_back(edge.peek());
    }
    // A reference to itself would not be needed by those in cycles, so count all that die.
    const std::size_t made = points_.size();
    points_.resize(1);
    (void)collector_.collect(*current());
    EXPECT_EQ(count_live_objects(*current()), reached.size()) << "of " << made;
    Object* const roots[] = {points_[0].get()};
    const HeapReport report = verify_heap(*current(), roots);
    EXPECT_EQ(report.violations, 0u) << report.message;
    points_.clear();
    (void)collector_.collect(*current());
    EXPECT_EQ(count_live_objects(*current()), 0u);
  }

  static constexpr std::size_t kPoints = kChecks == 0 ? 60'000 : 10'000;

  std::vector<Ref<Point>> points_;
  Collector collector_{runtime_.world(), runtime_.arena()};
};

TEST_P(TeamCollectTest, random_graphs) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Random random(seed);
    make_points(kPoints);
    for (const auto& point : points_) {
      for (Field<Point>& edge : point->edges)
        if (random.below(4) != 0) edge.store(points_[random.below(kPoints)]);
    }
    collect_and_compare();
  }
}

// Each page leads to one page, again and again: there is nothing to share out.
TEST_P(TeamCollectTest, a_ring_in_random_order) {
  Random random(7);
  make_points(kPoints);
  std::vector<std::size_t> order(kPoints);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = kPoints - 1; i > 0; --i)
    std::swap(order[i], order[random.below(i + 1)]);
  for (std::size_t i = 0; i < kPoints; ++i)
    points_[order[i]]->edges[0].store(points_[order[(i + 1) % kPoints]]);
  collect_and_compare();
}

TEST_P(TeamCollectTest, a_tree) {
  make_points(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) {
    for (std::size_t edge = 0; edge < 2; ++edge) {
      const std::size_t child = 2 * i + 1 + edge;
      if (child < kPoints) points_[i]->edges[edge].store(points_[child]);
    }
  }
  collect_and_compare();
}

TEST_P(TeamCollectTest, everything_refers_to_one) {
  make_points(kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) {
    points_[i]->edges[0].store(points_[kPoints / 2]);
    points_[i]->edges[1].store(points_[(i + 1) % kPoints]);
  }
  collect_and_compare();
}

struct Mortal : Object {
  static constexpr const char* kTypeName = "mortal";
  static void traverse(Mortal& self, const FieldVisitor& visit) {
    visit(self.next);
    visit(self.saved);
  }
  static void finalize(Mortal& self) {
    ++finalized;
    if (self.saves != nullptr) self.saves->store(Ref<Mortal>::share(&self));
  }
  Field<Mortal> next;
  Field<Mortal> saved;
  Field<Mortal>* saves = nullptr;
  static inline std::uint64_t finalized = 0;
};

// Each piece of trash is held, and counted once more after its finalizers.
TEST_P(TeamCollectTest, a_ring_with_finalizers_of_which_one_saves_itself) {
  Mortal::finalized = 0;
  Ref<Mortal> saver = make<Mortal>();
  Ref<Mortal> first = make<Mortal>();
  Ref<Mortal> last = first;
  for (std::size_t i = 1; i < kPoints; ++i) {
    Ref<Mortal> next = make<Mortal>();
    ASSERT_TRUE(next);
    next->next.store(std::move(last));
    last = std::move(next);
  }
  last->saves = &saver->saved;
  first->next.store(std::move(last));
  first.reset();
  EXPECT_EQ(collector_.collect(*current()).collected, 0u);  // it reaches all others
  EXPECT_EQ(Mortal::finalized, kPoints);
  EXPECT_EQ(count_live_objects(*current()), kPoints + 1);
  saver->saved.store(nullptr);
  EXPECT_EQ(collector_.collect(*current()).collected, kPoints);
  EXPECT_EQ(Mortal::finalized, kPoints);
  saver.reset();
  EXPECT_EQ(Mortal::finalized, kPoints + 1);
  EXPECT_EQ(count_live_objects(*current()), 0u);
}

INSTANTIATE_TEST_SUITE_P(Sizes, TeamCollectTest, testing::Values(1U, 2U, 3U, 8U));

}  // namespace
}  // namespace threadmill
