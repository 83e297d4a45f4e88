// SPDX-License-Identifier: Apache-2.0
//
// Peeking: for reports about threads that stand still, a look at memory that another
// thread may be writing or that is no more. The kernel copies it, for which neither is an
// error that ends the process.
#pragma once

#include <cstddef>

namespace threadmill {

// False: nothing is there, or the kernel does not allow it. Any thread.
[[nodiscard]] bool peek(const void* address, void* to, std::size_t bytes) noexcept;

template <class T>
[[nodiscard]] bool peek(const void* address, T& to) noexcept {
  return peek(address, &to, sizeof to);
}

}  // namespace threadmill
