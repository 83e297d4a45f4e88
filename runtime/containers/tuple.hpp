// SPDX-License-Identifier: Apache-2.0
//
// Tuple: a fixed row of objects. Immutable, so any thread that has a reference reads it
// without a lock, and taking an item is an ordinary incref. Short ones keep their items
// behind the object, long ones in a buffer.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "runtime/memory/size_class.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

class Tuple : public Object {
 public:
  static constexpr TypeId kTypeId = kTupleType;

  // Of references to `items`. Null: out of memory, or an item is null.
  [[nodiscard]] static Ref<Tuple> create(std::span<const Ref<Object>> items) noexcept;
  [[nodiscard]] static Ref<Tuple> create(
      std::initializer_list<Ref<Object>> items) noexcept {
    return create(std::span(items.begin(), items.size()));
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // Null: out of range.
  [[nodiscard]] Ref<Object> at(std::size_t index) const noexcept {
    return index < size_ ? Ref<Object>::share(items()[index]) : nullptr;
  }

  // For the Type, and for allocate(): `buffer` null if the items fit behind the object.
  Tuple(std::span<const Ref<Object>> items, Object** buffer) noexcept;
  static void traverse(Object& self, Visitor& visit) noexcept;
  static void release(Object& self) noexcept;
  static std::uint64_t hash(const Object& self) noexcept;
  static bool equal(const Object& self, const Object& other) noexcept;

 private:
  static constexpr std::size_t kMaxInline = (kMaxObjectBytes - 24) / sizeof(Object*);

  [[nodiscard]] Object* const* items() const noexcept {
    auto* behind = reinterpret_cast<Object* const*>(this + 1);
    return size_ <= kMaxInline ? behind : reinterpret_cast<Object* const*>(*behind);
  }

  const Plain<std::size_t> size_;
};

static_assert(sizeof(Tuple) == 24);

}  // namespace threadmill
