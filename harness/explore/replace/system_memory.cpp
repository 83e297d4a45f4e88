// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/base/system_memory.cpp in explored builds.
#include "runtime/base/system_memory.hpp"

#include "harness/explore/engine.hpp"

namespace threadmill {

void* system_allocate(std::size_t bytes, std::size_t alignment) noexcept {
  return explore::engine().allocate(bytes, alignment);
}

void system_free(void* memory, std::size_t) noexcept {
  if (memory != nullptr) explore::engine().free(memory);
}

}  // namespace threadmill
