// SPDX-License-Identifier: Apache-2.0
//
// An increment and a decrement of one count: by the owner, by another thread, and by
// several other threads at once.
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

// Once the first thread is here, all have counted.
void foreign(State& state) {
  const Attached here(scene().runtime());
  Object& object = scene().shared();
  count_up_and_down(state, object);
  if (state.thread_index() == 0)
    expect(state, refcount(object) == 1, "the count is not what it was");
}

}  // namespace

void add_counts() {
  add("incref_decref/own", own);
  add<number>("incref_decref/foreign", foreign);
  add<number>("incref_decref/hot", foreign)->Threads(2);
}

}  // namespace threadmill::bench
