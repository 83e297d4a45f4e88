// SPDX-License-Identifier: Apache-2.0
//
// A workload, and a lab for it.
#include "harness/stress_main.hpp"

using namespace threadmill;

class Balance final : public Workload {
  void prepare(Runtime&, const WorkloadSettings&) override { list_ = make<List>(); }
  void run(Worker& worker) override {
    while (worker.keep_going()) {
      if (worker.random().below(2) == 0)
        size_ += list_->append(none()) ? 1 : 0;
      else
        size_ -= list_->pop() ? 1 : 0;
      worker.did();
    }
  }
  void check(CheckList& checks) override {
    checks.equal("items", size_, size_, list_->size());
  }
  void roots(std::vector<Object*>& held) const override { held.push_back(list_.get()); }
  void drop() override { list_.reset(); }

  Ref<List> list_;
  std::atomic<std::uint64_t> size_{0};
};

int main(int count, char** words) {
  return stress_main(count, words, {workload<Balance>("balance", "no item is lost")});
}
