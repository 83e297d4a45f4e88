// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/world.hpp"

#include <vector>

#include "tests/thread/counting_world.hpp"

namespace threadmill {
namespace {

// Slots without threads.
Slot* add_slot(World& world) TM_NO_THREAD_SAFETY_ANALYSIS {
  return world.add_slot(world.slot_count());
}

TEST(World, slots_are_numbered_from_one_in_the_order_of_opening) {
  CountingWorld counting;
  World& world = counting.world();
  EXPECT_EQ(world.slot_count(), 0u);
  for (SlotId id = 1; id <= 5; ++id) {
    Slot* slot = add_slot(world);
    ASSERT_NE(slot, nullptr);
    EXPECT_EQ(slot->id, id);
    EXPECT_EQ(&slot->world, &world);
    EXPECT_EQ(&world.slot(id), slot);
    EXPECT_EQ(world.slot_count(), id);
  }
}

TEST(World, a_new_slot_is_attached_and_empty_and_names_itself) {
  CountingWorld counting;
  Slot* slot = add_slot(counting.world());
  ASSERT_NE(slot, nullptr);
  EXPECT_EQ(slot->state.load(relaxed), slot_state::kAttached);
  EXPECT_TRUE(slot->inbox.seems_empty());
  EXPECT_EQ(slot->sections, nullptr);
  EXPECT_FALSE(slot->has_retired);
  EXPECT_FALSE(slot->stopped_the_world);
  EXPECT_EQ(slot->self_word, std::uint64_t{slot->id} << 32);
}

TEST(World, for_each_slot_visits_every_slot_once) {
  CountingWorld counting;
  for (int i = 0; i < 5; ++i) ASSERT_NE(add_slot(counting.world()), nullptr);
  std::vector<SlotId> visited;
  counting.world().for_each_slot([&](Slot& slot) { visited.push_back(slot.id); });
  EXPECT_EQ(visited, (std::vector<SlotId>{1, 2, 3, 4, 5}));
}

TEST(World, every_slot_that_was_opened_is_closed_with_its_world) {
  CountingWorld counting;
  for (int i = 0; i < 5; ++i) ASSERT_NE(add_slot(counting.world()), nullptr);
  EXPECT_EQ(counting.opened, 5);
  EXPECT_EQ(counting.closed, 0);
  counting.destroy();
  EXPECT_EQ(counting.closed, 5);
}

TEST(World, a_slot_that_cannot_be_opened_is_not_in_the_table) {
  CountingWorld counting;
  counting.may_open = false;
  EXPECT_EQ(add_slot(counting.world()), nullptr);
  EXPECT_EQ(counting.world().slot_count(), 0u);
  counting.destroy();
  EXPECT_EQ(counting.closed, 0);
}

TEST(World, a_full_table_refuses_another_slot_and_serves_the_vacant_ones) {
  CountingWorld counting;
  World& world = counting.world();
  for (SlotId id = 1; id <= World::kMaxSlots; ++id)
    ASSERT_NE(add_slot(world), nullptr) << id;
  EXPECT_EQ(add_slot(world), nullptr);
  EXPECT_EQ(enter(world), nullptr);
  EXPECT_EQ(world.slot_count(), World::kMaxSlots);

  world.slot(World::kMaxSlots).state.store(slot_state::kVacant, release);
  EXPECT_EQ(enter(world), &world.slot(World::kMaxSlots));
  leave();
}

TEST(World, worlds_in_one_process_do_not_mix) {
  CountingWorld left;
  CountingWorld right;
  {
    const Visit visit(left.world());
    EXPECT_EQ(&current()->world, &left.world());
  }
  {
    const Visit visit(right.world());
    EXPECT_EQ(&current()->world, &right.world());
  }
  EXPECT_EQ(left.opened, 1);
  EXPECT_EQ(right.opened, 1);
}

}  // namespace
}  // namespace threadmill
