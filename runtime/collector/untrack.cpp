// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/untrack.hpp"

#include "runtime/collector/scope.hpp"
#include "runtime/object/deferred.hpp"
#include "runtime/object/distributed.hpp"

namespace threadmill {

namespace {

bool is_atomic(const Type& type, Object& object) noexcept {
  bool result = true;
  EdgeBuffer edges([&result](const Object& target) noexcept {
    // relaxed: the world is stopped
    result &= (state_of(target).load(relaxed) & block_state::kUntracked) != 0;
  });
  type.traverse(object, edges);
  edges.finish();
  return result;
}

}  // namespace

bool untrack_if_atomic(const Type& type, Object& object) noexcept {
  // No decrement ends these, so they stay tracked.
  if (is_deferred(object) || is_distributed(object)) return false;
  if (!is_atomic(type, object)) return false;
  // relaxed, both: the world is stopped
  Atomic<std::uint8_t>& state = state_of(object);
  state.store(state.load(relaxed) | block_state::kUntracked, relaxed);
  return true;
}

}  // namespace threadmill
