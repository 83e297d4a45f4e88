// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/weak_set.hpp"

#include <utility>

#include "runtime/containers/weak_dict.hpp"

namespace threadmill {

WeakSet WeakSet::create() noexcept {
  WeakSet made;
  made.entries_ = Dict::create();
  return made;
}

bool WeakSet::contains(const Ref<Object>& item) const noexcept {
  return item && detail::is_item_of(entries_->get(detail::identity_of(*item)), *item);
}

WeakSet::Add WeakSet::add(const Ref<Object>& item) noexcept {
  if (!item) return Add::refused;
  const Ref<Object> identity = detail::identity_key(*item);
  const Ref<WeakReference> mine = detail::watch(entries_, identity, *item);
  if (!mine) return Add::refused;
  for (;;) {
    const Ref<Object> found = entries_->set_default(identity, mine);
    if (!found) return Add::refused;
    if (found == mine) return Add::added;
    if (detail::is_item_of(found, *item)) return Add::was_there;
    entries_->erase_if(identity, *found);  // of a dead object that stood in this place
  }
}

bool WeakSet::discard(const Ref<Object>& item) noexcept {
  if (!item) return false;
  const std::int64_t identity = detail::identity_of(*item);
  const Ref<Object> found = entries_->get(identity);
  return detail::is_item_of(found, *item) && entries_->erase_if(identity, *found);
}

Ref<List> WeakSet::items() const noexcept {
  const Ref<List> all = entries_->items();
  Ref<List> living = List::create();
  if (!all || !living) return nullptr;
  for (std::size_t i = 1; i < all->size(); i += 2) {
    Ref<Object> item = detail::reference_of(all->get(i))->get();
    if (item && !living->append(std::move(item))) return nullptr;
  }
  return living;
}

}  // namespace threadmill
