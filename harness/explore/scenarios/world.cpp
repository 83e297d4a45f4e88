// SPDX-License-Identifier: Apache-2.0
//
// Pauses: threads that attach, detach, enter and leave while others stop the world
// (catalogue group I).
//
// The witness is a plain counter. A pause has it to itself, and so has the one attached
// thread outside of pauses, so every use of it has to be ordered, and no increment is
// lost.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill::explore {
namespace {

class Pauses : public RuntimeScenario {
 public:
  Pauses(unsigned threads, unsigned attached, unsigned expected)
      : RuntimeScenario(threads, attached), expected_(expected) {}
  Pauses(unsigned threads, unsigned expected) : Pauses(threads, threads, expected) {}

 protected:
  void count() { ++counter_; }
  void pause() {
    const StoppedWorld here(*current());
    count();
  }
  void judge() override { expect(counter_ == expected_, "an increment is lost"); }

  Plain<unsigned> counter_;
  const unsigned expected_;
};

class StopAgainstDetach final : public Pauses {
 public:
  StopAgainstDetach() : Pauses(2, 3) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      pause();
    } else {
      count();
      const Detached blocking;
    }
    if (thread == 1) count();
  }
};

class StopAgainstSafepoint final : public Pauses {
 public:
  StopAgainstSafepoint() : Pauses(2, 3) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      pause();
    } else {
      count();
      safepoint();
      count();
    }
  }
};

class StopAgainstLeave final : public Pauses {
 public:
  StopAgainstLeave() : Pauses(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      pause();
    else
      count();
  }
};

// The thread that enters takes a vacant slot (I8).
class StopAgainstEnter final : public Pauses {
 public:
  StopAgainstEnter() : Pauses(2, 2) {}

 private:
  void prepare() override { vacate(1); }
  void part(unsigned thread) override {
    if (thread == 0) {
      pause();
    } else {
      const Attached here(runtime());
      count();
    }
  }
};

// There is no vacant slot, and the table grows only between pauses.
class StopAgainstNewSlot final : public Pauses {
 public:
  StopAgainstNewSlot() : Pauses(2, 1, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      pause();
    } else {
      const Attached here(runtime());
      count();
    }
  }
};

class TwoStoppers final : public Pauses {
 public:
  TwoStoppers() : Pauses(2, 2) {}

 private:
  void part(unsigned) override { pause(); }
};

class ThreeStoppers final : public Pauses {
 public:
  ThreeStoppers() : Pauses(3, 3) {}

 private:
  void part(unsigned) override { pause(); }
};

// Two stop the world, and the third comes to safepoints.
class SafepointStorm final : public Pauses {
 public:
  SafepointStorm() : Pauses(3, 5) {}

 private:
  void part(unsigned thread) override {
    if (thread == 2) {
      count();
      safepoint();
      count();
      safepoint();
      count();
    } else {
      pause();
    }
  }
};

// Two pauses back to back, and a thread that waits to attach in the first: it gets in
// between the two (I7).
class AttachBetweenPauses final : public Pauses {
 public:
  AttachBetweenPauses() : Pauses(2, 3) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      { const Detached blocking; }
      count();
      return;
    }
    bool waited;
    {
      const StoppedWorld here(*current());
      count();
      // relaxed: the world is stopped
      waited = (slot_of(1).state.load(relaxed) & slot_state::kWaiter) != 0;
    }
    const StoppedWorld here(*current());
    expect(!waited || counter_ == 2, "who waited to attach did not get in");
    count();
  }
};

// The same with two waiters: every one of them gets in. The counters are their own.
class EverybodyBetweenPauses final : public RuntimeScenario {
 public:
  EverybodyBetweenPauses() : RuntimeScenario(3) {}

 private:
  void part(unsigned thread) override {
    if (thread != 0) {
      { const Detached blocking; }
      passed_[thread] = 1;
      return;
    }
    bool waited[3] = {};
    {
      const StoppedWorld here(*current());
      for (unsigned i = 1; i < 3; ++i) {
        // relaxed: the world is stopped
        waited[i] = (slot_of(i).state.load(relaxed) & slot_state::kWaiter) != 0;
      }
    }
    const StoppedWorld here(*current());
    for (unsigned i = 1; i < 3; ++i)
      expect(!waited[i] || passed_[i] == 1, "a waiter did not get in");
  }

  Plain<int> passed_[3];
};

// The stopper holds a section for which the other thread waits, detached (H1).
class StopInsideSection final : public Pauses {
 public:
  StopInsideSection() : Pauses(2, 3) {}

