// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/deferred.hpp"

#include "runtime/object/collected.hpp"
#include "runtime/object/refcount.hpp"

namespace threadmill {

bool defer_counts(Object& object) noexcept {
  assert_usable(&object);
  if (!is_collected(object)) return false;  // Y1
  incref(object);                           // Y2
  // edge: deferral
  if ((object.flags.fetch_or(flag::kDeferred, acq_rel) & flag::kDeferred) == 0)
    return true;
  decref(object);
  return false;
}

}  // namespace threadmill
