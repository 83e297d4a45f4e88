// SPDX-License-Identifier: Apache-2.0
//
// World: what the threads of one runtime share: the table of slots, the state of
// stopping, the epoch of QSBR, and the calls into higher layers.
//
// The table grows under the stop lock only, so a pause sees every slot; a slot never
// moves and is never freed before its world.
//
// Edges
//   slot-published   a new slot is complete before another thread finds it in the table
#pragma once

#include <cstdint>

#include "runtime/base/annotations.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/ticket_lock.hpp"
#include "runtime/thread/latency.hpp"
#include "runtime/thread/slot.hpp"

namespace threadmill {

class CallsAtDeath;
class Collector;
class Distribution;
class StringTable;

class World {
 public:
  static constexpr SlotId kMaxSlots = kExplored ? 31 : 8192;

  // How lower layers reach up. Set once, before a second thread enters.
  struct Hooks {
    void* context;
    // Gives a new slot its heap and lists. False: out of memory.
    bool (*open_slot)(void* context, Slot& slot) noexcept;
    void (*close_slot)(void* context, Slot& slot) noexcept;
    // Merges what is in the inbox of `self`, which the caller holds, attached.
    void (*drain_inbox)(Slot& self) noexcept;
    // Merges what is in the inbox of `target`: in a pause, or if it can be claimed.
    void (*help_slot)(Slot& self, Slot& target) noexcept;
    // A quiescent point of `self`, which has retired memory or pages to give back, or
    // there are some in limbo.
    void (*quiescent)(Slot& self) noexcept;
    // The heap of `self`, which is at a safepoint, wants another page: a collection may
    // be due.
    void (*before_growth)(Slot& self) noexcept;
    // A page of the heap of `self`, which is at a safepoint, is used up: a collection may
    // be due, of what is young perhaps.
    void (*page_used_up)(Slot& self) noexcept = [](Slot&) noexcept {};
    // `self`, at a safepoint, holds more retired memory than it may.
    void (*over_budget)(Slot& self) noexcept = [](Slot&) noexcept {};
    // The holder of `self` is about to leave for good, or to detach, at a quiescent point.
    // Also when what came meanwhile has kept it.
    void (*departing)(Slot& self, bool for_good) noexcept = [](Slot&, bool) noexcept {};
  };

  explicit World(const Hooks& hooks, const ChaosSettings& chaos = {}) noexcept
      : hooks_(hooks), chaos_(chaos) {}
  ~World();

  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] const Hooks& hooks() const noexcept { return hooks_; }

  // Slots have the numbers 1 to slot_count().
  [[nodiscard]] SlotId slot_count() const noexcept {
    // edge: slot-published
    return count_.load(acquire);
  }
  [[nodiscard]] Slot& slot(SlotId id) const noexcept {
    // edge: slot-published
    return *slots_[id].load(acquire);
  }

  template <class Visit>
  void for_each_slot(Visit visit) const noexcept {
    const SlotId count = slot_count();
    for (SlotId id = 1; id <= count; ++id) visit(slot(id));
  }

  // A new slot beside the `count` that there are, attached. Null: out of memory, or
  // kMaxSlots are in use.
  [[nodiscard]] Slot* add_slot(SlotId count) noexcept TM_REQUIRES(stop_lock);

  // Serves pauses and growth of the table in the order of asking.
  TicketLock stop_lock;
  PauseTimes pause_times TM_GUARDED_BY(stop_lock);

  // Odd while a pause is being requested or in force; stopped threads sleep on it.
  Atomic<std::uint32_t> pause_word;
  // Attached threads that have not stopped yet; transiently below zero (wrapped).
  Atomic<std::uint32_t> countdown;
  // Everybody is stopped. Only checks read it.
  Atomic<bool> stopped;

  // QSBR: see qsbr.hpp.
  alignas(kCacheLine) Atomic<std::uint64_t> epoch{1};

  // Who ends the runtime (ending.hpp); 0: nobody. Looked at by those who came to wait.
  Atomic<SlotId> ender;

  // For reports (waiting.hpp): who stops the world, or has; who collects. 0: nobody.
  Atomic<SlotId> stopper;
  Atomic<SlotId> collecting;

  // Trash is being cleared, page by page: pages are not given back. Set in a pause.
  Atomic<bool> pages_stay;
  // Pages that no slot has; a hint (memory/limbo.hpp).
  alignas(kCacheLine) Atomic<std::size_t> pages_in_limbo;

  Collector* collector = nullptr;  // set once by the collector layer
  // Set once, for the layer of containers.
  StringTable* strings = nullptr;
  CallsAtDeath* calls_at_death = nullptr;
  // Set once by the object layer; may stay null.
  Distribution* distribution = nullptr;

 private:
  void publish(SlotId id, Slot* slot) noexcept;

  const Hooks hooks_;
  const ChaosSettings chaos_;
  Atomic<SlotId> count_;
  Atomic<Slot*> slots_[kMaxSlots + 1];
};

}  // namespace threadmill
