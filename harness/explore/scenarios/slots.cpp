// SPDX-License-Identifier: Apache-2.0
//
// Slots and their inboxes: whose duty a queued object is while its owner is attached,
// detached, gone, claimed or replaced (catalogue groups B and C; thread/slot.hpp, S3).
//
// Whatever was queued has to be merged, and so to be dead, as soon as all threads have
// left: no collection helps, but where it says so.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {
namespace {

// Objects of one owner; others drop the only references to them.
class Queued : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void make_objects(unsigned count) {
    for (; count_ < count; ++count_)
      objects_[count_] = make<Leaf>(1, deaths_[count_]).release();
  }
  void expect_all_dead() const {
    for (unsigned i = 0; i < count_; ++i)
      expect(deaths_[i] == 1, "a queued object has not died once");
  }
  void judge() override { expect_all_dead(); }

  Leaf* objects_[2] = {};
  unsigned deaths_[2] = {};
  unsigned count_ = 0;
};

class PushAgainstDetach final : public Queued {
 public:
  PushAgainstDetach() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { make_objects(1); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      const Detached blocking;
    else
      decref(*objects_[0]);
  }
};

class PushAgainstLeave final : public Queued {
 public:
  PushAgainstLeave() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { make_objects(1); });
  }
  void part(unsigned thread) override {
    if (thread == 1) decref(*objects_[0]);
  }
};

class PushesOfTwoAgainstLeave final : public Queued {
 public:
  PushesOfTwoAgainstLeave() : Queued(3) {}

 private:
  void prepare() override {
    as_thread(0, [this] { make_objects(2); });
  }
  void part(unsigned thread) override {
    if (thread != 0) decref(*objects_[thread - 1]);
  }
};

// The owner is away when the first push comes, and back, perhaps, at the second.
class ClaimAgainstAttach final : public Queued {
 public:
  ClaimAgainstAttach() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { make_objects(2); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      const Detached blocking;
    } else {
      decref(*objects_[0]);
      decref(*objects_[1]);
    }
  }
};

// The owner has left; two threads push and try to merge on its behalf.
class TwoClaimers final : public Queued {
 public:
  TwoClaimers() : Queued(2) {}

 private:
  void prepare() override {
    as_guest([this] { make_objects(2); });
  }
  void part(unsigned thread) override { decref(*objects_[thread]); }
};

// A thread enters the vacant slot while another one pushes to it (B1, B2, B4).
class NextHolderInherits final : public Queued {
 public:
  NextHolderInherits() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(1, [this] { make_objects(2); });
    vacate(1);
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      decref(*objects_[0]);
      return;
    }
    // Of slot 2, unless that is just claimed or thread 0 has left its own. If so, what
    // follows counts without atomics.
    const Attached here(runtime());
    incref(*objects_[1]);
    decref(*objects_[1]);
    decref(*objects_[1]);
  }
};

// The next holder counts the same object that another thread drops, under a claim or not.
class NextHolderCounts final : public Queued {
 public:
  NextHolderCounts() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(1, [this] {
      make_objects(1);
      incref(*objects_[0]);
    });
    vacate(1);
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      decref(*objects_[0]);
      return;
    }
    const Attached here(runtime());
    incref(*objects_[0]);
    decref(*objects_[0]);
    decref(*objects_[0]);
  }
};

// The owner leaves with an entry in its inbox; the next holder counts the same object (B1).
class LeaveWithInbox final : public Queued {
 public:
  LeaveWithInbox() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      make_objects(1);
      incref(*objects_[0]);
    });
    as_thread(1, [this] { decref(*objects_[0]); });
    vacate(1);
  }
  void part(unsigned thread) override {
    if (thread == 0) return;
    const Attached here(runtime());  // in the slot of thread 0, if that has left
    incref(*objects_[0]);
    decref(*objects_[0]);
    decref(*objects_[0]);
  }
};

// What was queued is merged at the owner's next safepoint (B7).
class MailAtSafepoint final : public Queued {
 public:
  MailAtSafepoint() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { make_objects(1); });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      decref(*objects_[0]);
      queued_.store(true, release);  // with acquire below
    } else if (queued_.load(acquire)) {
      safepoint();
      expect_all_dead();
    }
  }

  Atomic<bool> queued_;
};

// The owner is away with a lock that the end of its object wants (B8).
class ClaimAgainstLock final : public RuntimeScenario {
 public:
  ClaimAgainstLock() : RuntimeScenario(2) {}

 private:
  struct Waiter : Object {
    explicit Waiter(ClaimAgainstLock& its_scene) : scene(&its_scene) {}
    static constexpr const char* kTypeName = "waiter at death";
    static void finalize(Waiter& self) { self.scene->pass_gate(); }
    ClaimAgainstLock* scene;
  };

  void pass_gate() {
    if (holder_ == current()) return;
    gate_.lock(while_detached);
    gate_.unlock();
  }
  void prepare() override {
    as_thread(0, [this] { waiter_ = make<Waiter>(*this).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      decref(*waiter_);
    } else if (gate_.try_lock()) {
      holder_ = current();
      { const Detached blocking; }
      holder_ = nullptr;
      gate_.unlock();
    }
  }

  Mutex gate_;
  const Slot* holder_ = nullptr;
  Waiter* waiter_ = nullptr;
};

// No slot is vacant, two who enter: they get different ones (F1).
class AddSlotByTwo final : public RuntimeScenario {
 public:
  AddSlotByTwo() : RuntimeScenario(3, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) return;
    const Attached here(runtime());
    const Ref<Leaf> own = make<Leaf>(static_cast<int>(thread), deaths_[thread]);
    expect(own->number == static_cast<int>(thread), "an object is shared");
  }
  void judge() override {
    expect(deaths_[1] == 1 && deaths_[2] == 1, "an object has not died once");
  }

