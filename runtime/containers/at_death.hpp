// SPDX-License-Identifier: Apache-2.0
//
// AtDeath: a call that is to be made once, as an object dies, at the latest as the runtime
// ends (Python's weakref.finalize).
//
//     auto closing = AtDeath::create(*file, close_function, descriptor);
//     closing.call();      // now, and not again
//     closing.detach();    // never
//
// The runtime keeps the call: nobody has to hold the handle, whose copies are the same
// call. It does not keep the object; an action that refers to it does, so it never dies.
// The calls of one object are made with the newest first. Attached threads.
//
// A call stands in a Dict of the runtime, under a number of its own, as a tuple: the weak
// reference to its object, whose callback makes the call; action; argument; whether it is
// made at the end. Whoever takes it out makes it, so it is made once.
#pragma once

#include <cstdint>

#include "runtime/containers/dict.hpp"
#include "runtime/containers/kept.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

class AtDeath {
 public:
  // What happens if the object is still alive as the runtime ends.
  enum class AtEnd { called, forgotten };

  // The handle of nothing.
  AtDeath() noexcept = default;
  // `action`, which can be called, is called with `argument`, or with an empty tuple if
  // that is null. False by operator bool: out of memory.
  [[nodiscard]] static AtDeath create(Object& target,
                                      Ref<Object> action,
                                      Ref<Object> argument = {},
                                      AtEnd at_end = AtEnd::called) noexcept;
  explicit operator bool() const noexcept { return number_ != nullptr; }

  // It was neither made nor detached.
  [[nodiscard]] bool is_alive() const noexcept;

  // Makes the call. False: it was made or detached before.
  bool call() noexcept;

  struct Details {
    Ref<Object> target;
    Ref<Object> action;
    Ref<Object> argument;
  };
  // What would be called; nulls if it is not alive, or its object is dying.
  [[nodiscard]] Details peek() const noexcept;
  // The same, and it is not called any more.
  Details detach() noexcept;

 private:
  Ref<Object> number_;
};

// The calls of a runtime.
class CallsAtDeath {
 public:
  CallsAtDeath() noexcept = default;
  CallsAtDeath(const CallsAtDeath&) = delete;
  CallsAtDeath& operator=(const CallsAtDeath&) = delete;

  // Makes those that are to be made at the end, the newest first, and what is created
  // meanwhile. The last attached thread.
  void call_all() noexcept;

  // They are in it, by number; it is made when somebody asks for it. Null: out of memory.
  // Attached threads.
  [[nodiscard]] Ref<Dict> entries() noexcept { return entries_.get(); }
  // Without a reference; null: nobody has asked for it.
  [[nodiscard]] Dict* peek() const noexcept { return entries_.peek(); }

 private:
  friend class AtDeath;

  Kept<Dict> entries_;
  Atomic<std::int64_t> next_number_;
};

}  // namespace threadmill
