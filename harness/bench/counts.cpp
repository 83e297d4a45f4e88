// SPDX-License-Identifier: Apache-2.0
//
// An increment and a decrement of one count: by the owner, by another thread, and by
// several other threads at once; of an object that has lost its owner, and of one
// that has got one again. And what several threads pay for a hot object in other ways: with
// distributed counts, and for a stack reference to a deferred one.
#include <thread>

#include "harness/bench/families.hpp"
#include "harness/bench/scene.hpp"

namespace threadmill::bench {
namespace {

Ref<Object> number() { return make<Int>(1'000'000); }

void count_up_and_down(State& state, Object& object) {
  timed(state, [&object] {
    incref(object);
    benchmark::ClobberMemory();
    decref(object);
  });
}

void own(State& state) {
  const Attached here(scene().runtime());
  const Ref<Object> object = number();
  if (!object) return expect(state, false, "out of memory");
  count_up_and_down(state, *object);
  expect(state, refcount(*object) == 1, "the count is not what it was");
}

// Made by a thread that has left, and merged: nobody owns it, and this thread has the one
// reference.
Ref<Object> merged_number() {
  Object* made = nullptr;
  {
    Runtime& runtime = scene().runtime();
    const Detached while_waiting;
    std::thread([&runtime, &made] {
      const Attached there(runtime);
      Ref<Object> object = number();
      if (!object) return;
      made = object.release();
      incref(*made);
    }).join();
  }
  if (made != nullptr) decref(*made);  // merges on its owner's behalf
  return Ref<Object>::adopt(made);
}

template <bool kRebias>
void merged(State& state) {
  const Attached here(scene().runtime());
  const Ref<Object> object = merged_number();
  if (!object) return expect(state, false, "out of memory");
  expect(state, !kRebias || try_rebias(*object), "it has not got an owner");
  count_up_and_down(state, *object);
  expect(state, refcount(*object) == 1, "the count is not what it was");
}

// Once the first thread is here, all have counted.
void foreign(State& state) {
  const Attached here(scene().runtime());
  Object& object = scene().shared();
  count_up_and_down(state, object);
  if (state.thread_index() == 0)
    expect(state, refcount(object) == 1, "the count is not what it was");
}

Ref<Object> hot_list() { return make<List>(); }

Ref<Object> distributed_list() {
  Ref<Object> list = hot_list();
  return list && distribute(*list) ? list : nullptr;
}

Ref<Object> deferred_list() {
  Ref<Object> list = hot_list();
  return list && defer_counts(*list) ? list : nullptr;
}

void stack_reference(State& state) {
  const Attached here(scene().runtime());
  Object& object = scene().shared();
  timed(state, [&object] {
    const Deferred<Object> handle(&object);
    benchmark::ClobberMemory();
  });
  if (state.thread_index() == 0)
    expect(state, refcount(object) == 1, "the count is not what it was");
}

}  // namespace

void add_counts() {
  add("incref_decref/own", own);
  add("incref_decref/merged", merged<false>);
  // Where objects have owners.
  if (kRefcount == Refcount::biased) add("incref_decref/rebiased", merged<true>);
  add<number>("incref_decref/foreign", foreign);
  add<number>("incref_decref/hot", foreign)->Threads(2);
  add<distributed_list>("incref_decref/hot_distributed", foreign)->Threads(2);
  add<hot_list>("stack_reference/hot", stack_reference)->Threads(2);
  add<deferred_list>("stack_reference/hot_deferred", stack_reference)->Threads(2);
}

}  // namespace threadmill::bench
