// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/header.hpp"

#include <cstdio>

#include "runtime/base/assert.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

namespace detail {

void check_usable(const Object* object) noexcept {
  const Slot* self = current();
  TM_CHECK(
      self != nullptr, "objects-need-attachment",
      "an object is used by a thread that is not attached: enter the runtime with "
      "Attached, and use no object inside Detached or after its runtime has ended");
  TM_CHECK_OBJECT(self->heap->arena().may_be_block(object), object,
                  "pointer-into-arena",
                  "no object of this runtime is at this address: it is wild, or of "
                  "another runtime, or of one that has ended");
}

}  // namespace detail

void describe_object(const void* address, char* text, unsigned long size) noexcept {
  static constexpr const char* kStates[] = {"plain", "maybe-weak", "queued", "merged"};
  const Slot* self = current();
  if (self == nullptr || !self->heap->arena().may_be_block(address)) return;
  const auto& object = *static_cast<const Object*>(address);
  // relaxed, all: a description of something that went wrong
  const std::uint64_t word = object.word0.load(relaxed);
  const std::int32_t shared = object.shared.load(relaxed);
  const TypeId id = object.type.load(relaxed);
  const Type* type = id < kMaxTypes ? detail::type_table[id] : nullptr;
  std::snprintf(text, size, " {owner %u, local %llu, shared %d %s, type %s}",
                static_cast<unsigned>(word0::owner(word)),
                static_cast<unsigned long long>(word0::local(word)),
                static_cast<int>(shared_word::count(shared)), kStates[shared & 3],
                type != nullptr ? type->name : "?");
}

}  // namespace threadmill
