// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/memory/os_memory.cpp in explored builds: address space is
// memory of the shadow heap.
#include "runtime/memory/os_memory.hpp"

#include "harness/explore/engine.hpp"

namespace threadmill {

void* os_reserve(std::size_t bytes, std::size_t alignment) noexcept {
  return explore::engine().reserve(bytes, alignment);
}

void os_release(void* address, std::size_t) noexcept {
  explore::engine().free(address);
}

void os_prefer_large_pages(void*, std::size_t) noexcept {}

void os_discard(void*, std::size_t) noexcept {}

}  // namespace threadmill
