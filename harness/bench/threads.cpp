// SPDX-License-Identifier: Apache-2.0
//
// What it costs a thread to detach and to attach again, nobody else being there.
#include "harness/bench/families.hpp"
#include "harness/bench/scene.hpp"

namespace threadmill::bench {
namespace {

void detach_attach(State& state) {
  const Attached here(scene().runtime());
  timed(state, [] { const Detached for_nothing; });
  expect(state, is_attached(), "the thread is not attached");
}

}  // namespace

void add_threads() { add("detach_attach", detach_attach); }

}  // namespace threadmill::bench
