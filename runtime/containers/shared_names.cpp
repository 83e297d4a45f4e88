// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/shared_names.hpp"

#include "runtime/base/fault.hpp"
#include "runtime/object/immortal.hpp"

namespace threadmill {

// N1, N2: shared_names.hpp.

std::uint32_t SharedNames::find(std::string_view name,
                                std::uint64_t hash,
                                std::uint32_t size) const noexcept {
  for (std::uint32_t i = 0; i < size; ++i) {
    if (hashes_[i] == hash && names_[i]->view() == name) return i;
  }
  return kNone;
}

std::uint32_t SharedNames::find_or_add(Str& name) noexcept {
  const std::uint64_t hash = name.hash();
  // edge: names-publish
  const std::uint32_t seen = find(name.view(), hash, size_.load(acquire));
  if (seen != kNone) return seen;
  make_immortal(name);
  const WordLockGuard guard(lock_);
  const std::uint32_t size = size_.load(relaxed);  // relaxed: changed under the lock
  const std::uint32_t found = find(name.view(), hash, size);
  if (found != kNone || size == kMost) return found;
  // relaxed: the fault
  if (fault(Fault::shared_name_after_its_number)) size_.store(size + 1, relaxed);
  hashes_[size] = hash;
  names_[size] = &name;
  size_.store(size + 1, release);  // edge: names-publish
  return size;
}

}  // namespace threadmill
