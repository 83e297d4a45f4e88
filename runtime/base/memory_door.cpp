// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/memory_door.hpp"

namespace threadmill::detail {

constinit RefuseMemory refuse_memory = nullptr;

}  // namespace threadmill::detail
