// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/cell.hpp"

#include "runtime/object/allocate.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

// The functions of the Type.
struct CellType {
  static void traverse(Object& self, Visitor& visit) noexcept {
    visit(static_cast<Cell&>(self).content_.peek());
  }
  static void clear(Object& self) noexcept { static_cast<Cell&>(self).clear(); }
};

namespace {

constexpr Type kCell{.name = "cell",
                     .traverse = CellType::traverse,
                     .clear = CellType::clear,
                     .release = nullptr,
                     .hash = nullptr,
                     .equal = nullptr};

[[maybe_unused]] const TypeId registered = register_builtin_type(kCellType, kCell);

}  // namespace

Ref<Cell> Cell::create(Ref<Object> content) noexcept {
  return Ref<Cell>::adopt(allocate<Cell>(sizeof(Cell), kTypeId, std::move(content)));
}

Ref<Object> Cell::get() const noexcept {
  poll_outside_sections();
  return content_.load();
}

void Cell::set(Ref<Object> content) noexcept { exchange(std::move(content)).reset(); }

Ref<Object> Cell::exchange(Ref<Object> content) noexcept {
  poll_outside_sections();
  return content_.exchange(std::move(content));
}

}  // namespace threadmill
