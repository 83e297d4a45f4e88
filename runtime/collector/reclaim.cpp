// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/reclaim.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/object/refcount.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/safepoint.hpp"

namespace threadmill {

void hold_trash(const ChunkStack<Object>& trash) noexcept {
  trash.for_each([](Object* object) noexcept {
    const bool died = merge(*object, 1);
    TM_CHECK_OBJECT(!died, object, "trash-is-held", "trash died in the pause");
  });
}

void clear_trash(Slot& self, ChunkStack<Object>& trash) noexcept {
  while (Object* object = trash.pop()) {
    const Type& type = type_of(*object);
    if (type.clear != nullptr) type.clear(*object);
    decref(*object);
    safepoint(self);
  }
}

}  // namespace threadmill
