// SPDX-License-Identifier: Apache-2.0
//
// The only mmap of the runtime.
#pragma once

#include <cstddef>

namespace threadmill {

// Address space of `bytes`, zero when first touched, costing memory only where touched.
// Aligned to `alignment`, a power of two. Null: not to be had.
[[nodiscard]] void* os_reserve(std::size_t bytes, std::size_t alignment) noexcept;

void os_release(void* address, std::size_t bytes) noexcept;

// The range will be used from end to end, in no order: let it come in large pages.
void os_prefer_large_pages(void* address, std::size_t bytes) noexcept;

// The content may be dropped: the memory goes back to the system, reads find zero.
void os_discard(void* address, std::size_t bytes) noexcept;

}  // namespace threadmill
