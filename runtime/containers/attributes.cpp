// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/attributes.hpp"

#include <memory>
#include <utility>

#include "runtime/object/allocate.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

// A1, A2: attributes.hpp.

// The functions of the Type.
struct AttributesType {
  static void traverse(Object& self, Visitor& visit) noexcept {
    const auto& attributes = static_cast<const Attributes&>(self);
    for (std::uint32_t i = 0; i < attributes.capacity(); ++i)
      visit(attributes.values()[i].peek());
  }
  // The collector has found that no thread has a reference to the instance.
  static void clear(Object& self) noexcept {
    auto& attributes = static_cast<Attributes&>(self);
    for (std::uint32_t i = 0; i < attributes.capacity(); ++i)
      attributes.values()[i].store(nullptr);
    attributes.size_ = 0;
  }
};

namespace {

constexpr Type kAttributes{.name = "attributes",
                           .traverse = AttributesType::traverse,
                           .clear = AttributesType::clear,
                           .release = nullptr,
                           .hash = nullptr,
                           .equal = nullptr};

[[maybe_unused]] const TypeId registered =
    register_builtin_type(kAttributesType, kAttributes);

}  // namespace

Attributes::Attributes(SharedNames& names, std::uint32_t capacity) noexcept
    : names_(names), capacity_(static_cast<std::uint8_t>(capacity)) {
  std::uninitialized_value_construct_n(values(), capacity);
}

Ref<Attributes> Attributes::create(SharedNames& names,
                                   std::uint32_t capacity) noexcept {
  return Ref<Attributes>::adopt(allocate<Attributes>(
      sizeof(Attributes) + capacity * sizeof(Field<Object>), kTypeId, names, capacity));
}

Ref<Object> Attributes::get(std::string_view name) const noexcept {
  poll_outside_sections();
  const std::uint32_t number = names_.find(name);
  return number < capacity_ ? values()[number].load() : nullptr;
}

Ref<Object> Attributes::exchange(std::uint32_t number, Ref<Object> value) noexcept {
  const bool is_set = value != nullptr;
  Ref<Object> old = values()[number].exchange(std::move(value));
  if (is_set == (old != nullptr)) return old;
  if (is_set) {
    order_[size_] = static_cast<std::uint8_t>(number);
    ++size_;
    return old;
  }
  --size_;
  bool is_past = false;
  for (std::uint32_t i = 0; i < size_; ++i) {
    is_past |= order_[i] == number;
    if (is_past) order_[i] = static_cast<std::uint8_t>(order_[i + 1]);
  }
  return old;
}

void Attributes::copy_to(Dict& dict) const noexcept {
  for (std::uint32_t i = 0; i < size_; ++i) {
    const std::uint32_t number = order_[i];
    dict.add_first(Ref<Object>::share(&names_.name(number)), values()[number].load());
  }
}

void Attributes::copy_to(Attributes& larger) const noexcept {
  for (std::uint32_t i = 0; i < size_; ++i) {
    const std::uint32_t number = order_[i];
    (void)larger.exchange(number, values()[number].load());
  }
}

}  // namespace threadmill
