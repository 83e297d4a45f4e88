// SPDX-License-Identifier: Apache-2.0
//
// Board: a row of cells through which workers hand references to each other.
//
// A cell holds a raw pointer that carries one reference, or null. Whoever swaps a pointer
// out of a cell owns its reference.
//
// Edges
//   board-hand-over   what a giver did with an object happens before the taker's use
#pragma once

#include <atomic>
#include <cstddef>
#include <vector>

#include "runtime/runtime.hpp"

namespace threadmill {

template <class T>
class Board {
 public:
  void resize(std::size_t cells) { cells_ = std::vector<Cell>(cells); }

  [[nodiscard]] std::size_t size() const { return cells_.size(); }

  // Puts `offered` (may be null) into the cell and takes out what was there.
  [[nodiscard]] Ref<T> swap(std::size_t cell, Ref<T> offered) {
    // edge: board-hand-over
    T* taken =
        cells_[cell].object.exchange(offered.release(), std::memory_order_acq_rel);
    return Ref<T>::adopt(taken);
  }

  [[nodiscard]] Ref<T> take(std::size_t cell) { return swap(cell, Ref<T>()); }

  // Calls `use` with every object on the board, once per cell. Only at quiescence.
  template <class Use>
  void for_each(Use&& use) const {
    for (const Cell& cell : cells_) {
      T* object = cell.object.load(std::memory_order_acquire);  // edge: board-hand-over
      if (object != nullptr) use(*object);
    }
  }

  // Attached, like every release of a reference.
  void clear() {
    for (std::size_t cell = 0; cell < cells_.size(); ++cell) take(cell).reset();
  }

 private:
  struct alignas(64) Cell {
    std::atomic<T*> object{nullptr};
  };
  std::vector<Cell> cells_;
};

}  // namespace threadmill
