// SPDX-License-Identifier: Apache-2.0
//
// How fast the engine is: two threads of five shared accesses each on the counts of one
// object, on a runtime that stays.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"

namespace threadmill::explore {
namespace {

class CountByTwo final : public Scenario {
 public:
  CountByTwo() {
    runtime_ = Runtime::create({.arena_bytes = std::size_t{4} * kPageBytes});
    for (Slot*& slot : slots_) {
      alignas(Attached) std::array<std::byte, sizeof(Attached)> place;
      new (place.data()) Attached(*runtime_);  // its end is leave(), below
      slot = current();
      set_current(nullptr);
    }
    set_current(slots_[2]);
    object_ = make<Int>(7).release();
    incref(*object_);
    set_current(nullptr);
  }
  CountByTwo(const CountByTwo&) = delete;
  CountByTwo& operator=(const CountByTwo&) = delete;
  ~CountByTwo() override {
    set_current(slots_[2]);
    decref(*object_);
    decref(*object_);
    for (Slot* slot : slots_) {
      set_current(slot);
      leave();
    }
  }

  [[nodiscard]] unsigned threads() const override { return 2; }
  void set_up() override {
    for (unsigned t = 0; t < 2; ++t) engine().local_of(t) = slots_[t];
  }
  void run(unsigned) override {
    incref(*object_);
    decref(*object_);
  }
  void check() override {
    set_current(slots_[2]);
    expect(refcount(*object_) == 2, "the count is what it was");
    set_current(nullptr);
  }

 private:
  std::unique_ptr<Runtime> runtime_;
  std::array<Slot*, 3> slots_{};
  Int* object_ = nullptr;
};

}  // namespace

void add_speed_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(
      {.name = "count-by-two",
       .purpose = "two threads take and drop a reference; the engine's speed",
       .make = [] { return std::make_unique<CountByTwo>(); },
       .persists = true,
       .limits = {},
       .sc_executions = 22});
}

}  // namespace threadmill::explore
