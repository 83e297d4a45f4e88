// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/buffer.hpp"

#include <cstdlib>
#include <cstring>

#include "runtime/base/config.hpp"
#include "runtime/memory/poison.hpp"

#if TM_ALLOCATOR_MIMALLOC
#include <mimalloc.h>
#elif TM_ALLOCATOR_TBB
#include <tbb/scalable_allocator.h>
#endif

namespace threadmill {

namespace {

#if TM_ALLOCATOR_MIMALLOC
void* general_allocate(std::size_t bytes) noexcept { return mi_malloc(bytes); }
void general_free(void* buffer) noexcept { mi_free(buffer); }
#elif TM_ALLOCATOR_TBB
void* general_allocate(std::size_t bytes) noexcept { return scalable_malloc(bytes); }
void general_free(void* buffer) noexcept { scalable_free(buffer); }
#else
void* general_allocate(std::size_t bytes) noexcept { return std::malloc(bytes); }
void general_free(void* buffer) noexcept { std::free(buffer); }
#endif

}  // namespace

void* buffer_allocate(std::size_t bytes) noexcept {
  void* buffer = general_allocate(bytes);
  if (kPoisonFill && buffer != nullptr) std::memset(buffer, kFreshByte, bytes);
  return buffer;
}

void buffer_free(void* buffer, std::size_t bytes) noexcept {
  if (kPoisonFill && buffer != nullptr) std::memset(buffer, kDeadByte, bytes);
  general_free(buffer);
}

}  // namespace threadmill
