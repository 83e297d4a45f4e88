// SPDX-License-Identifier: Apache-2.0
//
// The weak references to an object, and weak references as values: two are equal if their
// targets are, as with Python's. Attached threads.
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/containers/list.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/weak.hpp"

namespace threadmill {

// Those to `object` that live: first the one without a callback, if there is one, then the
// others, the newest first. Null: out of memory.
[[nodiscard]] Ref<List> weak_references_to(Object& object) noexcept;

// While both targets live, whether these are equal; otherwise identity.
[[nodiscard]] bool are_equal_references(const WeakReference& one,
                                        const WeakReference& other) noexcept;

// The hash of the target, which is remembered: it is the same when the target has died.
// Nothing: the target died before anybody asked. It is of a type that has a hash.
[[nodiscard]] std::optional<std::uint64_t> hash_of_target(
    WeakReference& reference) noexcept;

}  // namespace threadmill
