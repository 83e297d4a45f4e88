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

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "runtime/base/system_memory.hpp"
#include "runtime/collector/gc.hpp"
#include "runtime/collector/verify.hpp"
#include "runtime/containers/at_death.hpp"
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
#include "runtime/containers/weak_list.hpp"
#include "runtime/containers/weak_method.hpp"
#include "runtime/containers/weak_set.hpp"
#include "runtime/memory/allocation_counts.hpp"
#include "runtime/memory/held.hpp"
#include "runtime/memory/retire_budget.hpp"
#include "runtime/object/critical_section.hpp"
#include "runtime/object/deferred.hpp"
#include "runtime/object/distributed.hpp"
#include "runtime/object/field.hpp"
#include "runtime/object/hand_off.hpp"
#include "runtime/object/immortal.hpp"
#include "runtime/object/make.hpp"
#include "runtime/object/rebias.hpp"
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
#include "runtime/thread/ending.hpp"
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

  // Every thread has left, or the runtime was ended. Calls are made that AtDeath has left
  // for the end, by this thread, attached. What is still alive then is freed without its
  // destructor being run in any order that references promise, and without its finalizer.
  ~Runtime();

  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  [[nodiscard]] Gc gc() noexcept { return Gc(collector_); }

  // Ends it while other threads are still in it, as Py_Finalize does with daemon threads:
  // from now on `Attached` is false; whoever is attached stops for good at its next
  // safepoint; whoever is detached, when it wants to attach again. Waits for those that are
  // attached, or collect. So tell and join first the threads that are to finish. Then the
  // calls are made that AtDeath has left for the end, the lists that the runtime keeps
  // (gc().roots(), gc().garbage()) are emptied, and cycles collected: finalizers and
  // callbacks run, in this thread. What is left is what handles keep alive; its number is
  // returned.
  //
  // The caller is attached, and the only one that is from then on. It leaves, and then the
  // runtime may be destroyed: a thread that stopped for good does not come back to it, but
  // it never exits either. Threads that try to enter, or leave by themselves, may do so only
  // as long as the runtime exists.
  std::uint64_t end() noexcept;
  [[nodiscard]] bool is_ending() const noexcept {
    return world_.ender.load(relaxed) != 0;  // relaxed: stale at once
  }

  // fork(2) with a child that can go on: it is the calling thread, attached as before, and
  // all others have left: their slots are vacant, what was queued to them is merged, and no
  // object is locked but by this thread. The heap is whole; what only handles on the stacks
  // of other threads kept alive stays alive. The child may collect, and start threads. Of
  // what is not the runtime's nothing is made good: a user's Mutex, RwLock or std::mutex
  // that another thread held stays locked, and other runtimes of the process must not be
  // used any more.
  //
  // The caller is attached; stops the world; a safepoint. -1 and errno: there is no child,
  // EDEADLK for want of an end to the collection whose user code asks for it.
  [[nodiscard]] pid_t fork() noexcept;
  // The same in parts, for those who do not fork themselves (pthread_atfork): the world is
  // stopped in between. False: as EDEADLK above, and nothing has been done.
  [[nodiscard]] bool before_fork() noexcept;
  void after_fork_in_parent() noexcept;
  void after_fork_in_child() noexcept;

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

  // How often the world was stopped, a stop that is under way included. Any thread.
  [[nodiscard]] std::uint32_t pauses() const noexcept {
    const std::uint32_t word = world_.pause_word.load(relaxed);  // relaxed: a statistic
    return word / 2 + word % 2;
  }

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
  void call_what_is_left() noexcept;
  void free_what_is_left() noexcept;
  // While it ends. True: nobody else is in it.
  [[nodiscard]] bool is_alone(Slot& self) noexcept;
  // How many there are.
  std::uint64_t empty_kept_lists() noexcept;

  static bool open_slot(void* context, Slot& slot) noexcept;
  static void close_slot(void* context, Slot& slot) noexcept;

  Arena arena_;
  RetireBudget retire_budget_;
  World world_;
  Collector collector_;
  StringTable strings_;
  CallsAtDeath calls_at_death_;
  Distribution distribution_;
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
