// SPDX-License-Identifier: Apache-2.0
//
// Attributes: what an instance keeps of the attributes that have no slot, until somebody
// asks for its dict: their values, each at the number of its name (shared_names.hpp), and
// the order in which they were set. Five attributes take 96 bytes so, a dict of five 192.
//
//     names of the class    "x" 0   "y" 1   "z" 2
//     values                  1       -       3       set: z, then x
//
// Readers take no lock: they have a reference to the Attributes, and what they find was
// there at a time when they had it. Changes, and the replacement by larger ones or by a
// dict, take the instance's critical section.
//
// Invariants
//   A1  `order` lists the numbers of the values that are not null, each once, the one that
//       was set first first;
//   A2  nothing changes in Attributes that their instance has replaced, so a reader that
//       came before sees what it would have seen then.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/containers/dict.hpp"
#include "runtime/containers/shared_names.hpp"
#include "runtime/object/field.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"
#include "runtime/sync/plain.hpp"

namespace threadmill {

class Attributes : public Object {
 public:
  static constexpr TypeId kTypeId = kAttributesType;

  // Without values, with room for those of the numbers below `capacity`, at most
  // SharedNames::kMost. `names` outlives it. Null: out of memory.
  [[nodiscard]] static Ref<Attributes> create(SharedNames& names,
                                              std::uint32_t capacity) noexcept;

  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }

  // Null: not set.
  [[nodiscard]] Ref<Object> get(std::string_view name) const noexcept;

  // In the instance's critical section, all. What was there before; the caller drops it
  // outside. A null value erases.
  [[nodiscard]] Ref<Object> exchange(std::uint32_t number, Ref<Object> value) noexcept;
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  // Puts all of them into `dict`, which is new and has room for size(), in their order.
  void copy_to(Dict& dict) const noexcept;
  // Into `larger`, which is new.
  void copy_to(Attributes& larger) const noexcept;

  Attributes(SharedNames& names, std::uint32_t capacity) noexcept;  // for allocate()

 private:
  friend struct AttributesType;

  [[nodiscard]] Field<Object>* values() const noexcept {
    return reinterpret_cast<Field<Object>*>(const_cast<Attributes*>(this) + 1);
  }

  SharedNames& names_;
  const std::uint8_t capacity_;
  Plain<std::uint8_t> size_ = 0;
  Plain<std::uint8_t> order_[SharedNames::kMost]{};
};

static_assert(SharedNames::kMost < 256);

}  // namespace threadmill
