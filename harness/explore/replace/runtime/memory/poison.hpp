// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of runtime/memory/poison.hpp in explored builds: the engine is told
// which memory nobody may touch, so that it finds late uses, and uses that are not
// ordered before the end. The patterns are those of fault builds.
#pragma once

#include <cstddef>
#include <cstring>

#include "harness/explore/engine.hpp"

namespace threadmill {

inline constexpr unsigned char kFreshByte = 0xcd;
inline constexpr unsigned char kDeadByte = 0xdb;

inline void poison_dead(void* memory, std::size_t bytes) noexcept {
  explore::engine().end_range(memory, bytes, explore::ShadowHeap::Granule::dead);
  std::memset(memory, kDeadByte, bytes);
}

inline void unpoison_fresh(void* memory, std::size_t bytes) noexcept {
  explore::engine().begin_range(memory, bytes);
  std::memset(memory, kFreshByte, bytes);
}

inline void unpoison(void* memory, std::size_t bytes) noexcept {
  explore::engine().begin_range(memory, bytes);
}

}  // namespace threadmill
