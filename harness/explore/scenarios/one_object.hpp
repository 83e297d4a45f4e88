// SPDX-License-Identifier: Apache-2.0
//
// What scenarios of counts and of ownership begin with.
#pragma once

#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {

// One object of thread 0's, to which each thread has a reference. Those of the others are
// counted by the owner.
class OneObject : public RuntimeScenario {
 public:
  explicit OneObject(unsigned threads) : RuntimeScenario(threads) {}

 protected:
  void prepare() override {
    as_thread(0, [this] {
      object_ = make<Leaf>(1, deaths_).release();
      for (unsigned i = 1; i < threads(); ++i) incref(*object_);
    });
  }
  void judge() override { expect(deaths_ == 1, "the object has not died once"); }

  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

}  // namespace threadmill::explore
