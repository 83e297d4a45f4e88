// SPDX-License-Identifier: Apache-2.0
//
// Worklist: reaching objects from objects. What has to be traversed yet stands on a stack
// of chunks, so depth costs memory and no stack.
//
// `claim` says whether an object is to be reached, and makes a note of it, so that it says
// so once. In a pause.
#pragma once

#include "runtime/base/chunk_stack.hpp"
#include "runtime/object/header.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

template <bool (*claim)(Object&) noexcept>
class Worklist {
 public:
  void reach(Object& object) noexcept {
    if (claim(object) && !pending_.push(&object)) out_of_memory_ = true;
  }

  // Reaches all that leads from what was reached.
  void finish() noexcept {
    while (Object* object = pending_.pop())
      type_of(*object).traverse(*object, Visitor(reach_target, this));
  }

  // Not everything was reached.
  [[nodiscard]] bool out_of_memory() const noexcept { return out_of_memory_; }

 private:
  static void reach_target(void* worklist, Object& target) noexcept {
    static_cast<Worklist*>(worklist)->reach(target);
  }

  ChunkStack<Object> pending_;
  bool out_of_memory_ = false;
};

}  // namespace threadmill
