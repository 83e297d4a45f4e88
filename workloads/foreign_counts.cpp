// SPDX-License-Identifier: Apache-2.0
//
// foreign-counts: objects owned by one thread are counted up and down by others.
//
// Imitates   shared structures whose elements wander between threads: most references are
//            dropped by a thread that does not own the object, so that the first drop goes
//            below zero and the owner has to merge (its inbox).
// Draws      a board of 2 T + 6 cells and 16 handles per worker, uniformly; of 16
//            operations 4 make an object (half of the makers keep a copy, so that the owner
//            still counts on it while others drop it), 5 swap a handle with a cell, 4 copy
//            between handles, 2 drop, 1 makes 8 passing copies.
// Checks     at the end each object's count equals the handles on the board and with the
//            workers, its content is sound, and all others have died exactly once.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/board.hpp"
#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kHandles = 16;

struct Share {
  std::array<Ref<Token>, kHandles> handles;
  std::uint64_t made = 0;
};

class ForeignCounts final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    board_.resize(2 * std::size_t{settings.threads} + 6);
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      operate(worker);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::unordered_map<Token*, std::int64_t> held;
    for_each_handle([&](Token& token) { ++held[&token]; });
    Census::Living living;
    for (const auto& [token, handles] : held) {
      living.add(*token);
      const std::int64_t count = refcount(*token);
      if (count != handles || !token->sound()) {
        violations_.add(
            fmt::format("{} counts {}, held {}", token->describe(), count, handles));
      }
    }
    violations_.report(checks, "counts equal the handles held", held.size());
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    for_each_handle([&](Token& token) { handles.push_back(&token); });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share = Share(); });
    board_.clear();
    spoiler_.reset();
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  void operate(Worker& worker) {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    Ref<Token>& handle = share.handles[random.below(kHandles)];
    const Ref<Token>& other = share.handles[random.below(kHandles)];
    const std::size_t cell = random.below(board_.size());
    const std::uint64_t choice = random.below(16);
    if (choice < 4) {
      const std::uint64_t id = identity(worker.index(), share.made++);
      Ref<Token> token = must(make<Token>(census_, id, worker.index(), cell));
      if (random.below(2) == 0) handle = token;
      board_.swap(cell, std::move(token)).reset();
    } else if (choice < 9) {
      handle = board_.swap(cell, std::move(handle));
    } else if (choice < 13) {
      handle = other;
    } else if (choice < 15) {
      handle.reset();
    } else {
      for (int i = 0; i < 8; ++i) const Ref<Token> passing = handle;
    }
    if (handle && !handle->sound()) violations_.add(handle->describe());
  }

  template <class Use>
  void for_each_handle(Use&& use) const {
    shares_.for_each([&](const Share& share) {
      for (const Ref<Token>& handle : share.handles) {
        if (handle) use(*handle);
      }
    });
    board_.for_each(use);
  }

  Census census_;
  PerWorker<Share> shares_;
  Board<Token> board_;
  Violations violations_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_foreign_counts() {
  return std::make_unique<ForeignCounts>();
}

}  // namespace threadmill
