// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/tuple.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/base/random.hpp"
#include "runtime/containers/hashing.hpp"
#include "runtime/memory/block_state.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/object/allocate.hpp"

namespace threadmill {

using namespace block_state;

namespace {

constexpr Type kTuple{.name = "tuple",
                      .traverse = Tuple::traverse,
                      .clear = nullptr,
                      .release = Tuple::release,
                      .hash = Tuple::hash,
                      .equal = Tuple::equal,
                      .finalize = nullptr,
                      .call = nullptr,
                      .is_fixed = true};

[[maybe_unused]] const TypeId registered = register_builtin_type(kTupleType, kTuple);

// No collection has to find out that it refers to nothing.
Ref<Tuple> create_empty() noexcept {
  auto made = Ref<Tuple>::adopt(allocate<Tuple>(
      sizeof(Tuple), kTupleType, std::span<const Ref<Object>>(), nullptr));
  if (!made) return nullptr;
  Page& page = page_of(made.get());
  // relaxed: pauses order
  page.liveness(page.index_of(made.get())).store(kLive | kUntracked, relaxed);
  return made;
}

}  // namespace

Ref<Tuple> Tuple::create(std::span<const Ref<Object>> items) noexcept {
  if (items.empty()) return create_empty();
  if (std::find(items.begin(), items.end(), nullptr) != items.end()) return nullptr;
  if (items.size() <= kMaxInline) {
    return Ref<Tuple>::adopt(
        allocate<Tuple>(sizeof(Tuple) + items.size_bytes(), kTypeId, items, nullptr));
  }
  const std::size_t bytes = items.size() * sizeof(Object*);
  auto** buffer = static_cast<Object**>(buffer_allocate(bytes));
  if (buffer == nullptr) return nullptr;
  Tuple* tuple =
      allocate<Tuple>(sizeof(Tuple) + sizeof(Object**), kTypeId, items, buffer);
  if (tuple == nullptr) buffer_free(static_cast<void*>(buffer), bytes);
  return Ref<Tuple>::adopt(tuple);
}

Tuple::Tuple(std::span<const Ref<Object>> items, Object** buffer) noexcept
    : size_(items.size()) {
  auto** slots = reinterpret_cast<Object**>(this + 1);
  if (buffer != nullptr) {
    std::memcpy(static_cast<void*>(slots), &buffer, sizeof buffer);
    slots = buffer;
  }
  for (const Ref<Object>& item : items) *slots++ = Ref<Object>(item).release();
}

void Tuple::traverse(Object& self, Visitor& visit) noexcept {
  const auto& tuple = static_cast<const Tuple&>(self);
  for (std::size_t i = 0; i < tuple.size_; ++i) visit(tuple.items()[i]);
}

void Tuple::release(Object& self) noexcept {
  const auto& tuple = static_cast<const Tuple&>(self);
  if (tuple.size_ <= kMaxInline) return;
  buffer_free(const_cast<Object**>(tuple.items()), tuple.size_ * sizeof(Object*));
}

std::uint64_t Tuple::hash(const Object& self) noexcept {
  const auto& tuple = static_cast<const Tuple&>(self);
  std::uint64_t hash = tuple.size_;
  for (std::size_t i = 0; i < tuple.size_; ++i)
    hash = mix_seed(hash, hash_of(*tuple.items()[i]));
  return hash;
}

bool Tuple::equal(const Object& self, const Object& other) noexcept {
  const auto& a = static_cast<const Tuple&>(self);
  const auto& b = static_cast<const Tuple&>(other);
  if (a.size_ != b.size_) return false;
  for (std::size_t i = 0; i < a.size_; ++i) {
    if (!are_equal(*a.items()[i], *b.items()[i])) return false;
  }
  return true;
}

}  // namespace threadmill
