// SPDX-License-Identifier: Apache-2.0
//
// The model intrusive-ptr: boost::intrusive_ptr with an atomic count in the object. It has
// no weak references.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <boost/version.hpp>

#include "harness/bench/models/plain_objects.hpp"

namespace threadmill::bench {

struct IntrusivePointers {
  using Process = NoProcess;
  using World = NoWorld;
  using Thread = NoThread;
  using Blocked = NoBlocked;

  static constexpr bool kDiesAtOnce = true;
  static constexpr bool kCollectsCycles = false;
  static constexpr bool kDropsDeeply = false;

  struct Object : boost::intrusive_ref_counter<Object, boost::thread_safe_counter> {
    virtual ~Object() = default;
  };
  using Ref = boost::intrusive_ptr<Object>;
  template <class T>
  using Allocator = std::allocator<T>;
  template <class T>
  using Inside = std::allocator<T>;

  static std::string name() { return "intrusive-ptr"; }
  static std::vector<portable::ModelFact> facts() {
    return {{"boost_version", BOOST_LIB_VERSION}};
  }
  static void poll() {}

  template <class T, class... Arguments>
  static Ref make(Arguments&&... arguments) {
    return Ref(new T(std::forward<Arguments>(arguments)...));
  }
  static Object& object(const Ref& ref) { return *ref; }
};

using IntrusivePtrModel = PlainObjects<IntrusivePointers>;
static_assert(portable::ObjectModel<IntrusivePtrModel>);

}  // namespace threadmill::bench
