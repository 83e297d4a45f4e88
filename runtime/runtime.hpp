// SPDX-License-Identifier: Apache-2.0
//
// Threadmill's runtime: reference-counted objects that threads share without a global
// lock. This is the header that users include.
//
//     auto runtime = threadmill::Runtime::create();
//     threadmill::Attached here(*runtime);
//     auto list = threadmill::make<threadmill::List>();
//     if (!list->append(threadmill::make<threadmill::Int>(42))) ...  // out of memory:
//                                                      // for the Int, or for the list
//     runtime->gc().collect();
//
// A thread is attached (Attached) while it uses objects, detached (Detached) while it
// blocks, and passes a safepoint now and then: allocation, operations of containers, or
// `safepoint()`. Nothing throws; out of memory is a null Ref or `false`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/system_memory.hpp"
#include "runtime/collector/gc.hpp"
#include "runtime/collector/verify.hpp"
#include "runtime/containers/cell.hpp"
#include "runtime/containers/dict.hpp"
#include "runtime/containers/function.hpp"
#include "runtime/containers/instance.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/containers/none.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/set.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/containers/string_table.hpp"
#include "runtime/containers/tuple.hpp"
#include "runtime/containers/weak_dict.hpp"
#include "runtime/containers/weak_set.hpp"
#include "runtime/memory/allocation_counts.hpp"
#include "runtime/memory/held.hpp"
#include "runtime/memory/retire_budget.hpp"
#include "runtime/object/critical_section.hpp"
#include "runtime/object/field.hpp"
#include "runtime/object/immortal.hpp"
#include "runtime/object/make.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/weak.hpp"
#include "runtime/sync/event.hpp"
#include "runtime/sync/once.hpp"
#include "runtime/sync/recursive_mutex.hpp"
#include "runtime/sync/rw_lock.hpp"
#include "runtime/sync/seq_lock.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/blocking.hpp"
#include "runtime/thread/chaos_settings.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/latency.hpp"
#include "runtime/thread/safepoint.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/waiting.hpp"

namespace threadmill {

// One heap and the threads that share it. Runtimes are independent of each other; a
// process may have several, one after another or at once, but a thread is attached to one
// at a time.
class Runtime : public SystemAllocated {
 public:
  struct Options {
    // Address space for objects, reserved and not used until needed. At most 16 GiB.
    std::uint64_t arena_bytes = Arena::kMaxBytes;
    ChaosSettings chaos = {};
    // Bytes of buffers that may wait for late readers.
    RetireLimits retire_limits = {};
  };

  // Null: out of memory or address space.
  [[nodiscard]] static std::unique_ptr<Runtime> create(const Options& options) noexcept;
  [[nodiscard]] static std::unique_ptr<Runtime> create() noexcept {
    return create(Options{});
  }

  // Every thread has left. What is still alive is freed without its destructor being
  // run in any order that references promise.
  ~Runtime();

  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  [[nodiscard]] Gc gc() noexcept { return Gc(collector_); }

  // Mortal live objects. The caller is attached; stops the world.
  [[nodiscard]] std::uint64_t live_objects() noexcept;

  // The heap verifier; see collector/verify.hpp. The caller is attached; stops the world.
  [[nodiscard]] HeapReport verify(std::span<Object* const> roots) noexcept;

  // What the holder of a slot (1 to slot_count()) does and waits for. Any thread, attached
  // or not; see thread/waiting.hpp.
  [[nodiscard]] SlotId slot_count() const noexcept { return world_.slot_count(); }
  [[nodiscard]] ThreadState thread_state(SlotId slot) const noexcept {
    return threadmill::thread_state(world_, slot);
  }

  // How often chaos disturbed a thread at each point. When no thread runs, or in a pause.
  [[nodiscard]] std::array<std::uint64_t, kChaosPoints> disturbances() const noexcept;

  // How long threads waited because of pauses, up to now; see thread/latency.hpp. The
  // caller is attached; stops the world.
  [[nodiscard]] Latencies latencies() noexcept;

  // What is kept although no live object needs it; see memory/held.hpp. The caller is
  // attached; stops the world.
  [[nodiscard]] HeldMemory held_memory() noexcept;

  // Objects of all types that have ended or live, by their type and the slot whose holder
  // made or freed them: `visit(SlotId, TypeId, const AllocationCount&)` for each pair of
  // which there are any. It touches no object. The caller is attached; stops the world.
  template <class Visit>
  void for_each_allocation_count(Visit visit) noexcept {
    const StoppedWorld pause(*current());
    world_.for_each_slot([&visit](Slot& slot) {
      for (TypeId type = 0; type < kMaxTypes; ++type) {
        const AllocationCount count = slot.heap->counts().of(type);
        if (count.made != 0 || count.ended != 0) visit(slot.id, type, count);
      }
    });
  }
  // The sum over all slots. The caller is attached; stops the world.
  [[nodiscard]] AllocationCount allocations(TypeId type) noexcept;

  // Bytes of object pages in use; buffers not included. Any thread.
  [[nodiscard]] std::uint64_t page_bytes() const noexcept {
    return arena_.pages_in_use() * kPageBytes;
  }

 private:
  friend class Attached;
  friend Ref<Object> none() noexcept;

  explicit Runtime(const Options& options) noexcept;
  [[nodiscard]] bool make_singletons() noexcept;
  void free_what_is_left() noexcept;

  static bool open_slot(void* context, Slot& slot) noexcept;
  static void close_slot(void* context, Slot& slot) noexcept;

  Arena arena_;
  RetireBudget retire_budget_;
  World world_;
  Collector collector_;
  StringTable strings_;
  Object* none_ = nullptr;
};

// Attaches this thread to `runtime` for the scope's length. False: it got no slot, for
// want of memory or because World::kMaxSlots are taken, and is not attached.
class Attached {
 public:
  explicit Attached(Runtime& runtime) noexcept : slot_(enter(runtime.world_)) {}
  ~Attached() {
    if (slot_ != nullptr) leave();
  }

  explicit operator bool() const noexcept { return slot_ != nullptr; }

  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;

 private:
  Slot* slot_;
};

[[nodiscard]] inline bool is_attached() noexcept { return current() != nullptr; }

// The None of the runtime to which this thread is attached; immortal.
[[nodiscard]] Ref<Object> none() noexcept;

}  // namespace threadmill
