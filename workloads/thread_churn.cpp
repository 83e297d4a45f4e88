// SPDX-License-Identifier: Apache-2.0
//
// thread-churn: short-lived threads attach, build objects, leave some behind, and exit.
//
// Imitates   servers with a thread per request: owners exit while others still hold and
//            drop their objects, their slots stand vacant with what arrives in the inbox,
//            and the next thread inherits slot and objects.
// Draws      each worker starts 1 to 3 threads at a time and joins them detached; each of
//            these attaches twice, each time for 1 to 16 objects, of which about half are
//            left on a board of 4 T + 12 cells, and the others dropped before or at its
//            exit. What a cell held before is dropped by whoever comes along.
// Checks     every short-lived thread could attach; the objects left on the board are
//            sound and count one; all others have died exactly once.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
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

constexpr std::uint64_t kMostAtOnce = 3;
constexpr unsigned kRounds = 2;
constexpr std::uint64_t kMostObjects = 16;

struct Share {
  std::uint64_t threads = 0;  // started so far
};

class ThreadChurn final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    board_.resize(4 * std::size_t{settings.threads} + 12);
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      const std::uint64_t lived = start_and_join(worker);
      worker.did(lived);
      if (lived == 0) std::this_thread::yield();  // the system had no thread to give
      for (std::uint64_t i = 0; i < lived; ++i) {
        const Ref<Token> inherited = board_.take(worker.random().below(board_.size()));
        if (inherited) verify(*inherited);
      }
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t threads = 0;
    shares_.for_each([&](const Share& share) { threads += share.threads; });
    trouble_.report(checks, "every short-lived thread could attach", threads);

    Census::Living living;
    board_.for_each([&](const Token& token) {
      living.add(token);
      verify(token);
      if (const std::int64_t count = refcount(token); count != 1) {
        violations_.add(fmt::format("{} counts {}, held 1", token.describe(), count));
      }
    });
    violations_.report(checks, "what exited threads left is sound", census_.births());
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
  // How many threads lived and died.
  [[nodiscard]] std::uint64_t start_and_join(Worker& worker) {
    Share& share = shares_[worker.index()];
    Runtime& runtime = worker.runtime();
    const std::uint64_t wanted = 1 + worker.random().below(kMostAtOnce);
    const std::uint64_t seed = worker.random().next();

    const Detached blocking;
    std::vector<std::jthread> threads;  // joined at the end of the scope
    threads.reserve(kMostAtOnce);
    for (std::uint64_t i = 0; i < wanted; ++i) {
      const std::uint64_t first_id =
          identity(worker.index(), (share.threads + i) * kRounds * kMostObjects);
      try {
        threads.emplace_back(
            [this, &runtime, first_id, thread_seed = mix_seed(seed, i)] {
              live_briefly(runtime, first_id, thread_seed);
            });
      } catch (const std::system_error&) {
        break;
      }
    }
    share.threads += threads.size();
    return threads.size();
  }

  void live_briefly(Runtime& runtime, std::uint64_t first_id, std::uint64_t seed) {
    Random random(seed);
    for (unsigned round = 0; round < kRounds; ++round) {
      const Attached attached(runtime);
      if (!attached) {
        trouble_.add("a short-lived thread could not attach");
        return;
      }
      try {
        build_and_leave(first_id + round * kMostObjects, random);
      } catch (const std::exception& error) {
        trouble_.add(error.what());
        return;
      }
    }
  }

  void build_and_leave(std::uint64_t first_id, Random& random) {
    std::vector<Ref<Token>> kept;  // dropped when this thread leaves
    const std::uint64_t count = 1 + random.below(kMostObjects);
    for (std::uint64_t i = 0; i < count; ++i) {
      Ref<Token> token = must(make<Token>(census_, first_id + i, i, count));
      const std::uint64_t choice = random.below(4);
      if (choice < 2) kept.push_back(token);
      if (choice % 2 == 0) {
        const std::size_t cell = random.below(board_.size());
        const Ref<Token> displaced = board_.swap(cell, std::move(token));
        if (displaced) verify(*displaced);
      }
    }
    safepoint();
  }

  void verify(const Token& token) {
    if (!token.sound()) violations_.add(token.describe());
  }

  Census census_;
  Board<Token> board_;
  PerWorker<Share> shares_;
  Violations trouble_;
  Violations violations_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_thread_churn() {
  return std::make_unique<ThreadChurn>();
}

}  // namespace threadmill
