// SPDX-License-Identifier: Apache-2.0
//
// Instance: an object with attributes, described by a Class: slots with fixed names, and
// a dict for other names, if its class has one (Python's __slots__ and __dict__).
//
//     const Class point({.name = "point", .slots = {"x", "y"}});
//     auto p = make<Instance>(point);
//     (void)p->set("x", make<Int>(3));
//
// A Class is process-wide and lives for ever, as a class statement of a Python module
// does; it is a Type with names. Were it an object, each birth and death of an instance
// would count on it, one word for all threads; CPython spends per-thread counts on that.
// This way an instance does not even need a word to know its class.
//
// The dict is made when somebody asks for it. Before, the instance keeps the values of its
// attributes alone, under names that all instances of the class share (attributes.hpp);
// but an attribute that there is no room for among those makes the dict, too.
//
// Any attached thread that has a reference may call anything. Slots take no lock. Setting
// other attributes, and making and replacing the dict, takes the instance's critical
// section, so that two who make it get the same one. Each operation is one atomic step; one
// that looks into attributes or the dict uses those that the instance had at the beginning.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "runtime/containers/dict.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/memory/size_class.hpp"
#include "runtime/object/field.hpp"
#include "runtime/object/make.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

class Instance;

class Class : public Type {
 public:
  // The names live for ever, as literals do.
  struct Description {
    const char* name;
    std::initializer_list<std::string_view> slots = {};
    bool has_dict = false;
    // Runs once before an instance dies, and may resurrect it. Null: the base's.
    void (*finalize)(Instance& self) noexcept = nullptr;
    const Class* base = nullptr;  // whose slots, dict and finalizer are inherited
  };

  static constexpr std::size_t kMaxFields =
      (kMaxObjectBytes - sizeof(Object)) / sizeof(Field<Object>);
  static constexpr std::size_t kNoSlot = ~std::size_t{0};

  // Of static lifetime; made while the process starts, on one thread. Slot names are
  // identifiers and differ; with the dict they are at most kMaxFields.
  explicit Class(const Description& description) noexcept;
  Class(const Class&) = delete;
  Class& operator=(const Class&) = delete;

  [[nodiscard]] std::size_t slot_count() const noexcept { return slot_count_; }
  [[nodiscard]] bool has_dict() const noexcept { return has_dict_; }
  // kNoSlot: there is none of this name.
  [[nodiscard]] std::size_t slot_index(std::string_view slot_name) const noexcept;
  // `object` is an instance of this class or of one that inherits from it.
  [[nodiscard]] bool has_instance(const Object& object) const noexcept;

 private:
  friend class Instance;
  friend struct InstanceType;

  [[nodiscard]] std::size_t field_count() const noexcept {
    return slot_count_ + (has_dict_ ? 1 : 0);
  }
  void add_slot(std::string_view slot_name) noexcept;

  TypeId id_ = 0;
  std::size_t slot_count_ = 0;
  bool has_dict_ = false;
  void (*finalize_instance_)(Instance& self) noexcept = nullptr;
  const Class* base_ = nullptr;
  std::array<std::string_view, kMaxFields> slot_names_{};
};

class Instance : public Object {
 public:
  // All slots unset. Null: out of memory.
  [[nodiscard]] static Ref<Instance> create(const Class& its_class) noexcept;

  // Null: not set, or no such attribute.
  [[nodiscard]] Ref<Object> get(std::string_view name) const noexcept;

  enum class SetResult {
    done,
    no_such_attribute,  // no slot of this name, and no dict
    refused,            // out of memory, or a null value
  };
  [[nodiscard]] SetResult set(std::string_view name, Ref<Object> value) noexcept;

  // True: it was set.
  bool erase(std::string_view name) noexcept;

  // The same for the slot of this index, which the class has.
  [[nodiscard]] Ref<Object> get_slot(std::size_t index) const noexcept;
  // What was there before. A null value erases.
  Ref<Object> exchange_slot(std::size_t index, Ref<Object> value) noexcept;

  // The attributes without slots, those of now and those to come. Null: out of memory, or the
  // class has no dict.
  [[nodiscard]] Ref<Dict> dict() noexcept;
  // False: the class has no dict, or a null dict.
  bool set_dict(Ref<Dict> dict) noexcept;

  explicit Instance(std::size_t fields) noexcept;  // for allocate()

 private:
  friend struct InstanceType;

  [[nodiscard]] Field<Object>* fields() noexcept {
    return reinterpret_cast<Field<Object>*>(this + 1);
  }
  [[nodiscard]] const Field<Object>* fields() const noexcept {
    return reinterpret_cast<const Field<Object>*>(this + 1);
  }
  // The Attributes or the Dict. Null: neither yet, or the class has no dict.
  [[nodiscard]] Ref<Object> held() const noexcept;
  // The section is held: `seen` is what held() was, null included.
  [[nodiscard]] bool still_holds(const Ref<Object>& seen) const noexcept;
  // In the section. What was there before goes outside of it.
  [[nodiscard]] Ref<Object> hold(Ref<Object> attributes) noexcept;

  enum class Shared { done, out_of_memory, no_room, has_dict };
  [[nodiscard]] Shared set_shared(Str& name, const Ref<Object>& value) noexcept;
  [[nodiscard]] Ref<Object> get_from_borrowed_dict(
      std::string_view name) const noexcept;
};

[[nodiscard]] inline const Class& class_of(const Instance& instance) noexcept {
  return static_cast<const Class&>(type_of(instance));
}

// The same object as an Instance; null if it is none.
template <>
[[nodiscard]] Ref<Instance> cast<Instance>(Ref<Object> object) noexcept;

static_assert(sizeof(Instance) == sizeof(Object), "the fields follow it");

}  // namespace threadmill
