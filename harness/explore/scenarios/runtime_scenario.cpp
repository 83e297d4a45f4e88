// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/scenarios/runtime_scenario.hpp"

#include "harness/explore/scenarios/naming.hpp"

namespace threadmill::explore {

void RuntimeScenario::set_up() {
  runtime_ = Runtime::create({.arena_bytes = kArenaBytes});
  expect(runtime_ != nullptr, "no memory for a runtime");
  for (unsigned t = 0; t < attached_; ++t) {
    // Its end is the thread's leave().
    alignas(Attached) std::array<std::byte, sizeof(Attached)> place;
    new (place.data()) Attached(*runtime_);
    slots_[t] = current();
    engine().local_of(t) = current();
    set_current(nullptr);
  }
  name_runtime_of(&slot_of(0));
  prepare();
}

void RuntimeScenario::run(unsigned thread) {
  if (!engine().is_left_out(thread)) part(thread);
  if (current() != nullptr) leave();
}

void RuntimeScenario::check() {
  {
    const Attached here(*runtime_);
    judge();
    drop();
    const HeapReport heap = runtime_->verify({});
    if (heap.violations != 0) engine().fail(FailureKind::oracle, heap.message);
    (void)runtime_->gc().collect();
    expect(runtime_->live_objects() == 0, "objects are alive after all were dropped");
    (void)runtime_->gc().collect();  // the pages of what died in the pause before, too
    expect(immortals_ || runtime_->page_bytes() == kPageBytes,
           "a page that is empty was not given back");
  }
  name_runtime_of(nullptr);
  runtime_.reset();
}

}  // namespace threadmill::explore
