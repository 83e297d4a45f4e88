// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/peek.hpp"

#include <sys/uio.h>
#include <unistd.h>

namespace threadmill {

bool peek(const void* address, void* to, std::size_t bytes) noexcept {
  const iovec local{to, bytes};
  const iovec remote{const_cast<void*>(address), bytes};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) ==
         static_cast<ssize_t>(bytes);
}

}  // namespace threadmill
