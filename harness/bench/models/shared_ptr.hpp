// SPDX-License-Identifier: Apache-2.0
//
// The model shared-ptr: std::shared_ptr, whose counts are atomic and stand beside the
// object. libstdc++ counts without atomics as long as a process has never had a second
// thread, so Process starts one.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/bench/models/plain_objects.hpp"

namespace threadmill::bench {

struct SharedPointers {
  struct Process {
    Process() {
      std::thread([] {}).join();
    }
  };
  using World = NoWorld;
  using Thread = NoThread;
  using Blocked = NoBlocked;

  static constexpr bool kDiesAtOnce = true;
  static constexpr bool kCollectsCycles = false;
  static constexpr bool kDropsDeeply = false;

  struct Object {};
  using Ref = std::shared_ptr<Object>;
  template <class T>
  using Allocator = std::allocator<T>;
  template <class T>
  using Inside = std::allocator<T>;

  static std::string name() { return "shared-ptr"; }
  static std::vector<portable::ModelFact> facts() { return {}; }
  static void poll() {}

  template <class T, class... Arguments>
  static Ref make(Arguments&&... arguments) {
    return std::make_shared<T>(std::forward<Arguments>(arguments)...);
  }
  static Object& object(const Ref& ref) { return *ref; }

  using Weak = std::weak_ptr<Object>;
  static Weak weak(const Ref& ref) { return ref; }
  static Ref lock(const Weak& weak) { return weak.lock(); }
};

using SharedPtrModel = PlainObjects<SharedPointers>;
static_assert(portable::HasWeak<SharedPtrModel>);

}  // namespace threadmill::bench
