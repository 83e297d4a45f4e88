// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/memory/buffer.cpp in explored builds.
#include "runtime/memory/buffer.hpp"

#include <cstring>

#include "harness/explore/engine.hpp"
#include "runtime/memory/poison.hpp"

namespace threadmill {

void* buffer_allocate(std::size_t bytes) noexcept {
  void* buffer = explore::engine().allocate(bytes, 16);
  if (buffer != nullptr) std::memset(buffer, kFreshByte, bytes);
  return buffer;
}

void buffer_free(void* buffer, std::size_t) noexcept {
  if (buffer != nullptr) explore::engine().free(buffer);
}

}  // namespace threadmill
