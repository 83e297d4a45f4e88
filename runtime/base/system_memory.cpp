// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/system_memory.hpp"

#include "runtime/base/memory_door.hpp"

namespace threadmill {

void* system_allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (is_refused(MemoryKind::record)) return nullptr;
  if (alignment <= kSystemAlignment) return ::operator new(bytes, std::nothrow);
  return ::operator new (bytes, std::align_val_t{alignment}, std::nothrow);
}

void system_free(void* memory, std::size_t alignment) noexcept {
  if (alignment <= kSystemAlignment)
    ::operator delete(memory);
  else
    ::operator delete (memory, std::align_val_t{alignment});
}

}  // namespace threadmill
