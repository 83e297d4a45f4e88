// SPDX-License-Identifier: Apache-2.0
//
// gh-142048-garbage and gh-142531-untracked-and-frozen: all collections together cost no
// more than a constant for each object that is made.
//
// Imitates   two programs that CPython's collector made quadratic. In the first (gh-142048)
//            what a collection freed was counted twice, so that each delayed the next ones
//            less; in the second (gh-142531) a large list of tuples was being built, which
//            collections pass over without tracking them, and which were missing in the size
//            that the next one is held against; frozen objects were, too.
// Draws      a large population stands by: containers of which a chain is made, or tuples of
//            numbers, half of them frozen. Workers make rings of 8 containers, of which they
//            drop 15 in 16 and keep the rest, up to 2048 rings each (with more than 8
//            workers accordingly fewer); low thresholds make each generation due often, and
//            nobody makes anything while a collection runs, which would put the next one
//            off.
// Checks     by the collector's own count of the blocks that it passed over, which no busy
//            machine changes: at most 8 for each object that was made, since no page of such
//            objects is allocated from of which less than an eighth is free
//            (runtime/memory/heap.hpp, H1), and for each collection two pages of each
//            thread, that it was allocating from and before.
#include <algorithm>
#include <array>
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

#include "runtime/base/config.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kRing = 8;
constexpr std::size_t kMostRings = 2048;
constexpr std::size_t kLeastRings = 256;  // that many workers may keep, each
constexpr GenerationCounts kThresholds = {1000, 1, 1};
constexpr std::uint64_t kPerObject = 8;
// Of the first one, and of those that were asked for.
constexpr std::uint64_t kWholeHeaps = 4;
constexpr std::uint64_t kBlocksOnPage = kPageBytes / 32;

constexpr bool kIsSlow = kAddressSanitizer || kThreadSanitizer;
constexpr std::uint64_t kPopulation = kIsSlow ? 50'000 : 1'000'000;

struct Member : Object {
  static constexpr const char* kTypeName = "member";
  static void traverse(Member& self, const FieldVisitor& visit) { visit(self.next); }

  Field<Member> next;
};

struct Share {
  std::vector<Ref<Member>> rings;
  std::uint64_t made = 0;  // objects
};

class CollectorWork : public Workload {
 public:
  ~CollectorWork() override {
    if (runtime_ != nullptr) runtime_->gc().remove_callback(callback());
  }

  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    if (!runtime.gc().add_callback(callback()))
      throw std::runtime_error("the collector takes no callback");
    runtime_ = &runtime;
    shares_.resize(settings.threads);
    most_rings_ = share_of(kMostRings, settings.threads, kLeastRings);
    runtime.gc().disable();
    populate();
    before_ = examined(runtime.gc());
    runtime.gc().set_threshold(kThresholds);
    runtime.gc().enable();
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    share.rings.reserve(most_rings_);
    while (worker.keep_going()) {
      if (collecting_.load()) {
        const Detached away;
        std::this_thread::yield();
        continue;
      }
      Ref<Member> ring = make_ring();
      share.made += kRing;
      if (share.rings.size() == most_rings_)
        share.rings[worker.random().below(most_rings_)] = std::move(ring);
      else if (worker.random().below(16) == 0)
        share.rings.push_back(std::move(ring));
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t made = 0;
    shares_.for_each([&made](const Share& share) { made += share.made; });
    // More slots than workers: the one of who prepared it, and of collections before.
    const std::uint64_t slots = runtime_->slot_count();
    const std::uint64_t collections = runtime_->gc().collections();
    const std::uint64_t bound = kPerObject * made + whole_heaps() * kPopulation +
                                collections * slots * 2 * kBlocksOnPage;
    const std::uint64_t found = examined(runtime_->gc()) - before_ + damage_;
    checks.that("collections pass over a bounded number of blocks", made + kPopulation,
                found <= bound,
                found <= bound ? ""
                               : fmt::format("{} for {} objects in {} collections; at "
                                             "most {}",
                                             found, made, collections, bound));
    const auto stats = runtime_->gc().stats();
    facts_ = {{"collections",
               fmt::format("{} young, {} middle, {} full", stats[0].collections,
                           stats[1].collections, stats[2].collections)},
              {"blocks passed over for each object made",
               fmt::format("{:.2f}", made == 0 ? 0.0
                                               : static_cast<double>(found) /
                                                     static_cast<double>(made))}};
  }

