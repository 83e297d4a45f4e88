// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/chaos.hpp"

#include <cstring>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "runtime/thread/world.hpp"
#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

class Chaos : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!kChaos) GTEST_SKIP() << "no chaos in this build";
  }

  // What a thread decides at its first visits of a point.
  static std::string decisions(unsigned level, std::uint64_t seed) {
    const World::Hooks hooks{.context = nullptr,
                             .open_slot = [](void*, Slot&) noexcept { return true; },
                             .close_slot = [](void*, Slot&) noexcept {},
                             .drain_inbox = [](Slot&) noexcept {},
                             .help_slot = [](Slot&, Slot&) noexcept {},
                             .quiescent = [](Slot&) noexcept {},
                             .before_growth = [](Slot&) noexcept {}};
    World world(hooks, {.seed = seed, .level = level});
    EXPECT_NE(enter(world), nullptr);
    std::string text;
    for (int i = 0; i < 1000; ++i) {
      chaos_point(ChaosPoint::queue);
      text += chaos_slow_path(ChaosPoint::list_read) ? 's' : '.';
    }
    text += std::to_string(disturbed(*current(), ChaosPoint::queue));
    leave();
    return text;
  }

  static std::uint64_t disturbed(const Slot& slot, ChaosPoint point) {
    return slot.chaos.disturbed[static_cast<std::size_t>(point)];
  }
};

TEST_F(Chaos, level_0_disturbs_nobody) {
  EXPECT_EQ(decisions(0, 1), std::string(1000, '.') + "0");
}

TEST_F(Chaos, level_1_takes_no_slow_path) {
  const std::string text = decisions(1, 1);
  EXPECT_EQ(text.find('s'), std::string::npos);
  EXPECT_NE(text.substr(1000), "0");
}

TEST_F(Chaos, higher_levels_disturb_more) {
  const auto disturbances = [](unsigned level) {
    return std::stoi(decisions(level, 7).substr(1000));
  };
  EXPECT_LT(disturbances(1), disturbances(2));
  EXPECT_LT(disturbances(2), disturbances(3));
}

TEST_F(Chaos, a_seed_repeats_every_decision) {
  EXPECT_EQ(decisions(3, 42), decisions(3, 42));
  EXPECT_NE(decisions(3, 42), decisions(3, 43));
}

TEST_F(Chaos, level_3_wants_a_collection_now_and_then) {
  CountingWorld counting;
  ASSERT_NE(enter(counting.world()), nullptr);
  Slot& self = *current();
  self.chaos.level = kMaxChaosLevel;
  bool wanted = false;
  for (int i = 0; i < 100'000 && !wanted; ++i)
    wanted = chaos_before_allocation(self) && self.chaos.wants_collection;
  leave();
  EXPECT_TRUE(wanted);
}

TEST(ChaosPoints, each_has_a_name_of_its_own) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kChaosPoints; ++i)
    names.insert(name_of(static_cast<ChaosPoint>(i)));
  EXPECT_EQ(names.size(), kChaosPoints);
}

}  // namespace
}  // namespace threadmill
