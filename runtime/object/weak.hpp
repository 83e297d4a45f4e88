// SPDX-License-Identifier: Apache-2.0
//
// Weak references (Python's weakref module): a WeakReference knows its target without
// counting it. A dereference takes no lock: load the target, try to take a reference,
// look again; CPython's locks one of 127 stripes each time.
//
// The weak references to an object stand in a list, whose head is in a side table of the
// object's page, so objects have no slot for it, and any object can be a target. First
// comes the one without a callback, if there is one, which all who ask share; then the
// others, the newest first.
//
//   a weak reference is   target     home      its list   becomes
//   linked                object     its page  in it      cleared, as the target dies or is
//                                                         found to be trash, or as the
//                                                         reference itself dies
//   cleared               null       null      in none    never anything else
//
// Invariants
//   W1  what is linked is changed under the home page's `weak_lock`, which is never held
//       across a safepoint. Who reads `home` without it looks again under the lock; the
//       page stays a page meanwhile: between the two is no safepoint, and it is given back
//       after a grace period or in a pause (memory/page.hpp, G1; catalogue D7).
//   W2  an object has set maybe_weak before its first weak reference is published, so
//       its owner does not end it without a read-modify-write (catalogue D1).
//   W3  every weak reference to an object is cleared before the object's block is freed,
//       and, if a cycle with it is trash, before user code runs (catalogue J7).
//   W4  whoever takes a weak reference from a list does so by try_incref: it may be
//       dying, and wait for the lock to unlink itself (catalogue D5). One that is dying
//       is never called back.
//       Nor is one that was trash: it is muted.
//   W5  a callback is called by whoever exchanges it for null.
//
// Edges
//   weak-target   what was written to the target before the weak reference was made
//                 happens before its use by who dereferences it
//   weak-unlink   what others did to a weak reference in its list happens before it is
//                 freed
#pragma once

#include "runtime/base/chunk_stack.hpp"
#include "runtime/memory/page.hpp"
#include "runtime/object/header.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"
#include "runtime/sync/plain.hpp"

namespace threadmill {

class WeakCallbacks;

class WeakReference : public Object {
 public:
  static constexpr TypeId kTypeId = kWeakReferenceType;

  // A weak reference to `target`, to which the caller has a reference. Without a
  // `callback` it is the same one as long as that lives. As the target dies, the
  // callback is called with the weak reference, unless that has died before (one that
  // waits in its owner's inbox has not) or was trash. Null: out of memory. A safepoint.
  [[nodiscard]] static Ref<WeakReference> create(Object& target,
                                                 Ref<Object> callback = {}) noexcept;

  // A reference to the target; null: it is dead, or dying. Takes no lock. May end the
  // object that the target's block has become, and so run user code.
  [[nodiscard]] Ref<Object> get() const noexcept;

  // The target has died; it may have died if the answer is no.
  [[nodiscard]] bool is_dead() const noexcept;

  // What is called as the target dies. Null: nothing, or the target has died.
  [[nodiscard]] Ref<Object> callback() const noexcept;

  // Of the target, for whoever asks again when it has died (containers/weak_list.hpp).
  // 0: nobody has asked.
  [[nodiscard]] std::uint64_t remembered_hash() const noexcept {
    return hash_.load(relaxed);  // relaxed: one number, whoever writes it
  }
  void remember_hash(std::uint64_t hash) noexcept {
    hash_.store(hash, relaxed);  // relaxed: as above
  }

  // It is trash, so it is not called back any more, and nobody is given it who asks for a
  // weak reference to its target. In a pause.
  void mute() noexcept;

 private:
  friend class WeakCallbacks;
  friend class WeakList;
  friend struct WeakReferenceType;
  friend void clear_weak_references(Object& object, WeakCallbacks& callbacks) noexcept;
  friend bool share_weak_references(Object& object,
                                    ChunkStack<WeakReference>& found) noexcept;

  [[nodiscard]] Object* take_callback() noexcept;
  void drop_callback() noexcept;
  [[nodiscard]] bool is_muted() const noexcept {
    return (flags.load(relaxed) & flag::kMuted) != 0;  // relaxed: a pause orders it
  }

  Atomic<Object*> target_;
  Atomic<Page*> home_;
  Atomic<Object*> callback_;  // counted
  Atomic<std::uint64_t> hash_;
  Plain<WeakReference*> next_ = nullptr;
  Plain<WeakReference*> previous_ = nullptr;
};

// What has to be called back: weak references, cleared, each held by a reference.
class WeakCallbacks {
 public:
  WeakCallbacks() noexcept = default;
  WeakCallbacks(const WeakCallbacks&) = delete;
  WeakCallbacks& operator=(const WeakCallbacks&) = delete;

  // Calls them in the order in which they were found, and drops them. The world runs.
  void call_all() noexcept;
  // Drops them without calling.
  void forget() noexcept;

 private:
  friend void clear_weak_references(Object& object, WeakCallbacks& callbacks) noexcept;
  void add(WeakReference& reference) noexcept;  // takes over a reference
  [[nodiscard]] Ref<WeakReference> take() noexcept;

  WeakReference* first_ = nullptr;
  WeakReference* last_ = nullptr;
};

// Whether a weak reference was ever made to `object`. Final once nobody has a reference.
[[nodiscard]] inline bool may_have_weak_references(const Object& object) noexcept {
  // relaxed: who made one had a reference, and dropped it before (drop-to-death)
  return (object.flags.load(relaxed) & flag::kWeaklyReferenced) != 0;
}

// Clears every weak reference to `object`, which is dead or trash, and adds to
// `callbacks` those that have one and are alive. With the world running or stopped.
void clear_weak_references(Object& object, WeakCallbacks& callbacks) noexcept;

// Puts the weak references to `object` that live into `found`, in the order of their list,
// each held by a reference. False: out of memory, and nothing is held.
[[nodiscard]] bool share_weak_references(Object& object,
                                         ChunkStack<WeakReference>& found) noexcept;

// A weak reference as a handle, used like std::weak_ptr by one thread at a time.
template <class T>
class Weak {
 public:
  constexpr Weak() noexcept = default;

  // Out of memory: empty, and is_dead() from the start although the target lives.
  explicit Weak(const Ref<T>& target, Ref<Object> callback = {}) noexcept
      : reference_(WeakReference::create(*target, std::move(callback))) {}

  // Null: the target is dead, or dying.
  [[nodiscard]] Ref<T> lock() const noexcept {
    if (!reference_) return nullptr;
    return Ref<T>::adopt(static_cast<T*>(reference_->get().release()));
  }
  [[nodiscard]] bool expired() const noexcept {
    return !reference_ || reference_->is_dead();
  }

  // The object behind it; null: there is none.
  [[nodiscard]] const Ref<WeakReference>& reference() const noexcept {
    return reference_;
  }

 private:
  Ref<WeakReference> reference_;
};

}  // namespace threadmill
