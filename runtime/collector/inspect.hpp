// SPDX-License-Identifier: Apache-2.0
//
// Looking at the heap from a program: which objects there are, what they refer to, and who
// refers to them; and freezing, which takes objects out of all collections.
//
// Each stops the world for a moment. What a pause finds gets a reference in it, and becomes
// a list afterwards (catalogue J1). Trash of a running collection is never shown, nor is
// what is untracked or frozen. Attached threads.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/collector/scope.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/object/header.hpp"

namespace threadmill {

class Generations;

// Null, of all three: out of memory.

// The objects that a collection looks at; of one generation if it is below kGenerations.
[[nodiscard]] Ref<List> tracked_objects(Slot& self, unsigned generation) noexcept;
// Those that refer to `target`, once each.
[[nodiscard]] Ref<List> referrers_of(Slot& self, const Object& target) noexcept;
// What each of `objects` refers to, as often as it does. Of an untracked object: nothing.
[[nodiscard]] Ref<List> referents_of(Slot& self,
                                     std::span<Object* const> objects) noexcept;

// Whether collections look at `object`, unless it is frozen. A tuple of which no item is
// tracked is found not to be worth it by the first collection that sees it; where tuples
// are nested, that may be one level for each collection.
[[nodiscard]] bool is_tracked(const Object& object) noexcept;

// All that is tracked now is frozen: no collection looks at it any more, and what it refers
// to is kept. It still ends when its last reference goes.
void freeze(Slot& self, Generations& generations) noexcept;
// What is frozen is old.
void unfreeze(Slot& self) noexcept;
[[nodiscard]] std::uint64_t count_frozen(Slot& self) noexcept;

}  // namespace threadmill
