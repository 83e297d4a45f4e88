// SPDX-License-Identifier: Apache-2.0
//
// Marking memory that nobody may touch: for AddressSanitizer by its interface, in fault
// builds by a pattern that no valid pointer has.
#pragma once

#include <cstddef>
#include <cstring>

#include "runtime/base/config.hpp"

#if TM_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace threadmill {

inline constexpr unsigned char kFreshByte = 0xcd;  // never written
inline constexpr unsigned char kDeadByte = 0xdb;   // freed

inline void poison_dead([[maybe_unused]] void* memory,
                        [[maybe_unused]] std::size_t bytes) noexcept {
  if constexpr (kPoisonFill) std::memset(memory, kDeadByte, bytes);
#if TM_ASAN
  ASAN_POISON_MEMORY_REGION(memory, bytes);
#endif
}

inline void unpoison_fresh([[maybe_unused]] void* memory,
                           [[maybe_unused]] std::size_t bytes) noexcept {
#if TM_ASAN
  ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
#endif
  if constexpr (kPoisonFill) std::memset(memory, kFreshByte, bytes);
}

// Makes memory readable again without changing it, before it goes back to the system.
inline void unpoison([[maybe_unused]] void* memory,
                     [[maybe_unused]] std::size_t bytes) noexcept {
#if TM_ASAN
  ASAN_UNPOISON_MEMORY_REGION(memory, bytes);
#endif
}

}  // namespace threadmill
