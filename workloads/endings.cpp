// SPDX-License-Identifier: Apache-2.0
//
// endings: runtimes end while threads are still in them.
//
// Imitates   an interpreter that is shut down under its daemon threads, some of which run and
//            some of which are in a system call and come back after all is gone.
// Draws      each operation is the life of a small runtime of its own, with 1 to 3 threads
//            that enter and leave until they are refused, up to two that run on and up to two
//            that block, each with one object, until the runtime is no more. The latter two
//            kinds never exit, so there are at most 24 of them in a run. It makes 1 to 32
//            rings with finalizers, and ends the runtime.
// Checks     every finalizer ran once; what is left is what blocked threads hold; whoever ran
//            on makes no step after the end, and whoever comes back late does not come in.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::uint64_t kMostDaemons = 24;  // in a run
constexpr std::uint64_t kMostOfAKind = 2;
constexpr std::uint64_t kMostVisitors = 3;
constexpr std::uint64_t kMostRings = 32;
constexpr std::uint64_t kArenaBytes = 64 * kPageBytes;

struct Finalized : Object {
  static constexpr const char* kTypeName = "finalized";
  static void traverse(Finalized& self, const FieldVisitor& visit) {
    visit(self.itself);
  }
  static void finalize(Finalized& self) { ++*self.count; }

  explicit Finalized(std::uint64_t* its_count) : count(its_count) {}

  Field<Finalized> itself;
  std::uint64_t* count;
};

// What is known of one ending by its threads, which may outlive the workload.
struct Ending {
  std::atomic<std::uint64_t> in{0};     // threads that have come in
  std::atomic<std::uint64_t> steps{0};  // of those that run on
  std::atomic<std::uint64_t> late{0};   // that came in after the end
  std::uint64_t steps_at_end = 0;       // the host's
  std::mutex mutex;
  std::condition_variable changed;
  bool is_gone = false;  // guarded by mutex
};

struct Share {
  std::vector<std::shared_ptr<Ending>> endings;  // those with daemons
  std::uint64_t ended = 0;
  std::uint64_t finalized = 0;
};

