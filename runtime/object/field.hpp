// SPDX-License-Identifier: Apache-2.0
//
// Field<T>: a counted reference inside an object of a user's type. Any attached thread
// that has a reference to the object may load and store it, without a lock: whatever is
// stored may be referenced by late readers from then on (maybe_weak), so a load can
// always take its reference, or finds that the field has changed.
#pragma once

#include "runtime/base/fault.hpp"
#include "runtime/object/lockfree_slot.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

template <class T>
class Field {
 public:
  Field() noexcept = default;
  explicit Field(Ref<T> value) noexcept : slot_(prepare(value)) {}

  [[nodiscard]] Ref<T> load() const noexcept {
    Object* found;
    while (!slot_.try_get(found, []() noexcept { return true; })) {
    }
    return Ref<T>::adopt(static_cast<T*>(found));
  }

  void store(Ref<T> value) noexcept {
    if (fault(Fault::decref_old_value_before_unlink)) {
      drop_then_store(std::move(value));
      return;
    }
    exchange(std::move(value)).reset();
  }

  Ref<T> exchange(Ref<T> value) noexcept {
    return Ref<T>::adopt(static_cast<T*>(slot_.swap(prepare(value))));
  }

  // For traverse().
  [[nodiscard]] Object* peek() const noexcept { return slot_.peek(); }

 private:
  // Of a fault.
  void drop_then_store(Ref<T> value) noexcept {
    if (Object* old = slot_.peek()) decref(*old);
    static_cast<void>(slot_.swap(prepare(value)));
  }
  static Object* prepare(Ref<T>& value) noexcept {
    if (value) set_maybe_weak(*value);
    return value.release();
  }

  ObjectSlot slot_;
};

}  // namespace threadmill
