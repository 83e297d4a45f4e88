// SPDX-License-Identifier: Apache-2.0
//
// WeakMethod: a weak reference to a function together with the object that it is to be
// called for (Python's WeakMethod of a bound method). Here nothing binds the two but this
// handle, used by one thread at a time. Attached threads.
#pragma once

#include "runtime/containers/function.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/weak.hpp"

namespace threadmill {

class WeakMethod {
 public:
  // The handle of nothing.
  WeakMethod() noexcept = default;
  // The callback is called once, with the weak reference to what dies first, if the handle
  // is there by then. False by operator bool: out of memory.
  [[nodiscard]] static WeakMethod create(Object& self,
                                         Function& function,
                                         Ref<Object> callback = {}) noexcept;
  explicit operator bool() const noexcept { return self_ && function_; }

  struct Method {
    Ref<Object> self;
    Ref<Function> function;

    explicit operator bool() const noexcept { return self && function; }
  };
  // Nulls, both: one of them is dead, or dying.
  [[nodiscard]] Method get() const noexcept;

 private:
  Ref<WeakReference> self_;
  Ref<WeakReference> function_;
};

}  // namespace threadmill
