// SPDX-License-Identifier: Apache-2.0
//
// Parking lot: threads sleep "on an address" without the address holding a queue, so a
// lock can be one byte (WebKit's WTF::ParkingLot; CPython's parking_lot.c). The queues
// are in a fixed table of buckets; an entry lives on its sleeper's stack.
//
// Invariants
//   P1  checking the word and joining the queue is one step with respect to unparking:
//       both hold the bucket's lock. Without it a wake-up between the two is lost.
//   P2  an entry leaves its queue under the bucket's lock, and its sleeper returns only
//       after `woken` was set, the last touch of the waker but for the futex wake, which
//       may reach a dead word: os_wait tolerates a wake-up without cause.
//
// Edges
//   unpark-to-park   what the waker did happens before the sleeper goes on
#pragma once

#include <cstdint>

#include "runtime/sync/atomic.hpp"

namespace threadmill {

enum class ParkResult {
  woken,    // another thread unparked this one
  changed,  // the word did not hold the expected value; did not sleep
};

// Where a sleeper joins the queue of its bucket. The front is for one that was woken in
// vain: it goes on waiting in its old place.
enum class QueueEnd { front, back };

namespace detail {

// What the two templates below ask under the bucket's lock, without templates.
using ParkValidate = bool (*)(void* context) noexcept;
using UnparkNotify = void (*)(void* context, bool unparked, bool more) noexcept;

ParkResult park_slow(const void* address,
                     ParkValidate validate,
                     void* context,
                     QueueEnd place = QueueEnd::back) noexcept;
void unpark_slow(const void* address, UnparkNotify notify, void* context) noexcept;

}  // namespace detail

// Sleeps while `word` holds `expected`, until unparked. A thread that sleeps attached to
// a runtime keeps pauses waiting: locks are given what to do around the sleep
// (sync/sleep.hpp); for the arena's mutex, held for a few steps without a safepoint, that
// is nothing.
template <class T>
ParkResult park(const Atomic<T>& word,
                T expected,
                QueueEnd place = QueueEnd::back) noexcept {
  struct Question {
    const Atomic<T>& word;
    T expected;
  } question{word, expected};
  return detail::park_slow(
      word.address(),
      [](void* context) noexcept {
        auto& asked = *static_cast<Question*>(context);
        // relaxed: P1; the bucket's lock orders it against the waker
        return asked.word.load(relaxed) == asked.expected;
      },
      &question, place);
}

// In the child of a fork, which has one thread: nobody sleeps, and no bucket is locked.
void forget_sleepers() noexcept;

// Wakes the thread that waits longest on `word`, if any. `notify(unparked, more)` runs
// under the bucket's lock, before the wake-up: there the owner of the word updates it.
// `more` may be true without a waiter, never false with one.
template <class T, class Notify>
void unpark_one(const Atomic<T>& word, Notify notify) noexcept {
  detail::unpark_slow(
      word.address(),
      [](void* context, bool unparked, bool more) noexcept {
        (*static_cast<Notify*>(context))(unparked, more);
      },
      &notify);
}

}  // namespace threadmill
