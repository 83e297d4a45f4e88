// SPDX-License-Identifier: Apache-2.0
//
// The least that objects need of a runtime, for tests that link no higher layer: an
// arena, and a world whose hooks are the object layer's own.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/memory/arena.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/memory/heap_walk.hpp"
#include "runtime/memory/retire.hpp"
#include "runtime/object/distributed.hpp"
#include "runtime/object/inbox.hpp"
#include "runtime/object/make.hpp"
#include "runtime/thread/attach.hpp"
#include "runtime/thread/stop_the_world.hpp"
#include "runtime/thread/world.hpp"
#include "tests/thread/lets_others_run.hpp"

namespace threadmill {

class MiniRuntime {
 public:
  MiniRuntime()
      : arena_(std::size_t{1} << 32),
        world_({.context = this,
                .open_slot = open_slot,
                .close_slot = close_slot,
                .drain_inbox = drain_inbox,
                .help_slot = help_slot,
                .quiescent =
                    [](Slot& self) noexcept {
                      if (self.has_retired) self.retired->free_reached();
                      self.heap->give_back_pages();
                    },
                .before_growth = [](Slot&) noexcept {}}) {}
  ~MiniRuntime() {
    if (world_.slot_count() == 0 || enter(world_) == nullptr) return;
    {
      const StoppedWorld pause(*current());
      for_each_page(world_, [](Page& page) { free_side_tables(page); });
    }
    leave();
  }

  World& world() { return world_; }
  Arena& arena() { return arena_; }

  // Runs `body` on another thread, attached, and waits for its end, detached.
  template <class Body>
  void on_another_thread(Body body) {
    const Detached while_waiting;
    std::thread([this, &body] {
      ASSERT_NE(enter(world_), nullptr);
      body();
      leave();
    }).join();
  }

 private:
  static bool open_slot(void* context, Slot& slot) noexcept {
    auto& self = *static_cast<MiniRuntime*>(context);
    slot.heap = new Heap(self.arena_, slot);
    slot.retired = new RetireList(slot, self.retire_budget_);
    return true;
  }
  static void close_slot(void*, Slot& slot) noexcept {
    delete slot.heap;
    delete slot.retired;
  }

  Arena arena_;
  RetireBudget retire_budget_;
  World world_;
  Distribution distribution_{world_};
};

// The calling thread is attached for the length of a test.
class ObjectTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(enter(runtime_.world()), nullptr); }
  void TearDown() override { leave(); }

  // A thread that stays attached, passing safepoints when told, so that its slot is an
  // owner that nobody may act for.
  class Companion {
   public:
    explicit Companion(MiniRuntime& runtime) : runtime_(runtime) {
      thread_ = std::thread([this] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        slot_.store(current());
        while (!stop_.load()) {
          if (job_ready_.load()) {
            job_();
            job_ready_.store(false);
          }
          if (polls_.load()) safepoint();
          const LetsOthersRun here;
          std::this_thread::yield();
        }
        leave();
      });
      const LetsOthersRun here;
      while (slot_.load() == nullptr) std::this_thread::yield();
    }
    ~Companion() {
      const LetsOthersRun here;
      stop_.store(true);
      thread_.join();
    }

    // Runs `job` there and waits for it. This thread stays attached, where two may be.
    template <class Job>
    void run(Job job) {
      job_ = job;
      job_ready_.store(true);
      const LetsOthersRun here;
      while (job_ready_.load()) std::this_thread::yield();
    }
    void start_polling() { polls_.store(true); }
    Slot& slot() { return *slot_.load(); }

   private:
    MiniRuntime& runtime_;
    std::atomic<Slot*> slot_{nullptr};
    std::atomic<bool> stop_{false};
    std::atomic<bool> polls_{false};
    std::atomic<bool> job_ready_{false};
    std::function<void()> job_;
    std::thread thread_;
  };

  MiniRuntime runtime_;
};

// Counts its deaths.
struct Mortal : Object {
  explicit Mortal(std::atomic<int>& counter) : deaths(counter) {}
  ~Mortal() { deaths.fetch_add(1); }
  static constexpr const char* kTypeName = "mortal";
  std::atomic<int>& deaths;
};

// A link of a chain.
struct Link : Object {
  static constexpr const char* kTypeName = "link";
  static void traverse(Link& self, const FieldVisitor& visit) { visit(self.next); }
  Field<Link> next;
};

}  // namespace threadmill
