// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/instance.hpp"

#include <algorithm>
#include <memory>

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/containers/attributes.hpp"
#include "runtime/containers/string_table.hpp"
#include "runtime/object/allocate.hpp"
#include "runtime/object/critical_section.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

// The functions of the Type.
struct InstanceType {
  static void traverse(Object& self, Visitor& visit) noexcept {
    auto& instance = static_cast<Instance&>(self);
    for (std::size_t i = 0; i < class_of(instance).field_count(); ++i)
      visit(instance.fields()[i].peek());
  }
  static void clear(Object& self) noexcept {
    auto& instance = static_cast<Instance&>(self);
    for (std::size_t i = 0; i < class_of(instance).field_count(); ++i)
      instance.fields()[i].store(nullptr);
  }
  static void finalize(Object& self) noexcept {
    auto& instance = static_cast<Instance&>(self);
    class_of(instance).finalize_instance_(instance);
  }
};

namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;  // of UTF-8
}
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_identifier(std::string_view text) noexcept {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) noexcept { return is_letter(c) || is_digit(c); });
}

}  // namespace

Class::Class(const Description& description) noexcept
    : Type{.name = description.name,
           .traverse = InstanceType::traverse,
           .clear = InstanceType::clear,
           .release = nullptr,
           .hash = nullptr,
           .equal = nullptr},
      has_dict_(description.has_dict),
      finalize_instance_(description.finalize),
      base_(description.base) {
  if (base_ != nullptr) {
    has_dict_ = has_dict_ || base_->has_dict_;
    if (finalize_instance_ == nullptr) finalize_instance_ = base_->finalize_instance_;
    for (std::size_t i = 0; i < base_->slot_count_; ++i)
      add_slot(base_->slot_names_[i]);
  }
  for (const std::string_view slot_name : description.slots) add_slot(slot_name);
  if (finalize_instance_ != nullptr) finalize = InstanceType::finalize;
  id_ = register_type(*this);
}

void Class::add_slot(std::string_view slot_name) noexcept {
  TM_CHECK(is_identifier(slot_name), "slot-names-are-identifiers",
           "the name of a slot is empty, begins with a digit, or has other characters "
           "than letters, digits and _");
  TM_CHECK(slot_index(slot_name) == kNoSlot, "slot-names-differ",
           "a class has two slots of one name, or one that its base has already");
  TM_CHECK(field_count() < kMaxFields, "slots-fit-an-object",
           "a class has more than 126 slots, its base's and its dict included");
  slot_names_[slot_count_++] = slot_name;
}

std::size_t Class::slot_index(std::string_view slot_name) const noexcept {
  for (std::size_t i = 0; i < slot_count_; ++i) {
    if (slot_names_[i] == slot_name) return i;
  }
  return kNoSlot;
}

bool Class::has_instance(const Object& object) const noexcept {
  const Type& type = type_of(object);
  if (type.traverse != InstanceType::traverse) return false;
  const auto* candidate = static_cast<const Class*>(&type);
  while (candidate != nullptr && candidate != this) candidate = candidate->base_;
  return candidate != nullptr;
}

template <>
Ref<Instance> cast<Instance>(Ref<Object> object) noexcept {
  if (!object || type_of(*object).traverse != InstanceType::traverse) return nullptr;
  return Ref<Instance>::adopt(static_cast<Instance*>(object.release()));
}

Instance::Instance(std::size_t fields_of_class) noexcept {
  std::uninitialized_value_construct_n(fields(), fields_of_class);
}

Ref<Instance> Instance::create(const Class& its_class) noexcept {
  const std::size_t count = its_class.field_count();
  return Ref<Instance>::adopt(allocate<Instance>(
      sizeof(Instance) + count * sizeof(Field<Object>), its_class.id_, count));
}

namespace {

Attributes* as_attributes(Object* held) noexcept {
  // relaxed: written before the object was published
  return held != nullptr && held->type.load(relaxed) == Attributes::kTypeId
             ? static_cast<Attributes*>(held)
             : nullptr;
}

Ref<Object> get_from(Object* held, std::string_view name) noexcept {
  if (held == nullptr) return nullptr;
  if (const Attributes* attributes = as_attributes(held)) return attributes->get(name);
  return static_cast<Dict*>(held)->get(name);
}

}  // namespace

Ref<Object> Instance::get(std::string_view name) const noexcept {
  const std::size_t slot = class_of(*this).slot_index(name);
  if (slot != Class::kNoSlot) return get_slot(slot);
  if (fault(Fault::borrowed_container_replaced)) return get_from_borrowed_dict(name);
  return get_from(held().get(), name);
}

// Of a fault.
Ref<Object> Instance::get_from_borrowed_dict(std::string_view name) const noexcept {
  const Class& its_class = class_of(*this);
  if (!its_class.has_dict()) return nullptr;
  return get_from(fields()[its_class.slot_count()].peek(), name);
}

