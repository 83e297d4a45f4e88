// SPDX-License-Identifier: Apache-2.0
//
// A scenario over a runtime of its own. Its threads begin attached, thread t to slot
// t + 1, and leave when they have ended. At the end what the scenario holds is dropped,
// and then, after a collection, nothing may be alive, the heap has to be whole, and the
// pages of what died have to be given back.
#pragma once

#include <array>
#include <memory>
#include <utility>

#include "harness/explore/engine.hpp"
#include "harness/explore/scenario.hpp"
#include "runtime/runtime.hpp"

namespace threadmill::explore {

class RuntimeScenario : public Scenario {
 public:
  // The first `attached` threads begin attached, the others enter by themselves.
  RuntimeScenario(unsigned threads, unsigned attached)
      : threads_(threads), attached_(attached) {}
  explicit RuntimeScenario(unsigned threads) : RuntimeScenario(threads, threads) {}

  [[nodiscard]] unsigned threads() const final { return threads_; }
  void set_up() final;
  void run(unsigned thread) final;
  void check() final;

 protected:
  // Before the threads run; nobody is attached.
  virtual void prepare() {}
  // Thread `thread`, attached unless it has to enter by itself.
  virtual void part(unsigned thread) = 0;
  // After all have left, attached to the slot of thread 0, before any safepoint: whether
  // all is as it has to be.
  virtual void judge() {}
  // Lets go of everything.
  virtual void drop() {}

  // Does `action` as `thread` would, attached to its slot: in prepare().
  template <class Action>
  void as_thread(unsigned thread, Action action) {
    set_current(static_cast<Slot*>(engine().local_of(thread)));
    action();
    set_current(nullptr);
  }

  // In prepare(): does `action` attached to another slot, which is vacant afterwards.
  template <class Action>
  void as_guest(Action action) {
    const Attached here(*runtime_);
    action();
  }

  // In prepare(): `thread` leaves its slot, and has to enter by itself.
  void vacate(unsigned thread) {
    as_thread(thread, leave);
    engine().local_of(thread) = nullptr;
  }

  // The scenario has made objects immortal: their pages stay.
  void expect_immortals() noexcept { immortals_ = true; }

  [[nodiscard]] Runtime& runtime() noexcept { return *runtime_; }
  [[nodiscard]] Slot& slot_of(unsigned thread) noexcept {
    return *static_cast<Slot*>(slots_[thread]);
  }

 private:
  static constexpr std::size_t kArenaBytes = std::size_t{32} * kPageBytes;

  const unsigned threads_;
  const unsigned attached_;
  bool immortals_ = false;
  std::unique_ptr<Runtime> runtime_;
  std::array<void*, kMaxThreads> slots_{};
};

}  // namespace threadmill::explore