  unsigned deaths_[3] = {};
};

// There may be no memory for a new slot: then it is as if nobody had tried (F21).
class AddSlotWithoutMemory final : public RuntimeScenario {
 public:
  AddSlotWithoutMemory() : RuntimeScenario(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      expect(runtime().live_objects() == 0, "an object is alive");
    else if (enter(slot_of(0).world) != nullptr)
      leave();
  }
};

// One vacant slot, two who enter: they get different ones.
class EnterByTwo final : public RuntimeScenario {
 public:
  EnterByTwo() : RuntimeScenario(2, 0) {}

 private:
  void part(unsigned thread) override {
    const Attached here(runtime());
    slots_[thread] = current()->id;
    const Ref<Leaf> own = make<Leaf>(static_cast<int>(thread) + 1, deaths_[thread]);
    expect(own->number == static_cast<int>(thread) + 1, "an object is shared");
  }
  void judge() override {
    expect(slots_[0] + slots_[1] <= 3, "a third slot was made");
    expect(deaths_[0] == 1 && deaths_[1] == 1, "an object has not died once");
  }

  SlotId slots_[2] = {};
  unsigned deaths_[2] = {};
};

// There may be no memory for the entry: the next pause finds the object (B9).
class InboxOverflow final : public Queued {
 public:
  InboxOverflow() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { make_objects(2); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      safepoint();
    } else {
      decref(*objects_[0]);
      decref(*objects_[1]);
    }
  }
  void judge() override {
    (void)runtime().gc().collect();
    expect_all_dead();
  }
};

// The pause that looks for it comes while it is being queued.
class InboxOverflowInPause final : public Queued {
 public:
  InboxOverflowInPause() : Queued(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { make_objects(1); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      expect(runtime().live_objects() <= 1, "an object is alive twice");
    else
      decref(*objects_[0]);
  }
  void judge() override {
    expect(runtime().live_objects() == 0, "the pause did not find it");
    expect_all_dead();
  }
};

// The owner's object dies in a drain, and drops one of another slot: a push from within
// the merging of an inbox (B8).
class CascadeAcrossOwners final : public RuntimeScenario {
 public:
  CascadeAcrossOwners() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_guest([this] {
      first_ = make<Node>(1, deaths_[0]).release();
      second_ = make<Node>(2, deaths_[1]).release();
    });
    as_thread(0, [this] {
      auto last = make<Leaf>(3, deaths_[2]);
      second_->next.store(std::move(last));
      first_->next.store(Ref<Node>::adopt(second_));
    });
  }
  void part(unsigned thread) override {
    if (thread == 1) decref(*first_);
  }
  void judge() override {
    for (const unsigned deaths : deaths_)
      expect(deaths == 1, "a link of the chain has not died once");
  }

  Node* first_ = nullptr;
  Node* second_ = nullptr;
  unsigned deaths_[3] = {};
};

}  // namespace

void add_slot_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<PushAgainstDetach>(
      "inbox-push-against-detach",
      "an object is queued while its owner detaches and comes back", 111));
  list.push_back(scenario<PushAgainstLeave>(
      "inbox-push-against-leave", "an object is queued while its owner leaves", 15));
  list.push_back(scenario<PushesOfTwoAgainstLeave>(
      "inbox-pushes-against-leave", "two threads queue objects of one that leaves",
      61'945));
  list.push_back(scenario<ClaimAgainstAttach>(
      "inbox-claim-against-attach",
      "a claimer merges for an owner that wants to attach again", 4119));
  list.push_back(scenario<TwoClaimers>(
      "inbox-two-claimers",
      "two threads queue objects of a vacant slot, both would merge", 376));
  list.push_back(scenario<NextHolderInherits>(
      "slot-next-holder-inherits",
      "a thread enters a vacant slot while another one queues an object of it", 199));
  list.push_back(scenario<NextHolderCounts>(
      "slot-next-holder-counts",
      "the next holder counts an object that another thread drops", 316));
  list.push_back(scenario<EnterByTwo>("slot-enter-by-two",
                                      "two threads enter, one slot is vacant", 9'130));
  list.push_back(scenario<LeaveWithInbox>(
      "slot-leave-with-inbox",
      "the next holder counts an object that is in the inbox of the slot", 126));
  list.push_back(scenario<MailAtSafepoint>(
      "inbox-at-next-safepoint", "what is queued is merged at the next safepoint", 16));
  list.push_back(scenario<ClaimAgainstLock>(
      "inbox-claim-against-lock",
      "what a claimer merges waits for a lock of the absent owner", 2'239));
  list.push_back(scenario<AddSlotByTwo>(
      "slot-add-by-two", "two threads enter, no slot is vacant", 120'923));
  list.push_back(scenario<AddSlotWithoutMemory>(
      "slot-add-without-memory", "no memory for a new slot: no pause waits for it", 138,
      {.failed_memory = 1}));
  list.push_back(scenario<InboxOverflow>(
      "inbox-overflow", "no memory for an entry: the next collection finds the object",
      336, {.failed_memory = 1}));
  list.push_back(scenario<InboxOverflowInPause>(
      "inbox-overflow-in-pause", "the same while a pause settles the counts", 14,
      {.failed_memory = 1}));
  list.push_back(scenario<CascadeAcrossOwners>(
      "inbox-cascade-across-owners",
      "an object that dies in the merging of an inbox drops one of the same owner",
      15));
}

}  // namespace threadmill::explore
