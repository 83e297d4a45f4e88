// SPDX-License-Identifier: Apache-2.0
//
// Companion: another thread of a world. It stays attached, runs what it is told, and
// passes no safepoint unless that says so: its slot has a holder that nobody can act for.
#pragma once

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "runtime/thread/attach.hpp"
#include "runtime/thread/current.hpp"
#include "runtime/thread/safepoint.hpp"
#include "tests/sync/wait_until.hpp"

namespace threadmill {

class Companion {
 public:
  explicit Companion(World& world) {
    start([this, &world] { slot_ = enter(world); });
    thread_ = std::jthread([this] { serve(); });
    wait();
    EXPECT_NE(slot_, nullptr);
  }
  ~Companion() {
    wait();
    start([this] {
      leave();
      done_ = true;
    });
  }

  Companion(const Companion&) = delete;
  Companion& operator=(const Companion&) = delete;

  [[nodiscard]] Slot& slot() const { return *slot_; }

  // Runs `job` there; the two threads see each other's writes before and after.
  void run(std::function<void()> job) {
    start(std::move(job));
    wait();
  }
  void start(std::function<void()> job) {
    job_ = std::move(job);
    busy_.store(true);
  }
  void wait() {
    wait_until([this] { return !busy_.load(); });
  }

  // Passes one safepoint.
  void poll() {
    run([] { safepoint(); });
  }

 private:
  void serve() {
    while (!done_) {
      wait_until([this] { return busy_.load(); });
      job_();
      busy_.store(false);
    }
  }

  Slot* slot_ = nullptr;
  bool done_ = false;  // the thread's own
  std::function<void()> job_;
  std::atomic<bool> busy_{false};
  std::jthread thread_;
};

}  // namespace threadmill
