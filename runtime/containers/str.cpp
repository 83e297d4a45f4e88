// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/str.hpp"

#include <cstring>

#include "runtime/containers/string_table.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/object/allocate.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

namespace {

std::uint64_t hash_str(const Object& self) noexcept {
  return static_cast<const Str&>(self).hash();
}
bool equal_str(const Object& a, const Object& b) noexcept {
  return static_cast<const Str&>(a).view() == static_cast<const Str&>(b).view();
}

constexpr Type kStr{"str", nullptr, nullptr, Str::release, hash_str, equal_str};

[[maybe_unused]] const TypeId registered = register_builtin_type(kStrType, kStr);

}  // namespace

Ref<Str> Str::create(std::string_view text) noexcept {
  if (text.size() <= kMaxInline) {
    return Ref<Str>::adopt(
        allocate<Str>(sizeof(Str) + text.size(), kTypeId, text, nullptr));
  }
  auto* buffer = static_cast<char*>(buffer_allocate(text.size()));
  if (buffer == nullptr) return nullptr;
  Str* str = allocate<Str>(sizeof(Str) + sizeof(char*), kTypeId, text, buffer);
  if (str == nullptr) buffer_free(buffer, text.size());
  return Ref<Str>::adopt(str);
}

Str::Str(std::string_view text, char* buffer) noexcept
    : hash_(hash_of(text)), size_(text.size()) {
  char* bytes = buffer;
  if (buffer == nullptr)
    bytes = reinterpret_cast<char*>(this + 1);
  else
    std::memcpy(static_cast<void*>(this + 1), &buffer, sizeof buffer);
  if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
}

void Str::release(Object& self) noexcept {
  auto& str = static_cast<Str&>(self);
  if (is_interned(str)) current()->world.strings->remove(str);  // N2
  if (str.size_ > kMaxInline) buffer_free(*str.buffer(), str.size_);
}

}  // namespace threadmill
