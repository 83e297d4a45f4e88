// SPDX-License-Identifier: Apache-2.0
//
// Stage: one run of a row over a model, from the making of what is shared to the verdict.
// The driver makes it, has each of its threads run() once, and asks for the verdict when
// all have.
//
// Edges
//   stage-made       what the maker made happens before the threads' use of it
//   stage-finished   what the threads did happens before the maker's checks
#pragma once

#include <exception>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "workloads/portable/object_model.hpp"
#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <ObjectModel M, class Row>
class Stage {
 public:
  using World = typename M::World;
  using Thread = typename M::Thread;

  // In memory that the model looks into, as a row holds references.
  [[nodiscard]] static std::shared_ptr<Stage> open(unsigned threads) {
    return std::allocate_shared<Stage>(typename M::template Allocator<Stage>(),
                                       threads);
  }

  explicit Stage(unsigned threads)
      : maker_([this, threads] {
          guarded([this, threads] { make(threads); });
          if (!made_.try_wait()) made_.count_down();  // it could not even begin
        }) {
    made_.wait();
  }
  ~Stage() { (void)finish(); }

  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  template <class Turn>
  void run(Turn& turn) {
    if (!row_) return;
    guarded([this, &turn] {
      const Thread here(world_);
      row_->run(turn);
    });
  }

  // After all threads have run. Empty: all was right.
  [[nodiscard]] std::string finish() {
    if (maker_.joinable()) {
      over_.count_down();
      maker_.join();
    }
    return verdict_.wrong();
  }

  [[nodiscard]] Verdict& verdict() { return verdict_; }
  // Of the whole run; known once it is finished.
  [[nodiscard]] const Pauses& pauses() const { return pauses_; }

 private:
  template <class Body>
  void guarded(Body body) {
    try {
      body();
    } catch (const std::exception& error) {
      verdict_.expect(false, error.what());
    }
  }

  void make(unsigned threads) {
    const Thread here(world_);
    guarded([this, threads] { row_.emplace(threads); });
    made_.count_down();
    {
      const typename M::Blocked while_measured;
      over_.wait();
    }
    if (row_) guarded([this] { row_->finish(world_, verdict_); });
    row_.reset();
    if constexpr (HasPauses<M>) pauses_ = world_.pauses();
  }

  World world_;
  std::optional<Row> row_;  // by the maker before `made_` and after `over_`
  Verdict verdict_;
  Pauses pauses_;
  std::latch made_{1};
  std::latch over_{1};
  std::thread maker_;
};

}  // namespace threadmill::portable