  void roots(std::vector<Object*>& handles) const override {
    shares_.for_each([&handles](const Share& share) {
      for (const Ref<Member>& ring : share.rings) handles.push_back(ring.get());
    });
  }

  void drop() override {
    shares_.for_each([](Share& share) { share.rings.clear(); });
    runtime_->gc().collect();
  }

  [[nodiscard]] std::vector<Fact> facts() const override { return facts_; }

  void spoil_for_test() override { damage_ = std::uint64_t{1} << 60; }

 protected:
  virtual void populate() = 0;

  [[nodiscard]] Runtime& runtime() { return *runtime_; }

 private:
  [[nodiscard]] CollectionCallback callback() {
    return {[](void* context, CollectionPhase phase, const CollectionInfo&) noexcept {
              static_cast<CollectorWork*>(context)->collecting_.store(
                  phase == CollectionPhase::start);
            },
            this};
  }

  // Chaos of the highest level collects although nothing is due.
  [[nodiscard]] std::uint64_t whole_heaps() const {
    return current()->chaos.level < kMaxChaosLevel
               ? kWholeHeaps
               : kWholeHeaps + runtime_->gc().stats()[kOldest].collections;
  }

  [[nodiscard]] static std::uint64_t examined(const Gc& gc) {
    std::uint64_t sum = 0;
    for (const GenerationStatistics& one : gc.stats()) sum += one.examined;
    return sum;
  }

  [[nodiscard]] static Ref<Member> make_ring() {
    Ref<Member> first = must(make<Member>());
    Ref<Member> last = first;
    for (std::size_t i = 1; i < kRing; ++i) {
      Ref<Member> next = must(make<Member>());
      last->next.store(next);
      last = std::move(next);
    }
    last->next.store(first);
    return first;
  }

  Runtime* runtime_ = nullptr;
  std::size_t most_rings_ = kMostRings;
  PerWorker<Share> shares_;
  std::atomic<bool> collecting_{false};
  std::uint64_t before_ = 0;
  std::uint64_t damage_ = 0;
  std::vector<Fact> facts_;
};

class Garbage final : public CollectorWork {
  void populate() override {
    for (std::uint64_t i = 0; i < kPopulation; ++i) {
      Ref<Member> next = must(make<Member>());
      next->next.store(std::move(chain_));
      chain_ = std::move(next);
    }
  }

  void roots(std::vector<Object*>& handles) const override {
    CollectorWork::roots(handles);
    if (chain_) handles.push_back(chain_.get());
  }

  void drop() override {
    chain_.reset();
    CollectorWork::drop();
  }

  Ref<Member> chain_;
};

class UntrackedAndFrozen final : public CollectorWork {
  void populate() override {
    list_ = must(make<List>());
    append(kPopulation / 2);
    runtime().gc().freeze();
    append(kPopulation / 2);
    runtime().gc().collect();  // finds them not worth tracking
  }

  void append(std::uint64_t tuples) {
    const Ref<Int> number = must(make<Int>(1));
    for (std::uint64_t i = 0; i < tuples; ++i)
      must(list_->append(must(Tuple::create({number}))));
  }

  void roots(std::vector<Object*>& handles) const override {
    CollectorWork::roots(handles);
    if (list_) handles.push_back(list_.get());
  }

  void drop() override {
    list_.reset();
    runtime().gc().unfreeze();
    CollectorWork::drop();
  }

  Ref<List> list_;
};

}  // namespace

std::unique_ptr<Workload> make_garbage_work() { return std::make_unique<Garbage>(); }

std::unique_ptr<Workload> make_untracked_work() {
  return std::make_unique<UntrackedAndFrozen>();
}

}  // namespace threadmill
