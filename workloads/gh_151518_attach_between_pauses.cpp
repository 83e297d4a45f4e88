// SPDX-License-Identifier: Apache-2.0
//
// gh-151518-attach-between-pauses: the world is stopped back to back, and who waits to
// attach is let in all the same.
//
// Imitates   a thread that collects in a loop, beside one that comes back from a system call
//            (CPython gh-151518): woken at the end of a pause, it found the next one in force
//            before it had run, for ever.
// Draws      a worker is by turns stopper (32 pauses back to back) and visitor (detaches and
//            attaches 64 times).
// Checks     a wait to attach lasts for at most 3 pauses: as the runtime counts them for each
//            wait; and as a stopper sees it, who looks before and after each of its own
//            pauses whether another worker is still in the same wait.
//
// Edges
//   visit-count   the end of a wait to attach happens before a stopper takes note of it
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr int kPauses = 32;
constexpr int kVisits = 64;
constexpr std::uint32_t kMostPauses = 3;

struct Share {
  std::atomic<SlotId> slot{0};
  std::atomic<std::uint64_t> visits{0};
  std::uint64_t looks = 0;  // of this worker at others
  Ref<Token> token;         // whose owner comes and goes
};

class AttachBetweenPauses final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    runtime_ = &runtime;
    shares_.resize(settings.threads);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    // relaxed: the number of a slot publishes nothing
    share.slot.store(current()->id, std::memory_order_relaxed);
    share.token = must(make<Token>(census_, identity(worker.index(), 0), 0U, 0U));
    while (worker.keep_going()) {
      if (worker.random().below(2) == 0)
        stop(worker);
      else
        visit(worker);
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t visits = 0;
    std::uint64_t looks = 0;
    Census::Living living;
    shares_.for_each([&](const Share& share) {
      visits += share.visits.load(std::memory_order_relaxed);  // relaxed: at quiescence
      looks += share.looks;
      if (share.token) living.add(*share.token);
    });
    const std::uint32_t most = runtime_->latencies().most_pauses_to_attach;
    checks.that("no wait to attach lasts for more than 3 pauses", visits,
                most <= kMostPauses,
                most <= kMostPauses ? "" : fmt::format("one lasted for {}", most));
    starved_.report(checks, "nobody is seen in one wait for more than 3 pauses", looks);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    shares_.for_each([&](const Share& share) {
      if (share.token) handles.push_back(share.token.get());
    });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share.token.reset(); });
    spoiler_.reset();
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  // Of somebody else: in which wait it is. 0: in none.
  [[nodiscard]] std::uint64_t wait_of(const Share& share) const {
    const std::uint64_t before =
        share.visits.load(std::memory_order_acquire);  // edge: visit-count
    // relaxed: as above
    const SlotId slot = share.slot.load(std::memory_order_relaxed);
    if (slot == 0) return 0;
    if ((runtime_->thread_state(slot).state & slot_state::kWaiter) == 0) return 0;
    return before + 1;
  }

  void stop(Worker& worker) {
    Share& share = shares_[worker.index()];
    const std::size_t whose = worker.random().below(shares_.size());
    std::uint64_t wait = 0;
    std::uint32_t lasted = 0;
    for (int i = 0; i < kPauses && !worker.stop_requested(); ++i) {
      { const StoppedWorld pause(*current()); }
      if (whose != worker.index()) {
        const std::uint64_t now = wait_of(shares_[whose]);
        lasted = now != 0 && now == wait ? lasted + 1 : 0;
        wait = now;
        ++share.looks;
        if (lasted > kMostPauses)
          starved_.add(fmt::format("worker {}, visit {}", whose, wait));
      }
      worker.did();
    }
  }

  void visit(Worker& worker) {
    Share& share = shares_[worker.index()];
    for (int i = 0; i < kVisits && !worker.stop_requested(); ++i) {
      { const Detached away; }
      share.visits.fetch_add(1, std::memory_order_release);  // edge: visit-count
      worker.did();
    }
  }

  Runtime* runtime_ = nullptr;
  Census census_;
  PerWorker<Share> shares_;
  Violations starved_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_attach_between_pauses() {
  return std::make_unique<AttachBetweenPauses>();
}

}  // namespace threadmill
