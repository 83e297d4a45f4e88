// SPDX-License-Identifier: Apache-2.0
//
// Cell: a box with one object in it, or none (Python's closure cells). What several
// functions share and change stands in one. Any attached thread that has a reference may
// call anything; no call takes a lock, and each is one atomic step.
#pragma once

#include "runtime/object/field.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

class Cell : public Object {
 public:
  static constexpr TypeId kTypeId = kCellType;

  // Null: out of memory.
  [[nodiscard]] static Ref<Cell> create(Ref<Object> content = {}) noexcept;

  // Null: empty.
  [[nodiscard]] Ref<Object> get() const noexcept;
  // Null empties it.
  void set(Ref<Object> content) noexcept;
  // Gives what was there before.
  [[nodiscard]] Ref<Object> exchange(Ref<Object> content) noexcept;
  void clear() noexcept { set(nullptr); }

  // For allocate().
  explicit Cell(Ref<Object> content) noexcept : content_(std::move(content)) {}

 private:
  friend struct CellType;

  Field<Object> content_;
};

static_assert(sizeof(Cell) == 24);

}  // namespace threadmill
