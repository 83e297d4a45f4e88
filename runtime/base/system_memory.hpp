// SPDX-License-Identifier: Apache-2.0
//
// System memory: what the runtime's own records are made of (slots, heaps, lists, chunks
// of stacks). Objects come from memory/heap.hpp, what they own from memory/buffer.hpp.
//
// It is the one door to `new` and `delete` in runtime/, so that a build can let it say no.
#pragma once

#include <cstddef>
#include <new>

namespace threadmill {

inline constexpr std::size_t kSystemAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

// Not initialised. `alignment` is a power of two. Null: out of memory.
[[nodiscard]] void* system_allocate(std::size_t bytes,
                                    std::size_t alignment = kSystemAlignment) noexcept;

// `alignment` as asked for. Null is allowed.
void system_free(void* memory, std::size_t alignment = kSystemAlignment) noexcept;

// A base for types that are made by `new`: it takes system memory, and is null, with or
// without std::nothrow, if there is none.
struct SystemAllocated {
  static void* operator new(std::size_t bytes) noexcept {
    return system_allocate(bytes);
  }
  static void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return system_allocate(bytes);
  }
  static void* operator new(std::size_t bytes, std::align_val_t alignment) noexcept {
    return system_allocate(bytes, static_cast<std::size_t>(alignment));
  }
  static void* operator new(std::size_t bytes,
                            std::align_val_t alignment,
                            const std::nothrow_t&) noexcept {
    return system_allocate(bytes, static_cast<std::size_t>(alignment));
  }
  static void* operator new(std::size_t, void* place) noexcept { return place; }

  static void operator delete(void* memory) noexcept { system_free(memory); }
  static void operator delete(void* memory, const std::nothrow_t&) noexcept {
    system_free(memory);
  }
  static void operator delete(void* memory, std::align_val_t alignment) noexcept {
    system_free(memory, static_cast<std::size_t>(alignment));
  }
  static void operator delete(void* memory,
                              std::align_val_t alignment,
                              const std::nothrow_t&) noexcept {
    system_free(memory, static_cast<std::size_t>(alignment));
  }
  static void operator delete(void*, void*) noexcept {}
};

}  // namespace threadmill
