// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/weak_dict.hpp"

#include <utility>

#include "runtime/base/fault.hpp"
#include "runtime/containers/function.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/tuple.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/object/make.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill {

namespace {

Ref<Object> target_of(const Ref<Object>& item) noexcept {
  const Ref<WeakReference> reference = detail::reference_of(item);
  return reference ? reference->get() : nullptr;
}

// The code of the callbacks. `self` captures a weak reference to the dict, and the key.
void remove_item(Function& self, Object& dead) noexcept {
  const Ref<WeakReference> home = self.captured<WeakReference>(0);
  const Ref<Dict> entries = cast<Dict>(home->get());
  if (!entries) return;
  const Ref<Object> key = self.captured(1);
  const Ref<Object> item = entries->get(key);
  if (detail::reference_of(item).get() != &dead) return;
  if (fault(Fault::callback_removes_newer_item))
    entries->erase(key);
  else
    entries->erase_if(key, *item);  // what is set in between is another object
}

}  // namespace

namespace detail {

std::int64_t identity_of(const Object& object) noexcept {
  return current()->heap->arena().place_of(&object);
}

Ref<Object> identity_key(const Object& object) noexcept {
  return make<Int>(identity_of(object));
}

Ref<WeakReference> watch(const Ref<Dict>& entries,
                         Ref<Object> key,
                         Object& target) noexcept {
  Ref<WeakReference> home = WeakReference::create(*entries);
  if (!home || !key) return nullptr;
  Ref<Tuple> captured = Tuple::create({std::move(home), std::move(key)});
  if (!captured) return nullptr;
  Ref<Function> callback = Function::create(remove_item, std::move(captured));
  if (!callback) return nullptr;
  return WeakReference::create(target, std::move(callback));
}

Ref<WeakReference> reference_of(const Ref<Object>& item) noexcept {
  if (const Ref<Tuple> pair = cast<Tuple>(item))
    return cast<WeakReference>(pair->at(0));
  return cast<WeakReference>(item);
}

bool is_item_of(const Ref<Object>& item, const Object& object) noexcept {
  return target_of(item).get() == &object;
}

}  // namespace detail

WeakValueDict WeakValueDict::create() noexcept {
  WeakValueDict made;
  made.entries_ = Dict::create();
  return made;
}

Ref<Object> WeakValueDict::get(const Ref<Object>& key) const noexcept {
  Ref<Object> item = entries_->get(key);
  for (;;) {
    Ref<Object> value = target_of(item);
    if (value || !item) return value;
    // A living value may have come before this one died.
    Ref<Object> now = entries_->get(key);
    if (now == item) return nullptr;
    item = std::move(now);
  }
}

bool WeakValueDict::set(Ref<Object> key, const Ref<Object>& value) noexcept {
  if (!key || !value) return false;
  Ref<WeakReference> mine = detail::watch(entries_, key, *value);
  return mine && entries_->set(std::move(key), std::move(mine));
}

Ref<Object> WeakValueDict::set_default(Ref<Object> key, Ref<Object> value) noexcept {
  if (!key || !value) return nullptr;
  const Ref<WeakReference> mine = detail::watch(entries_, key, *value);
  if (!mine) return nullptr;
  for (;;) {
    const Ref<Object> item = entries_->set_default(key, mine);
    if (!item || item == mine) return item ? std::move(value) : nullptr;
    if (Ref<Object> found = target_of(item)) return found;
    entries_->erase_if(key, *item);  // dead: its callback is on its way
  }
}

Ref<Object> WeakValueDict::pop(const Ref<Object>& key) noexcept {
  for (;;) {
    const Ref<Object> item = entries_->get(key);
    if (!item) return nullptr;
    Ref<Object> value = target_of(item);  // before others can see that it is gone
    if (!value) {
      // It is dying: its callback takes the item away, or its finalizer keeps it alive.
      if (entries_->get(key) == item) return nullptr;
    } else if (entries_->erase_if(key, *item)) {
      return value;
    }
  }
}

Ref<List> WeakValueDict::items() const noexcept {
  const Ref<List> all = entries_->items();
  Ref<List> living = List::create();
  if (!all || !living) return nullptr;
  for (std::size_t i = 0; i + 1 < all->size(); i += 2) {
    Ref<Object> value = target_of(all->get(i + 1));
    if (value && !(living->append(all->get(i)) && living->append(std::move(value))))
      return nullptr;
  }
  return living;
}

WeakKeyDict WeakKeyDict::create() noexcept {
  WeakKeyDict made;
  made.entries_ = Dict::create();
  return made;
}

Ref<Object> WeakKeyDict::get(const Ref<Object>& key) const noexcept {
  if (!key) return nullptr;
  const Ref<Object> item = entries_->get(detail::identity_of(*key));
  return detail::is_item_of(item, *key) ? cast<Tuple>(item)->at(1) : nullptr;
}

bool WeakKeyDict::set(const Ref<Object>& key, const Ref<Object>& value) noexcept {
  if (!key || !value) return false;
  Ref<Object> identity = detail::identity_key(*key);
  Ref<Object> item = entries_->get(identity);
  Ref<WeakReference> reference = detail::is_item_of(item, *key)
                                     ? detail::reference_of(item)
                                     : detail::watch(entries_, identity, *key);
  if (!reference) return false;
  item = Tuple::create({std::move(reference), value});
  return item && entries_->set(std::move(identity), std::move(item));
}

Ref<Object> WeakKeyDict::pop(const Ref<Object>& key) noexcept {
  if (!key) return nullptr;
  const std::int64_t identity = detail::identity_of(*key);
  for (;;) {
    const Ref<Object> item = entries_->get(identity);
    if (!detail::is_item_of(item, *key)) return nullptr;
    if (entries_->erase_if(identity, *item)) return cast<Tuple>(item)->at(1);
  }
}

Ref<List> WeakKeyDict::items() const noexcept {
  const Ref<List> all = entries_->items();
  Ref<List> living = List::create();
  if (!all || !living) return nullptr;
  for (std::size_t i = 0; i + 1 < all->size(); i += 2) {
    const Ref<Object> item = all->get(i + 1);
    Ref<Object> key = target_of(item);
    if (key &&
        !(living->append(std::move(key)) && living->append(cast<Tuple>(item)->at(1))))
      return nullptr;
  }
  return living;
}

}  // namespace threadmill
