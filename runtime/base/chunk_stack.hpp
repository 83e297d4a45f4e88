// SPDX-License-Identifier: Apache-2.0
//
// ChunkStack: a stack of pointers that never moves what it holds. It grows by chunks of
// 4 KiB, so a push costs no copy, and running out of memory loses nothing: `push` says
// no and the stack is as it was. One thread uses it at a time.
#pragma once

#include <cstddef>
#include <new>

#include "runtime/base/system_memory.hpp"

namespace threadmill {

template <class T>
class ChunkStack {
 public:
  ChunkStack() = default;
  ChunkStack(const ChunkStack&) = delete;
  ChunkStack& operator=(const ChunkStack&) = delete;

  ~ChunkStack() {
    while (top_ != nullptr) drop_chunk();
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  // False: out of memory.
  [[nodiscard]] bool push(T* item) noexcept {
    if (top_ == nullptr || top_->used == kItems) {
      if (!add_chunk()) return false;
    }
    top_->items[top_->used++] = item;
    ++size_;
    return true;
  }

  // Null: empty.
  [[nodiscard]] T* pop() noexcept {
    if (size_ == 0) return nullptr;
    if (top_->used == 0) drop_chunk();
    --size_;
    return top_->items[--top_->used];
  }

  template <class Visit>
  void for_each(Visit visit) const noexcept {
    for (const Chunk* chunk = top_; chunk != nullptr; chunk = chunk->below) {
      for (std::size_t i = chunk->used; i > 0; --i) visit(chunk->items[i - 1]);
    }
  }

 private:
  static constexpr std::size_t kItems = 510;

  struct Chunk : SystemAllocated {
    Chunk* below;
    std::size_t used;
    T* items[kItems];
  };
  static_assert(sizeof(Chunk) == 4096);

  bool add_chunk() noexcept {
    auto* chunk = new (std::nothrow) Chunk;
    if (chunk == nullptr) return false;
    chunk->below = top_;
    chunk->used = 0;
    top_ = chunk;
    return true;
  }

  void drop_chunk() noexcept {
    Chunk* dropped = top_;
    top_ = dropped->below;
    delete dropped;
  }

  Chunk* top_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace threadmill
