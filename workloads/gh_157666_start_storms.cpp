// SPDX-License-Identifier: Apache-2.0
//
// gh-157666-start-storms: bursts of threads start and exit while others stop the world.
//
// Imitates   a report of a deadlock between threads that start and a stop of the world
//            (CPython gh-157666, not confirmed): a stopper waits for its turn, and everybody
//            who comes in needs a turn as well.
// Draws      a worker is by turns stopper (8 pauses back to back) or starter of 8 threads at
//            once, each of which enters, makes two objects, leaves one on a board, and exits.
// Checks     in counts, which no busy machine changes: of a stopper's request and its pause
//            no more pauses lie in between than there are other workers, each of whom may
//            have asked before; a thread waits to enter for no more than there are workers,
//            and to attach for no more than 3; each thread that was started came in; births
//            equal deaths but for the board.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>
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

constexpr int kPauses = 8;
constexpr std::uint64_t kBurst = 8;
constexpr std::uint32_t kMostPausesToAttach = 3;

struct Share {
  std::uint64_t started = 0;
  std::uint64_t pauses = 0;
  std::uint32_t most_before_its_own = 0;
};

class StartStorms final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    runtime_ = &runtime;
    runtime.gc().disable();  // workers alone stop the world
    shares_.resize(settings.threads);
    board_.resize(4 * std::size_t{settings.threads} + 12);
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      if (worker.random().below(4) == 0)
        stop(worker);
      else
        start(worker);
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t started = 0;
    std::uint64_t pauses = 0;
    std::uint32_t most = 0;
    shares_.for_each([&](const Share& share) {
      started += share.started;
      pauses += share.pauses;
      most = std::max(most, share.most_before_its_own);
    });
    const auto workers = static_cast<std::uint32_t>(shares_.size());
    at_most(checks, "pauses before a stopper's own", pauses, most, workers - 1);
    const Latencies waits = runtime_->latencies();
    at_most(checks, "pauses while a thread waits to enter", started,
            waits.most_pauses_to_enter, workers);
    at_most(checks, "pauses while a thread waits to attach", started,
            waits.most_pauses_to_attach, kMostPausesToAttach);
    // relaxed: all have been joined
    checks.equal("every thread that was started came in", started, started,
                 entered_.load(std::memory_order_relaxed));

    Census::Living living;
    board_.for_each([&living](const Token& token) { living.add(token); });
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    board_.for_each([&](Token& token) { handles.push_back(&token); });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    board_.clear();
    spoiler_.reset();
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  static void at_most(CheckList& checks,
                      const char* name,
                      std::uint64_t verified,
                      std::uint32_t found,
                      std::uint32_t bound) {
    checks.that(fmt::format("{}: at most {}", name, bound), verified, found <= bound,
                found <= bound ? "" : fmt::format("once there were {}", found));
  }

  void stop(Worker& worker) {
    Share& share = shares_[worker.index()];
    Runtime& runtime = worker.runtime();
    for (int i = 0; i < kPauses && !worker.stop_requested(); ++i) {
      // No safepoint between these: no pause passes unseen.
      const std::uint32_t before = runtime.pauses();
      std::uint32_t mine;
      {
        const StoppedWorld pause(*current());
        mine = runtime.pauses();
      }
      share.most_before_its_own =
          std::max(share.most_before_its_own, mine - before - 1);
      ++share.pauses;
      worker.did();
    }
  }

  void start(Worker& worker) {
    Share& share = shares_[worker.index()];
    const std::uint64_t seed = worker.random().next();
    std::uint64_t started = 0;
    {
      const Detached blocking;
      std::vector<std::jthread> threads;  // joined at the end of the scope
      threads.reserve(kBurst);
      try {
        for (; started < kBurst; ++started) {
          const std::uint64_t id =
              identity(worker.index(), (share.started + started) * 2);
          threads.emplace_back([this, &worker, id, chosen = mix_seed(seed, started)] {
            live_briefly(worker.runtime(), id, chosen);
          });
        }
      } catch (const std::system_error&) {
        std::this_thread::yield();  // the system had no thread to give
      }
    }
    share.started += started;
    worker.did(started);
  }

  void live_briefly(Runtime& runtime, std::uint64_t id, std::uint64_t chosen) {
    const Attached here(runtime);
    if (!here) return;
    entered_.fetch_add(1,
                       std::memory_order_relaxed);  // relaxed: read when all are joined
    const Ref<Token> brief = make<Token>(census_, id, id, chosen);
    Ref<Token> kept = make<Token>(census_, id + 1, id, chosen);
    if (kept) board_.swap(chosen % board_.size(), std::move(kept)).reset();
  }

  Runtime* runtime_ = nullptr;
  Census census_;
  Board<Token> board_;
  PerWorker<Share> shares_;
  std::atomic<std::uint64_t> entered_{0};
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_start_storms() {
  return std::make_unique<StartStorms>();
}

}  // namespace threadmill
