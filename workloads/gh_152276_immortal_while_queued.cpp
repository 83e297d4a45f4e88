// SPDX-License-Identifier: Apache-2.0
//
// gh-152276-immortal-while-queued: an object becomes immortal while it waits to be merged.
//
// Imitates   a thread that interns a string in a long native call, after another has dropped
//            it (CPython gh-152276): the string waits in its owner's queue, and the owner
//            makes it immortal before it merges.
// Draws      a worker puts an object on a board, from which others take and drop what they
//            find. It looks, without a safepoint, until the object is queued to it, and then
//            makes it immortal, or drops its own reference as well, at random. Of immortal
//            objects there are at most 65536 in a run; all workers count them up and down.
// Checks     what is immortal stays so and is sound; what is not dies exactly once.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/board.hpp"
#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kMostImmortal = 65'536;
constexpr int kLooks = 300;

// It may live for as long as the runtime, so it refers to nothing of the workload's.
struct Keepsake : Object {
  static constexpr const char* kTypeName = "keepsake";

  explicit Keepsake(std::atomic<std::uint64_t>* its_deaths) : deaths(its_deaths) {}
  ~Keepsake() {
    seal = 0;
    if (deaths != nullptr) deaths->fetch_add(1);
  }

  static constexpr std::uint64_t kSound = 0x5ea1'5ea1'5ea1'5ea1;
  std::uint64_t seal = kSound;
  std::atomic<std::uint64_t>* deaths;  // null once it is immortal
};

struct Share {
  std::vector<Ref<Keepsake>> immortal;
  std::uint64_t made = 0;
  std::uint64_t queued = 0;  // made immortal while queued
  std::uint64_t looks = 0;
};

class ImmortalWhileQueued final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    board_.resize(settings.threads);
    each_ = kMostImmortal / settings.threads;
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    share.immortal.reserve(each_);
    while (worker.keep_going()) {
      take_from_others(worker);
      offer(worker, share);
      look_at_one(worker, share);
      worker.did();
    }
    board_.take(worker.index()).reset();
  }

  void check(CheckList& checks) override {
    std::uint64_t made = 0;
    std::uint64_t immortal = 0;
    std::uint64_t looks = 0;
    shares_.for_each([&](const Share& share) {
      made += share.made;
      immortal += share.immortal.size();
      looks += share.looks + share.immortal.size();
      for (const Ref<Keepsake>& one : share.immortal) verify(*one);
    });
    unsound_.report(checks, "what is immortal stays so", looks);
    checks.equal("what is not dies once", made - immortal, made - immortal,
                 deaths_.load());
  }

  void roots(std::vector<Object*>& handles) const override {
    board_.for_each([&](Keepsake& one) { handles.push_back(&one); });
    shares_.for_each([&](const Share& share) {
      for (const Ref<Keepsake>& one : share.immortal) handles.push_back(one.get());
    });
  }

  void drop() override {
    board_.clear();
    shares_.for_each([](Share& share) { share.immortal.clear(); });
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t queued = 0;
    shares_.for_each([&queued](const Share& share) { queued += share.queued; });
    return {{"made immortal while queued", std::to_string(queued)}};
  }

  void spoil_for_test() override { deaths_.fetch_add(1); }

 private:
  void take_from_others(Worker& worker) {
    for (std::size_t i = 1; i < board_.size(); ++i)
      board_.take((worker.index() + i) % board_.size()).reset();
  }

  // From the making to the end of it without a safepoint, at which it would be merged.
  void offer(Worker& worker, Share& share) {
    Ref<Keepsake> mine = must(make<Keepsake>(&deaths_));
    ++share.made;
    board_.swap(worker.index(), mine).reset();
    const bool is_queued = waits_until_queued(*mine);
    if (share.immortal.size() < each_ && worker.random().below(2) == 0) {
      share.queued += is_queued ? 1 : 0;
      mine->deaths = nullptr;
      make_immortal_owned(*mine);
      share.immortal.push_back(std::move(mine));
    }
  }

  [[nodiscard]] static bool waits_until_queued(const Keepsake& mine) {
    for (int look = 0; look < kLooks; ++look) {
      // relaxed: only this thread would change it back
      const std::int32_t shared = mine.shared.load(std::memory_order_relaxed);
      if (shared_word::state(shared) == shared_word::kQueued) return true;
      if (look % 64 == 63) std::this_thread::yield();
    }
    return false;
  }

  // Immortal ones of its own: another worker's list may grow.
  void look_at_one(Worker& worker, Share& share) {
    if (share.immortal.empty()) return;
    const Ref<Keepsake> copy =
        share.immortal[worker.random().below(share.immortal.size())];
    verify(*copy);
    ++share.looks;
  }

  void verify(const Keepsake& one) {
    if (!is_immortal(one) || one.seal != Keepsake::kSound)
      unsound_.add(
          fmt::format("one counts {}, and its seal is {:x}", refcount(one), one.seal));
  }

  Board<Keepsake> board_;
  PerWorker<Share> shares_;
  std::size_t each_ = 0;
  std::atomic<std::uint64_t> deaths_{0};
  Violations unsound_;
};

}  // namespace

std::unique_ptr<Workload> make_immortal_while_queued() {
  return std::make_unique<ImmortalWhileQueued>();
}

}  // namespace threadmill
