// SPDX-License-Identifier: Apache-2.0
//
// Buffers: memory of any size that belongs to one object (list arrays, dict tables, long
// strings). They come from a general allocator, chosen by the build; sanitizer builds
// take the system's. Any thread may free what another allocated.
#pragma once

#include <cstddef>

namespace threadmill {

// Not initialised; in fault builds filled with kFreshByte. Null: out of memory.
[[nodiscard]] void* buffer_allocate(std::size_t bytes) noexcept;

// `bytes` as asked for. Null is allowed.
void buffer_free(void* buffer, std::size_t bytes) noexcept;

}  // namespace threadmill
