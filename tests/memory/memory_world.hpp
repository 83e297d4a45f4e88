// SPDX-License-Identifier: Apache-2.0
//
// A world whose slots have heaps and lists of retired buffers, but no objects: a block
// gets the header words and the liveness that the object layer would give it, and after
// them a pattern that nobody else may touch.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

#include <gtest/gtest.h>

#include "runtime/memory/arena.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/memory/heap_walk.hpp"
#include "runtime/memory/retire.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

// Runs long in plain builds, short where every access is checked.
inline constexpr int kEffort = kChecks == 0 ? 5 : 1;

class MemoryWorld {
 public:
  explicit MemoryWorld(std::size_t arena_bytes, const RetireLimits& limits = {})
      : arena(arena_bytes),
        retire_budget(limits),
        world({.context = this,
               .open_slot = open_slot,
               .close_slot = close_slot,
               .drain_inbox = [](Slot&) noexcept {},
               .help_slot = [](Slot&, Slot&) noexcept {},
               .quiescent =
                   [](Slot& self) noexcept {
                     if (self.has_retired) self.retired->free_reached();
                     self.heap->give_back_pages();
                   },
               .before_growth = before_growth,
               .over_budget = free_retired_in_pause,
               .departing =
                   [](Slot& self, bool for_good) noexcept {
                     self.heap->prepare_to_depart(for_good);
                   }}) {}

  Arena arena;
  RetireBudget retire_budget;
  World world;
  std::atomic<int> growths{0};  // how often a heap asked to grow
  std::function<void(Slot&)> on_growth = [](Slot&) {};

 private:
  static bool open_slot(void* context, Slot& slot) noexcept {
    auto& memory = *static_cast<MemoryWorld*>(context);
    slot.heap = new Heap(memory.arena, slot);
    slot.retired = new RetireList(slot, memory.retire_budget);
    return true;
  }
  static void close_slot(void*, Slot& slot) noexcept {
    delete slot.heap;
    delete slot.retired;
  }
  static void before_growth(Slot& self) noexcept {
    auto& memory = *static_cast<MemoryWorld*>(self.world.hooks().context);
    ++memory.growths;
    memory.on_growth(self);
  }
};

// The calling thread is attached for the length of a test.
class MemoryTest : public testing::Test {
 protected:
  explicit MemoryTest(std::size_t arena_bytes = std::size_t{1} << 30,
                      const RetireLimits& limits = {})
      : memory_(arena_bytes, limits) {}

  void SetUp() override { ASSERT_NE(enter(world()), nullptr); }
  void TearDown() override { leave(); }

  [[nodiscard]] World& world() { return memory_.world; }
  [[nodiscard]] Arena& arena() { return memory_.arena; }
  [[nodiscard]] Slot& self() { return *current(); }
  [[nodiscard]] Heap& heap() { return *self().heap; }

  MemoryWorld memory_;
};

inline SlotId owner_of(void* block) {
  return static_cast<SlotId>(block_word(block).load(relaxed) >> 32);
}
inline std::uint32_t link_of(void* block) {
  return static_cast<std::uint32_t>(block_word(block).load(relaxed));
}
inline BlockWord& second_word(void* block) {
  return block_word(static_cast<char*>(block) + 8);
}

inline Atomic<std::uint8_t>& liveness_of(void* block) {
  Page& page = page_of(block);
  return page.liveness(page.index_of(block));
}

// The bytes after the header, filled from `stamp`.
inline void fill(void* block, std::size_t bytes, std::uint64_t stamp) {
  auto* payload = static_cast<unsigned char*>(block);
  for (std::size_t i = 16; i < bytes; ++i)
    payload[i] = static_cast<unsigned char>(stamp >> (i % 8 * 8));
}
inline bool is_filled(const void* block, std::size_t bytes, std::uint64_t stamp) {
  const auto* payload = static_cast<const unsigned char*>(block);
  for (std::size_t i = 16; i < bytes; ++i)
    if (payload[i] != static_cast<unsigned char>(stamp >> (i % 8 * 8))) return false;
  return true;
}

// A live block of this thread's slot.
inline void* make_block(std::size_t bytes) {
  Slot& self = *current();
  void* block = self.heap->allocate(bytes);
  if (block == nullptr) return nullptr;
  block_word(block).store(self.self_word + 1, release);
  liveness_of(block).store(block_state::kLive, relaxed);
  return block;
}

// The end of a live block of any slot, by this thread. With a quarantine it stays there.
inline void end_block(void* block) {
  liveness_of(block).store(block_state::kDead, relaxed);
  block_word(block).store(0, relaxed);
  current()->heap->free(block);
}

// The same, and the block can be used again at once.
inline void end_block_now(void* block) {
  end_block(block);
  current()->heap->flush_quarantine();
}

}  // namespace threadmill