 private:
  void prepare() override {
    as_thread(0, [this] { object_ = make<Leaf>(1, deaths_).release(); });
  }
  void part(unsigned thread) override {
    const CriticalSection section(*object_);
    count();
    if (thread == 0) pause();
  }
  void drop() override { decref(*object_); }

  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

// One holds a section at a safepoint, one waits for it, and one stops the world (I5).
class StopWhileOneWaits final : public Pauses {
 public:
  StopWhileOneWaits() : Pauses(3, 4) {}

 private:
  void prepare() override {
    as_thread(0, [this] { object_ = make<Leaf>(1, deaths_).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 2) {
      pause();
      return;
    }
    const CriticalSection section(*object_);
    count();
    if (thread == 0) {
      safepoint();
      count();
    }
  }
  void drop() override { decref(*object_); }

  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

// Both wait for one lock, and who has it stops the world (I5).
class StopInsideLock final : public Pauses {
 public:
  StopInsideLock() : Pauses(2, 3) {}

 private:
  void part(unsigned thread) override {
    lock_.lock(while_detached);
    count();
    if (thread == 0) pause();
    lock_.unlock();
  }

  Mutex lock_;
};

// An object of a third slot, that is away, is queued about the time of a pause.
class PushToAway : public RuntimeScenario {
 public:
  PushToAway() : RuntimeScenario(2) {}

 protected:
  void prepare() override {
    as_guest([this] { object_ = make<Leaf>(1, deaths_).release(); });
  }
  void expect_dead() { expect(deaths_ == 1, "a queued object has not died once"); }
  void judge() override { expect_dead(); }

  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

// The slot may be suspended: the starter of the world has the duty to merge it (slot.hpp, S3).
class PushToSuspended final : public PushToAway {
  void part(unsigned thread) override {
    if (thread == 0)
      const StoppedWorld here(*current());
    else
      decref(*object_);
  }
};

// The one who queues it may have been let go when the slot was not yet.
class PushAfterSafepoint final : public PushToAway {
  void part(unsigned thread) override {
    if (thread == 0) {
      const StoppedWorld here(*current());
    } else {
      safepoint();
      decref(*object_);
    }
  }
};

// Somebody stops the world twice, back to back: whoever queued the object finds it dead after
// a pause of its own.
class PushBetweenPauses final : public PushToAway {
  void part(unsigned thread) override {
    if (thread == 1) {
      { const StoppedWorld first(*current()); }
      { const StoppedWorld second(*current()); }
      return;
    }
    decref(*object_);
    { const StoppedWorld own(*current()); }
    expect_dead();
  }
};

}  // namespace

void add_world_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<StopAgainstDetach>(
      "stop-against-detach",
      "a thread detaches and attaches while the world is stopped", 135));
  list.push_back(scenario<StopAgainstSafepoint>(
      "stop-against-safepoint", "a thread comes to a safepoint and stops", 109));
  list.push_back(scenario<StopAgainstLeave>(
      "stop-against-leave", "a thread that has to stop leaves: it is counted once", 5));
  list.push_back(scenario<StopAgainstEnter>(
      "stop-against-enter", "a thread enters a vacant slot: not inside the pause", 38));
  list.push_back(scenario<StopAgainstNewSlot>(
      "stop-against-new-slot", "a thread enters a new slot: not inside the pause", 60));
  list.push_back(
      scenario<TwoStoppers>("stop-by-two", "two threads stop the world", 200));
  list.push_back(scenario<ThreeStoppers>("stop-by-three",
                                         "three threads stop the world", kTooMany));
  list.push_back(scenario<SafepointStorm>(
      "stop-safepoint-storm", "two threads stop the world, one passes safepoints",
      kTooMany));
  list.push_back(scenario<AttachBetweenPauses>(
      "stop-attach-between",
      "who waits to attach in a pause gets in before the next one", 4'540));
  list.push_back(scenario<EverybodyBetweenPauses>(
      "stop-everybody-between", "the same for two that wait", kTooMany));
  list.push_back(scenario<StopInsideSection>(
      "stop-inside-section",
      "the stopper holds a section that another thread waits for", 1'160));
  list.push_back(scenario<StopInsideLock>(
      "stop-inside-lock", "the stopper has a lock that another thread waits for",
      1'130));
  list.push_back(scenario<StopWhileOneWaits>(
      "stop-while-one-waits",
      "one thread holds a section, one waits for it, one stops the world", kTooMany));
  list.push_back(scenario<PushToSuspended>(
      "stop-push-to-suspended",
      "an object is queued to a slot that is away and suspended", 17));
  list.push_back(scenario<PushAfterSafepoint>(
      "stop-push-after-safepoint",
      "who was stopped queues an object to a slot that is away", 1'505));
  list.push_back(scenario<PushBetweenPauses>(
      "stop-push-between-pauses",
      "an object is queued to a slot that is away while the world is stopped twice",
      6'900));
}

}  // namespace threadmill::explore
