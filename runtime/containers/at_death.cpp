// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/at_death.hpp"

#include <utility>

#include "runtime/base/assert.hpp"
#include "runtime/containers/function.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/tuple.hpp"
#include "runtime/object/weak.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

namespace {

// Places in the tuple of a call.
enum Place : std::size_t { kReference, kAction, kArgument, kAtEnd };

Ref<Dict> entries() noexcept { return current()->world.calls_at_death->entries(); }

bool make_call(const Ref<Object>& entry) noexcept {
  const Ref<Tuple> call = cast<Tuple>(entry);
  if (!call) return false;
  const Ref<Object> action = call->at(kAction);
  const Ref<Object> argument = call->at(kArgument);
  type_of(*action).call(*action, *argument);
  return true;
}

// The code of the callbacks. `self` captures the number of its call.
void call_at_death(Function& self, Object&) noexcept {
  const Ref<Dict> calls = entries();
  if (calls) (void)make_call(calls->pop(self.captured(0)));
}

AtDeath::Details details_of(const Ref<Object>& entry) noexcept {
  const Ref<Tuple> call = cast<Tuple>(entry);
  if (!call) return {};
  Ref<Object> target = cast<WeakReference>(call->at(kReference))->get();
  if (!target) return {};  // its callback is on its way
  return {std::move(target), call->at(kAction), call->at(kArgument)};
}

}  // namespace

AtDeath AtDeath::create(Object& target,
                        Ref<Object> action,
                        Ref<Object> argument,
                        AtEnd at_end) noexcept {
  TM_CHECK_OBJECT(action && type_of(*action).call != nullptr, action.get(),
                  "actions-can-be-called",
                  "what is to be called as an object dies has no function `call`");
  const Ref<Dict> calls = entries();
  CallsAtDeath& runtimes = *current()->world.calls_at_death;
  // relaxed: numbers differ, and say no more
  const Ref<Object> number = Int::create(runtimes.next_number_.fetch_add(1, relaxed));
  const Ref<Object> at_end_too = Int::create(at_end == AtEnd::called ? 1 : 0);
  if (!argument) argument = Tuple::create({});
  if (!calls || !number || !at_end_too || !argument) return {};
  Ref<Tuple> captured = Tuple::create({number});
  Ref<Function> callback =
      captured ? Function::create(call_at_death, std::move(captured)) : nullptr;
  if (!callback) return {};
  const Ref<WeakReference> reference =
      WeakReference::create(target, std::move(callback));
  if (!reference) return {};
  const Ref<Tuple> entry = Tuple::create({reference, action, argument, at_end_too});
  AtDeath made;
  if (entry && calls->set(number, entry)) made.number_ = number;
  return made;
}

bool AtDeath::is_alive() const noexcept {
  const Ref<Dict> calls = entries();
  return calls && calls->get(number_) != nullptr;
}

bool AtDeath::call() noexcept {
  const Ref<Dict> calls = entries();
  return calls && make_call(calls->pop(number_));
}

AtDeath::Details AtDeath::peek() const noexcept {
  const Ref<Dict> calls = entries();
  return calls ? details_of(calls->get(number_)) : Details{};
}

AtDeath::Details AtDeath::detach() noexcept {
  const Ref<Dict> calls = entries();
  if (!calls) return {};
  const Ref<Object> entry = calls->get(number_);
  Details details = details_of(entry);
  return details.target && calls->erase_if(number_, *entry) ? details : Details{};
}

void CallsAtDeath::call_all() noexcept {
  const Ref<Dict> calls = Ref<Dict>::share(peek());
  if (!calls) return;
  for (;;) {
    const Ref<Object> entry = calls->pop_item().value;
    if (!entry) return;
    if (cast<Int>(cast<Tuple>(entry)->at(kAtEnd))->value() != 0) (void)make_call(entry);
  }
}

}  // namespace threadmill
