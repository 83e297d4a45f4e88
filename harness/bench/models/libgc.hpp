// SPDX-License-Identifier: Apache-2.0
//
// The model libgc: the Boehm collector. A reference is a pointer, and costs nothing to
// copy; objects end in a collection, which finds pointers in registers, stacks, static
// data, its own memory, and what traceable_allocator gives. It never moves an object and
// takes any word that looks like a pointer for one, so a dead object may stay.
//
// The collector stops registered threads by signals, so nobody needs to poll.
#pragma once

#define GC_THREADS
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gc/gc.h>
#include <gc/gc_allocator.h>

#include "harness/bench/models/plain_objects.hpp"

namespace threadmill::bench {

// How long its threads were stopped; told by the collector, which has its lock meanwhile.
class LibgcPauses {
 public:
  static void begin() { began_at = now(); }
  static void end() { nanoseconds.push_back(now() - began_at); }

  // Since the last time. Not during a collection.
  [[nodiscard]] static portable::Pauses take() {
    GC_disable();
    std::vector<std::uint64_t> taken;
    GC_call_with_alloc_lock(
        [](void* to) -> void* {
          static_cast<std::vector<std::uint64_t>*>(to)->swap(nanoseconds);
          return nullptr;
        },
        &taken);
    GC_enable();
    if (taken.empty()) return {};
    std::sort(taken.begin(), taken.end());
    const auto at = [&taken](std::size_t percent) {
      return taken[(taken.size() - 1) * percent / 100];
    };
    return {taken.size(), at(50), at(99), taken.back()};
  }

 private:
  [[nodiscard]] static std::uint64_t now() {
    const auto since = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
  }

  // Guarded by the collector's lock.
  static inline std::uint64_t began_at = 0;
  static inline std::vector<std::uint64_t> nanoseconds;
};

struct Libgc {
  struct Process {
    Process() {
      GC_INIT();
      GC_allow_register_threads();
      GC_set_on_collection_event([](GC_EventType event) {
        if (event == GC_EVENT_PRE_STOP_WORLD) LibgcPauses::begin();
        if (event == GC_EVENT_POST_START_WORLD) LibgcPauses::end();
      });
    }
  };

  struct World {
    // Twice: what the finalizers of the first one let go.
    void collect() {
      for (int i = 0; i < 2; ++i) {
        GC_gcollect();
        GC_invoke_finalizers();
      }
    }
    [[nodiscard]] portable::Pauses pauses() { return LibgcPauses::take(); }
  };

  class Thread {
   public:
    explicit Thread(World& /*world*/) {
      GC_stack_base base;
      if (GC_get_stack_base(&base) != GC_SUCCESS) throw std::bad_alloc();
      registered_ = GC_register_my_thread(&base) == GC_SUCCESS;  // else it is already
    }
    ~Thread() {
      if (registered_) GC_unregister_my_thread();
    }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

   private:
    bool registered_;
  };
  using Blocked = NoBlocked;

  static constexpr bool kDiesAtOnce = false;
  static constexpr bool kCollectsCycles = true;
  static constexpr bool kDropsDeeply = true;

  struct Object {};
  using Ref = Object*;
  template <class T>
  using Allocator = traceable_allocator<T>;
  template <class T>
  using Inside = gc_allocator<T>;

  static std::string name() { return "libgc"; }
  static std::vector<portable::ModelFact> facts() {
    const unsigned version = GC_get_version();
    return {{"allocator", "libgc"},
            {"libgc_version", std::to_string(version >> 16) + "." +
                                  std::to_string(version >> 8 & 0xff) + "." +
                                  std::to_string(version & 0xff)}};
  }
  static void poll() {}

  template <class T, class... Arguments>
  static Ref make(Arguments&&... arguments) {
    void* const memory = allocate(
        sizeof(T), requires { T::kNoReferences; });
    T* const made = new (memory) T(std::forward<Arguments>(arguments)...);
    if constexpr (requires { made->tally; }) {
      if (made->tally != nullptr) {
        GC_REGISTER_FINALIZER_NO_ORDER(
            made, [](void* dead, void*) { static_cast<T*>(dead)->~T(); }, nullptr,
            nullptr, nullptr);
      }
    }
    return made;
  }
  static Object& object(const Ref& ref) { return *ref; }

  // A disappearing link in memory that the collector does not look into.
  using Weak = void**;
  static Weak weak(const Ref& ref) {
    auto* const made = static_cast<void**>(allocate(sizeof(void*), true));
    *made = ref;
    if (GC_general_register_disappearing_link(made, ref) == GC_NO_MEMORY)
      throw std::bad_alloc();
    return made;
  }
  static Ref lock(const Weak& weak) {
    return static_cast<Ref>(GC_call_with_alloc_lock(
        [](void* from) { return *static_cast<void**>(from); }, weak));
  }

 private:
  [[nodiscard]] static void* allocate(std::size_t bytes, bool no_references) {
    void* const memory = no_references ? GC_MALLOC_ATOMIC(bytes) : GC_MALLOC(bytes);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
};

using LibgcModel = PlainObjects<Libgc>;
static_assert(portable::HasWeak<LibgcModel> && portable::HasPauses<LibgcModel>);

}  // namespace threadmill::bench
