// SPDX-License-Identifier: Apache-2.0
//
// A scenario over the runtime, and an explorer for it.
#include "harness/explore/commands.hpp"
#include "harness/explore/fixture/runtime_scenario.hpp"

using namespace threadmill;
using namespace threadmill::explore;

class AppendByTwo final : public RuntimeScenario {
 public:
  AppendByTwo() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { list_ = make<List>().release(); });
  }
  void part(unsigned) override { expect(list_->append(none()), "out of memory"); }
  void judge() override { expect(list_->size() == 2, "an item is lost"); }
  void drop() override { decref(*list_); }

  List* list_ = nullptr;
};

int main(int count, char** words) {
  return explore_main(count, words,
                      {scenario<AppendByTwo>("append-by-two", "both items stay")});
}