class Endings final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    stopped_before_ = stopped_for_good();
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      const Detached from_the_workloads_own;
      live_and_end(worker);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    wait_for_the_late();
    std::uint64_t ended = 0;
    std::uint64_t finalized = 0;
    shares_.for_each([&](const Share& share) {
      ended += share.ended;
      finalized += share.finalized;
      for (const std::shared_ptr<Ending>& ending : share.endings) {
        if (ending->late.load() != 0) ran_on_.add("one came in after the end");
        if (ending->steps.load() != ending->steps_at_end)
          ran_on_.add("one made a step after the end");
      }
    });
    unfinished_.report(checks, "finalizers run, and only what is held is left",
                       ended + finalized);
    // relaxed: at quiescence
    ran_on_.report(checks, "daemons stop for good",
                   ended + daemons_.load(std::memory_order_relaxed));
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    return {{"daemons", std::to_string(daemons_.load())}};
  }

  void spoil_for_test() override { ran_on_.add("spoiled"); }

 private:
  void live_and_end(Worker& worker) {
    Random& random = worker.random();
    Share& share = shares_[worker.index()];
    std::unique_ptr<Runtime> runtime = Runtime::create({.arena_bytes = kArenaBytes});
    must(runtime != nullptr);
    const auto ending = std::make_shared<Ending>();
    const std::uint64_t runners = take_daemons(random.below(kMostOfAKind + 1));
    const std::uint64_t blockers = take_daemons(random.below(kMostOfAKind + 1));
    if (runners + blockers != 0) share.endings.push_back(ending);
    std::vector<std::jthread> visitors;  // joined at the end of the scope
    const std::uint64_t visiting = 1 + random.below(kMostVisitors);
    for (std::uint64_t i = 0; i < visiting; ++i)
      visitors.emplace_back([&its = *runtime, ending] { visit(its, *ending); });
    start(runners, *runtime, ending, run_on);
    start(blockers, *runtime, ending, block);
    end(*runtime, *ending, visiting + runners + blockers, blockers,
        1 + random.below(kMostRings), share);
    visitors.clear();
    ending->steps_at_end = ending->steps.load();
    runtime.reset();
    const std::lock_guard lock(ending->mutex);
    ending->is_gone = true;
    ending->changed.notify_all();
  }

  // Fewer, when there have been so many.
  [[nodiscard]] std::uint64_t take_daemons(std::uint64_t wanted) {
    // relaxed, both: a budget
    std::uint64_t so_far = daemons_.load(std::memory_order_relaxed);
    std::uint64_t taken;
    do {
      taken = std::min(wanted, kMostDaemons - so_far);
    } while (!daemons_.compare_exchange_weak(so_far, so_far + taken,
                                             std::memory_order_relaxed));
    return taken;
  }

  using Daemon = void (*)(Runtime& runtime, Ending& ending);

  static void start(std::uint64_t daemons,
                    Runtime& runtime,
                    const std::shared_ptr<Ending>& ending,
                    Daemon daemon) {
    for (std::uint64_t i = 0; i < daemons; ++i)
      std::thread([&runtime, ending, daemon] { daemon(runtime, *ending); }).detach();
  }

  // It passes no safepoint, so it never stops for good.
  static void visit(Runtime& runtime, Ending& ending) {
    ending.in.fetch_add(1);
    for (;;) {
      const Attached here(runtime);
      if (!here) return;
    }
  }

  static void run_on(Runtime& runtime, Ending& ending) {
    const Attached here(runtime);
    ending.in.fetch_add(1);
    for (;;) {
      (void)make<List>();
      ending.steps.fetch_add(1);
    }
  }

  static void block(Runtime& runtime, Ending& ending) {
    const Attached here(runtime);
    const Ref<List> held = make<List>();
    {
      const Detached away;
      ending.in.fetch_add(1);
      std::unique_lock lock(ending.mutex);
      ending.changed.wait(lock, [&ending] { return ending.is_gone; });
    }
    ending.late.fetch_add(1);
    for (;;)
      std::this_thread::yield();  // never, but for a fault: it must touch nothing
  }

  void end(Runtime& runtime,
           Ending& ending,
           std::uint64_t threads,
           std::uint64_t held,
           std::uint64_t rings,
           Share& share) {
    const Attached here(runtime);
    must(static_cast<bool>(here));
    while (ending.in.load() != threads) {
      safepoint();
      std::this_thread::yield();
    }
    std::uint64_t finalized = 0;
    for (std::uint64_t i = 0; i < rings; ++i) {
      const Ref<Finalized> ring = must(make<Finalized>(&finalized));
      ring->itself.store(ring);
    }
    const std::uint64_t left = runtime.end();
    if (finalized != rings || left != held) {
      unfinished_.add(
          fmt::format("{} of {} finalizers ran; {} objects are left, held {}",
                      finalized, rings, left, held));
    }
    ++share.ended;
    share.finalized += finalized;
  }

  // Each has stopped by now, or will, or comes in although it must not.
  void wait_for_the_late() const {
    const Detached waiting;
    for (;;) {
      std::uint64_t late = 0;
      shares_.for_each([&late](const Share& share) {
        for (const std::shared_ptr<Ending>& ending : share.endings)
          late += ending->late.load();
      });
      if (stopped_for_good() - stopped_before_ + late >= daemons_.load()) return;
      std::this_thread::yield();
    }
  }

  PerWorker<Share> shares_;
  std::atomic<std::uint64_t> daemons_{0};
  std::uint32_t stopped_before_ = 0;
  Violations unfinished_;
  Violations ran_on_;
};

}  // namespace

std::unique_ptr<Workload> make_endings() { return std::make_unique<Endings>(); }

}  // namespace threadmill