Instance::SetResult Instance::set(std::string_view name, Ref<Object> value) noexcept {
  if (!value) return SetResult::refused;
  const std::size_t slot = class_of(*this).slot_index(name);
  if (slot != Class::kNoSlot) {
    exchange_slot(slot, std::move(value)).reset();
    return SetResult::done;
  }
  if (!class_of(*this).has_dict()) return SetResult::no_such_attribute;
  Ref<Str> key = intern(name);
  if (!key) return SetResult::refused;
  switch (set_shared(*key, value)) {
    case Shared::done:
      return SetResult::done;
    case Shared::out_of_memory:
      return SetResult::refused;
    case Shared::no_room:
    case Shared::has_dict:
      break;
  }
  const Ref<Dict> attributes = dict();
  const bool done = attributes && attributes->set(std::move(key), std::move(value));
  return done ? SetResult::done : SetResult::refused;
}

// No memory is asked for in the section, so whoever finds that another thread was faster
// begins again.
Instance::Shared Instance::set_shared(Str& name, const Ref<Object>& value) noexcept {
  SharedNames* names = names_of(class_of(*this).id_);
  if (names == nullptr) return Shared::out_of_memory;
  for (;;) {
    const Ref<Object> seen = held();
    Attributes* attributes = as_attributes(seen.get());
    if (seen && attributes == nullptr) return Shared::has_dict;
    const std::uint32_t number = names->find_or_add(name);
    if (number == SharedNames::kNone) return Shared::no_room;
    Ref<Attributes> larger;
    if (attributes == nullptr || number >= attributes->capacity()) {
      const std::uint32_t twice =
          attributes == nullptr ? 0 : 2 * attributes->capacity();
      larger = Attributes::create(
          *names,
          std::min(SharedNames::kMost, std::max({number + 1, names->size(), twice})));
      if (!larger) return Shared::out_of_memory;
    }
    Ref<Object> replaced;
    Ref<Object> old;
    const CriticalSection section(*this);
    if (!still_holds(seen)) continue;
    if (larger) {
      if (attributes != nullptr) attributes->copy_to(*larger);
      attributes = larger.get();
    }
    old = attributes->exchange(number, value);
    if (larger) replaced = hold(std::move(larger));
    return Shared::done;
  }
}

bool Instance::erase(std::string_view name) noexcept {
  const std::size_t slot = class_of(*this).slot_index(name);
  if (slot != Class::kNoSlot) return exchange_slot(slot, nullptr) != nullptr;
  for (;;) {
    const Ref<Object> seen = held();
    if (!seen) return false;
    Attributes* attributes = as_attributes(seen.get());
    if (attributes == nullptr) return static_cast<Dict&>(*seen).erase(name);
    const std::uint32_t number = names_of(class_of(*this).id_)->find(name);
    if (number >= attributes->capacity()) return false;
    Ref<Object> old;
    const CriticalSection section(*this);
    if (!still_holds(seen)) continue;
    old = attributes->exchange(number, nullptr);
    return old != nullptr;
  }
}

Ref<Object> Instance::get_slot(std::size_t index) const noexcept {
  TM_ASSERT_OBJECT(index < class_of(*this).slot_count(), this, "slots-are-of-the-class",
                   "the class of an instance has no slot of this index");
  poll_outside_sections();
  return fields()[index].load();
}

Ref<Object> Instance::exchange_slot(std::size_t index, Ref<Object> value) noexcept {
  TM_ASSERT_OBJECT(index < class_of(*this).slot_count(), this, "slots-are-of-the-class",
                   "the class of an instance has no slot of this index");
  poll_outside_sections();
  return fields()[index].exchange(std::move(value));
}

Ref<Object> Instance::held() const noexcept {
  const Class& its_class = class_of(*this);
  if (!its_class.has_dict()) return nullptr;
  // A reference, because another thread may replace it (catalogue K8).
  return fields()[its_class.slot_count()].load();
}

bool Instance::still_holds(const Ref<Object>& seen) const noexcept {
  return fields()[class_of(*this).slot_count()].peek() == seen.get();
}

Ref<Object> Instance::hold(Ref<Object> attributes) noexcept {
  return fields()[class_of(*this).slot_count()].exchange(std::move(attributes));
}

Ref<Dict> Instance::dict() noexcept {
  if (!class_of(*this).has_dict()) return nullptr;
  for (;;) {
    Ref<Object> seen = held();
    const Attributes* attributes = as_attributes(seen.get());
    if (seen && attributes == nullptr)
      return Ref<Dict>::adopt(static_cast<Dict*>(seen.release()));
    Ref<Dict> made = Dict::create();
    if (!made) return nullptr;
    if (attributes != nullptr && !made->reserve_first(attributes->capacity()))
      return nullptr;
    Ref<Object> replaced;
    const CriticalSection section(*this);
    if (!still_holds(seen)) continue;
    if (attributes != nullptr) attributes->copy_to(*made);
    replaced = hold(made);
    return made;
  }
}

bool Instance::set_dict(Ref<Dict> dict) noexcept {
  if (!dict || !class_of(*this).has_dict()) return false;
  poll_outside_sections();
  Ref<Object> old;
  {
    const CriticalSection section(*this);
    old = hold(std::move(dict));
  }
  return true;  // the old one goes now, outside the section
}

}  // namespace threadmill
