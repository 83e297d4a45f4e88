// SPDX-License-Identifier: Apache-2.0
//
// Ref<T>: an owning handle, used like std::shared_ptr. Each Ref counts one reference.
// A Ref is used by one thread at a time, which is attached; to hand a reference to
// another thread, `release()` it there and `adopt()` it here, or let the other thread
// read it from a container.
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include "runtime/object/refcount.hpp"

namespace threadmill {

template <class T>
class Ref {
 public:
  constexpr Ref() noexcept = default;
  constexpr Ref(std::nullptr_t) noexcept {}

  Ref(const Ref& other) noexcept : object_(other.object_) {
    if (object_ != nullptr) incref(*object_);
  }
  Ref(Ref&& other) noexcept : object_(other.release()) {}

  template <std::derived_from<T> U>
    requires(!std::same_as<T, U>)
  Ref(const Ref<U>& other)
  noexcept : Ref(share(other.get())) {}
  template <std::derived_from<T> U>
    requires(!std::same_as<T, U>)
  Ref(Ref<U>&& other)
  noexcept : object_(other.release()) {}

  Ref& operator=(const Ref& other) noexcept {
    Ref(other).swap(*this);
    return *this;
  }
  Ref& operator=(Ref&& other) noexcept {
    Ref(std::move(other)).swap(*this);
    return *this;
  }

  ~Ref() {
    if (object_ != nullptr) decref(*object_);
  }

  // Takes over a reference that somebody released.
  [[nodiscard]] static Ref adopt(T* object) noexcept {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  // A new reference to an object that is known to be alive. Null is allowed.
  [[nodiscard]] static Ref share(T* object) noexcept {
    if (object != nullptr) incref(*object);
    return adopt(object);
  }

  // Gives up the handle, not the reference.
  [[nodiscard]] T* release() noexcept { return std::exchange(object_, nullptr); }
  void reset() noexcept { Ref().swap(*this); }
  void swap(Ref& other) noexcept { std::swap(object_, other.object_); }

  [[nodiscard]] T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept {
    assert_usable(object_);
    return object_;
  }
  explicit operator bool() const noexcept { return object_ != nullptr; }

  // Identity.
  template <class U>
  bool operator==(const Ref<U>& other) const noexcept {
    return static_cast<const Object*>(object_) ==
           static_cast<const Object*>(other.get());
  }
  bool operator==(std::nullptr_t) const noexcept { return object_ == nullptr; }

 private:
  T* object_ = nullptr;
};

}  // namespace threadmill
