// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/os_memory.hpp"

#include <sys/mman.h>

#include <cstdint>

#include "runtime/base/memory_door.hpp"

namespace threadmill {

void* os_reserve(std::size_t bytes, std::size_t alignment) noexcept {
  if (is_refused(MemoryKind::record)) return nullptr;
  const std::size_t padded = bytes + alignment;
  void* raw = mmap(nullptr, padded, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (raw == MAP_FAILED) return nullptr;
  char* first = static_cast<char*>(raw);
  const std::size_t skip =
      (alignment - reinterpret_cast<std::uintptr_t>(first) % alignment) % alignment;
  if (skip != 0) munmap(first, skip);
  if (alignment - skip != 0) munmap(first + skip + bytes, alignment - skip);
  return first + skip;
}

void os_release(void* address, std::size_t bytes) noexcept { munmap(address, bytes); }

void os_prefer_large_pages(void* address, std::size_t bytes) noexcept {
  madvise(address, bytes, MADV_HUGEPAGE);
}

void os_discard(void* address, std::size_t bytes) noexcept {
  madvise(address, bytes, MADV_DONTNEED);
}

}  // namespace threadmill
