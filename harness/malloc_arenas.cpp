// SPDX-License-Identifier: Apache-2.0
#include "harness/malloc_arenas.hpp"

#include <malloc.h>

namespace threadmill {

void share_malloc_arenas([[maybe_unused]] unsigned processors) {
#if defined(M_ARENA_MAX)
  ::mallopt(M_ARENA_MAX, static_cast<int>(2 * processors));
#endif
}

}  // namespace threadmill
