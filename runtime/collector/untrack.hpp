// SPDX-License-Identifier: Apache-2.0
//
// Untracking: what refers to nothing that may be in a cycle, and never will, is passed over
// by later collections (as CPython does with tuples).
#pragma once

#include "runtime/object/type.hpp"

namespace threadmill {

// In a pause, by the only thread that traverses objects of its page: `object`, of the fixed
// type `type`, is untracked if nothing that it refers to is tracked. False: it is not.
bool untrack_if_atomic(const Type& type, Object& object) noexcept;

}  // namespace threadmill
