// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/weak.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/base/fault.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/object/allocate.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

// W1 to W5: weak.hpp.

// The list of the weak references to one object. Under its page's lock.
class WeakList {
 public:
  WeakList(Page& page, const Object& target) noexcept TM_REQUIRES(page.weak_lock)
      : lists_(page.weak_lists), index_(page.index_of(&target)) {}

  [[nodiscard]] WeakReference* first() const noexcept {
    return lists_ == nullptr ? nullptr : static_cast<WeakReference*>(lists_[index_]);
  }

  // A reference to the one without a callback; null: there is none, or it is dying.
  [[nodiscard]] WeakReference* share_plain() const noexcept {
    WeakReference* reference = first();
    // relaxed: only a callback that was there may go
    if (reference == nullptr || reference->callback_.load(relaxed) != nullptr ||
        reference->is_muted())
      return nullptr;
    return try_incref(*reference) ? reference : nullptr;  // W4
  }

  void insert(Page& page, Object& target, WeakReference& reference) noexcept {
    WeakReference* before = nullptr;
    WeakReference* after = first();
    // relaxed, both: as above
    const bool has_callback = reference.callback_.load(relaxed) != nullptr;
    while (has_callback && after != nullptr &&
           after->callback_.load(relaxed) == nullptr) {
      before = after;
      after = after->next_;
    }
    join(before, &reference);
    join(&reference, after);
    note_reference_to(target);
    // relaxed: W1
    reference.home_.store(&page, relaxed);
    reference.target_.store(&target, release);  // edge: weak-target
  }

  void remove(WeakReference& reference) noexcept {
    join(reference.previous_, reference.next_);
    reference.next_ = nullptr;
    reference.previous_ = nullptr;
    // relaxed: who takes a reference to what comes into the block next, and then looks
    // here again, has made it happen before (owner-to-reader)
    reference.target_.store(nullptr, relaxed);
    // The last access: it may be dying, and wait for no lock from here on.
    reference.home_.store(nullptr, release);  // edge: weak-unlink
  }

 private:
  static void note_reference_to(Object& target) noexcept {
    if (fault(Fault::tag_word_nonatomic_rmw)) {
      const std::uint8_t flags = target.flags.load(relaxed);  // relaxed: the fault
      // relaxed: the fault
      target.flags.store(flags | flag::kWeaklyReferenced, relaxed);
      return;
    }
    target.flags.fetch_or(flag::kWeaklyReferenced, relaxed);  // relaxed: see its reader
  }
  void join(WeakReference* before, WeakReference* after) noexcept {
    if (before == nullptr)
      lists_[index_] = after;
    else
      before->next_ = after;
    if (after != nullptr) after->previous_ = before;
  }

  void** lists_;
  std::uint32_t index_;
};

namespace {

// False: out of memory.
bool make_lists(Page& page) noexcept TM_REQUIRES(page.weak_lock) {
  if (page.weak_lists != nullptr) return true;
  const std::size_t bytes = page.block_count * sizeof(void*);
  auto** lists = static_cast<void**>(buffer_allocate(bytes));
  if (lists == nullptr) return false;
  for (std::uint32_t i = 0; i < page.block_count; ++i) lists[i] = nullptr;
  page.weak_lists = lists;
  return true;
}

// A reference to the weak reference to `target` without a callback; null: there is none.
WeakReference* share_plain(Page& page,
                           const Object& target) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  if (fault(Fault::weak_list_head_unlocked))
    return WeakList(page, target).share_plain();
  const WordLockGuard guard(page.weak_lock);
  return WeakList(page, target).share_plain();
}

// In no list yet. Null: out of memory.
WeakReference* make_unlinked(Page& page) noexcept {
  constexpr auto kBytes = sizeof(WeakReference);
  if (fault(Fault::weak_cleanup_nonrecursive_lock)) {
    const WordLockGuard guard(page.weak_lock);
    return allocate<WeakReference>(kBytes, kWeakReferenceType);
  }
  return allocate<WeakReference>(kBytes, kWeakReferenceType);
}

// A reference to it, unless it is dying (W4).
bool take_living(WeakReference& reference) noexcept {
  if (fault(Fault::take_strong_ignores_dying)) {
    incref(reference);
    return true;
  }
  return try_incref(reference);
}

}  // namespace

struct WeakReferenceType {
  static void traverse(Object& self, Visitor& visit) noexcept {
    auto& reference = static_cast<WeakReference&>(self);
    visit(reference.callback_.load(relaxed));  // relaxed: alone, or in a pause
  }

  static void clear(Object& self) noexcept {
    static_cast<WeakReference&>(self).drop_callback();
  }

  // Leaves its list.
  static void release(Object& self) noexcept {
    auto& reference = static_cast<WeakReference&>(self);
    // edge: weak-unlink
    Page* home = reference.home_.load(acquire);
    if (home == nullptr) return;
    const WordLockGuard guard(home->weak_lock);
    // relaxed: W1
    Object* target = reference.target_.load(relaxed);
    if (target != nullptr) WeakList(*home, *target).remove(reference);
  }
};

