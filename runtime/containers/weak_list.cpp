// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/weak_list.hpp"

#include <algorithm>
#include <utility>

#include "runtime/base/chunk_stack.hpp"
#include "runtime/containers/hashing.hpp"

namespace threadmill {

Ref<List> weak_references_to(Object& object) noexcept {
  Ref<List> list = List::create();
  ChunkStack<WeakReference> found;
  if (!list || !share_weak_references(object, found)) return nullptr;
  bool complete = true;
  while (WeakReference* reference = found.pop()) {
    auto kept = Ref<WeakReference>::adopt(reference);
    complete = complete && list->append(std::move(kept));
  }
  list->reverse();  // what was pushed first was popped last
  return complete ? list : nullptr;
}

bool are_equal_references(const WeakReference& one,
                          const WeakReference& other) noexcept {
  const Ref<Object> mine = one.get();
  const Ref<Object> theirs = other.get();
  return mine && theirs ? are_equal(*mine, *theirs) : &one == &other;
}

std::optional<std::uint64_t> hash_of_target(WeakReference& reference) noexcept {
  if (const std::uint64_t known = reference.remembered_hash(); known != 0) return known;
  const Ref<Object> target = reference.get();
  if (!target) return std::nullopt;
  // 0 says that nobody has asked.
  const std::uint64_t hash = std::max<std::uint64_t>(hash_of(*target), 1);
  reference.remember_hash(hash);
  return hash;
}

}  // namespace threadmill
