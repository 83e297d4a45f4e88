// SPDX-License-Identifier: Apache-2.0
//
// Str: an immutable string of bytes. Short ones keep their bytes behind the object, long
// ones in a buffer. Any thread that has a reference reads it without a lock.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "runtime/memory/size_class.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

class Str : public Object {
 public:
  static constexpr TypeId kTypeId = kStrType;

  // Copies `text`. Null: out of memory.
  [[nodiscard]] static Ref<Str> create(std::string_view text) noexcept;

  [[nodiscard]] std::string_view view() const noexcept {
    return {size_ <= kMaxInline ? inline_bytes() : *buffer(), size_};
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

  [[nodiscard]] static std::uint64_t hash_of(std::string_view text) noexcept {
    return std::hash<std::string_view>{}(text);
  }

  // For allocate(): `text` as for create, `buffer` null if it fits behind the object.
  Str(std::string_view text, char* buffer) noexcept;

  static void release(Object& self) noexcept;

 private:
  static constexpr std::size_t kMaxInline = kMaxObjectBytes - 32;

  [[nodiscard]] const char* inline_bytes() const noexcept {
    return reinterpret_cast<const char*>(this + 1);
  }
  [[nodiscard]] char* const* buffer() const noexcept {
    return reinterpret_cast<char* const*>(this + 1);
  }

  const Plain<std::uint64_t> hash_;
  const Plain<std::size_t> size_;
};

static_assert(sizeof(Str) == 32);

}  // namespace threadmill
