// SPDX-License-Identifier: Apache-2.0
//
// gh-157377-polled-counts: who asks the collector for its counts keeps no collection from
// becoming due.
//
// Imitates   a monitor that polls gc.get_count() (CPython gh-157377): each call moved the
//            thread's own count of new objects to the common one, and only the overflow of
//            the own count started a collection, so none ever started.
// Draws      at most 2 workers make containers that stay, and ask for the counts after every
//            second one; the others only ask. While a collection runs nobody makes
//            anything. A worker drops its containers when there are kMostKept, and has
//            the young collected, so that what died is not set off against what is made.
// Checks     no more containers are made between two collections than the threshold, and what
//            each maker may have made on its current page and not added up yet.
//
// Edges
//   collection-noted   the end of a collection happens before a maker compares with it
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::uint64_t kBatch = 2;
constexpr std::uint64_t kThreshold = 500;
constexpr std::size_t kMostMakers = 2;
// Containers on a page, twice: a count is added up when a page is used up, and one that had
// room left may be used up in between.
constexpr std::uint64_t kNotAddedUp = 2 * (kPageBytes / 32) + 2 * kBatch;
constexpr std::uint64_t kMostKept = 8 * (kThreshold + kMostMakers * kNotAddedUp);

struct Link : Object {
  static constexpr const char* kTypeName = "link";
  static void traverse(Link& self, const FieldVisitor& visit) { visit(self.next); }

  Field<Link> next;
};

struct Share {
  Ref<Link> newest;
  std::uint64_t kept = 0;
  std::uint64_t polls = 0;
};

class PolledCounts final : public Workload {
 public:
  ~PolledCounts() override {
    if (runtime_ != nullptr) runtime_->gc().remove_callback(callback());
  }

  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    makers_ = std::min<std::size_t>(settings.threads, kMostMakers);
    runtime.gc().set_threshold({kThreshold, 10, 10});
    if (!runtime.gc().add_callback(callback()))
      throw std::runtime_error("the collector takes no callback");
    runtime_ = &runtime;
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      if (worker.index() < makers_)
        make_batch(worker);
      else
        std::this_thread::yield();
      (void)worker.runtime().gc().count();
      ++shares_[worker.index()].polls;
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t polls = 0;
    shares_.for_each([&polls](const Share& share) { polls += share.polls; });
    checks.that(
        fmt::format("at most {} containers between two collections", bound()), polls,
        most_ <= bound(),
        most_ <= bound() ? "" : fmt::format("once there were {}", most_.load()));
  }

  void roots(std::vector<Object*>& handles) const override {
    shares_.for_each([&](const Share& share) {
      if (share.newest) handles.push_back(share.newest.get());
    });
  }

  void drop() override {
    shares_.for_each([](Share& share) { share.newest.reset(); });
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    return {{"collections", std::to_string(collections_.load())}};
  }

  void spoil_for_test() override { most_.store(bound() + 1); }

 private:
  [[nodiscard]] std::uint64_t bound() const {
    return kThreshold + makers_ * kNotAddedUp;
  }

  [[nodiscard]] CollectionCallback callback() {
    return {[](void* context, CollectionPhase phase, const CollectionInfo&) noexcept {
              static_cast<PolledCounts*>(context)->note(phase);
            },
            this};
  }

  // By the thread that collects, the world running.
  void note(CollectionPhase phase) noexcept {
    if (phase == CollectionPhase::start) {
      collecting_.store(true);
      return;
    }
    made_before_.store(made_.load());
    collections_.fetch_add(1);
    collecting_.store(false, std::memory_order_release);  // edge: collection-noted
  }

  void make_batch(Worker& worker) {
    Share& share = shares_[worker.index()];
    while (collecting_.load(std::memory_order_acquire)) {  // edge: collection-noted
      if (!worker.keep_going()) return;
      const Detached away;
      std::this_thread::yield();
    }
    for (std::uint64_t i = 0; i < kBatch; ++i) {
      Ref<Link> link = must(make<Link>());
      link->next.store(std::move(share.newest));
      share.newest = std::move(link);
    }
    share.kept += kBatch;
    compare(made_.fetch_add(kBatch) + kBatch);
    if (share.kept < kMostKept) return;
    share.newest.reset();
    share.kept = 0;
    worker.runtime().gc().collect(0);
  }

  // `made`: up to now. A collection that ended since makes it less than it was.
  void compare(std::uint64_t made) {
    const std::uint64_t before = made_before_.load();
    if (made <= before) return;
    std::uint64_t most = most_.load();
    while (most < made - before && !most_.compare_exchange_weak(most, made - before)) {
    }
  }

  Runtime* runtime_ = nullptr;
  std::size_t makers_ = 0;
  PerWorker<Share> shares_;
  std::atomic<std::uint64_t> made_{0};
  std::atomic<std::uint64_t> made_before_{0};  // when the last collection ended
  std::atomic<std::uint64_t> most_{0};         // between two collections
  std::atomic<std::uint64_t> collections_{0};
  std::atomic<bool> collecting_{false};
};

}  // namespace

std::unique_ptr<Workload> make_polled_counts() {
  return std::make_unique<PolledCounts>();
}

}  // namespace threadmill
