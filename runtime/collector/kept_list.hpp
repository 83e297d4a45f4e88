// SPDX-License-Identifier: Apache-2.0
//
// KeptList: a list, an object like any other, that the collector keeps a reference to and
// users fill and empty. It is made when somebody asks for it.
//
// Edges
//   kept-list-publish   making the list happens before its use
#pragma once

#include "runtime/containers/list.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

class KeptList {
 public:
  // Null: out of memory. Attached threads.
  [[nodiscard]] Ref<List> get() noexcept;

  // Without a reference; null: nobody has asked for it. In a pause.
  [[nodiscard]] List* peek() const noexcept {
    return list_.load(relaxed);  // relaxed: the world is stopped
  }

 private:
  Atomic<List*> list_;  // owns a reference
};

}  // namespace threadmill