namespace {

constexpr Type kWeakReference{.name = "weakref",
                              .traverse = WeakReferenceType::traverse,
                              .clear = WeakReferenceType::clear,
                              .release = WeakReferenceType::release,
                              .hash = nullptr,
                              .equal = nullptr};

[[maybe_unused]] const TypeId registered =
    register_builtin_type(kWeakReferenceType, kWeakReference);

}  // namespace

Ref<WeakReference> WeakReference::create(Object& target,
                                         Ref<Object> callback) noexcept {
  TM_CHECK_OBJECT(!callback || type_of(*callback).call != nullptr, callback.get(),
                  "callbacks-can-be-called",
                  "the callback of a weak reference has no function `call`");
  if (!fault(Fault::weakref_without_maybe_weak_flag)) set_maybe_weak(target);  // W2
  Page& page = page_of(&target);
  if (!callback) {
    if (WeakReference* shared = share_plain(page, target))
      return Ref<WeakReference>::adopt(shared);
  }
  auto made = Ref<WeakReference>::adopt(make_unlinked(page));
  if (!made) return nullptr;
  set_maybe_weak(*made);  // W4
  Object* called_back = callback.release();
  made->callback_.store(called_back, relaxed);  // relaxed: published by the list
  const WordLockGuard guard(page.weak_lock);
  if (!make_lists(page)) return nullptr;
  WeakList list(page, target);
  // relaxed: this thread wrote it
  if (made->callback_.load(relaxed) == nullptr) {
    if (WeakReference* shared = list.share_plain())
      return Ref<WeakReference>::adopt(shared);
  }
  list.insert(page, target, *made);
  return made;
}

Ref<Object> WeakReference::get() const noexcept {
  // edge: weak-target
  Object* target = target_.load(acquire);
  if (target == nullptr || !try_incref(*target)) return nullptr;
  auto found = Ref<Object>::adopt(target);
  // relaxed: if the target had died, its block is another object, and owner-to-reader
  // orders this after the clearing (catalogue D2)
  if (target_.load(relaxed) != target) return nullptr;
  return found;
}

bool WeakReference::is_dead() const noexcept {
  return target_.load(relaxed) == nullptr;  // relaxed: a snapshot
}

Ref<Object> WeakReference::callback() const noexcept {
  // edge: weak-unlink
  Page* home = home_.load(acquire);
  if (home == nullptr) return nullptr;
  const WordLockGuard guard(home->weak_lock);
  // relaxed, both: W1, and a callback is taken from what has left its list
  if (target_.load(relaxed) == nullptr) return nullptr;
  return Ref<Object>::share(callback_.load(relaxed));
}

Object* WeakReference::take_callback() noexcept {
  // W5. relaxed: whoever calls it or drops it found it under the list's lock, or the
  // reference is trash
  return callback_.exchange(nullptr, relaxed);
}

void WeakReference::mute() noexcept {
  flags.fetch_or(flag::kMuted, relaxed);  // relaxed: the world is stopped
}

void WeakReference::drop_callback() noexcept {
  Ref<Object>::adopt(take_callback()).reset();
}

void WeakCallbacks::add(WeakReference& reference) noexcept {
  reference.next_ = nullptr;
  if (last_ == nullptr)
    first_ = &reference;
  else
    last_->next_ = &reference;
  last_ = &reference;
}

Ref<WeakReference> WeakCallbacks::take() noexcept {
  auto reference = Ref<WeakReference>::adopt(first_);
  if (reference) {
    first_ = reference->next_;
    reference->next_ = nullptr;
  }
  if (first_ == nullptr) last_ = nullptr;
  return reference;
}

void WeakCallbacks::forget() noexcept {
  while (take()) {
  }
}

void WeakCallbacks::call_all() noexcept {
  while (const auto reference = take()) {
    const auto callback = Ref<Object>::adopt(reference->take_callback());
    if (callback) type_of(*callback).call(*callback, *reference);
  }
}

bool share_weak_references(Object& object, ChunkStack<WeakReference>& found) noexcept {
  WeakReference* without_room = nullptr;
  if (Page& page = page_of(&object); may_have_weak_references(object)) {
    const WordLockGuard guard(page.weak_lock);
    WeakReference* reference = WeakList(page, object).first();
    for (; reference != nullptr && without_room == nullptr;
         reference = reference->next_)
      if (!reference->is_muted() && try_incref(*reference) && !found.push(reference))
        without_room = reference;  // W4
  }
  if (without_room == nullptr) return true;
  decref(*without_room);
  while (WeakReference* reference = found.pop()) decref(*reference);
  return false;
}

void clear_weak_references(Object& object, WeakCallbacks& callbacks) noexcept {
  Page& page = page_of(&object);
  const WordLockGuard guard(page.weak_lock);
  WeakList list(page, object);
  while (WeakReference* reference = list.first()) {
    // relaxed: W5 decides
    const bool held = reference->callback_.load(relaxed) != nullptr &&
                      !reference->is_muted() && take_living(*reference);
    list.remove(*reference);
    if (held) callbacks.add(*reference);
  }
}

}  // namespace threadmill
