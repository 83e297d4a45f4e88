// SPDX-License-Identifier: Apache-2.0
//
// Who owns an object, or nobody for ever: immortality by another thread than the owner,
// uniqueness, hand-off from one owner to the next, and a new owner for an object that has
// lost its own (catalogue A3, A8, B5, B6, E1).
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"
#include "harness/explore/scenarios/one_object.hpp"

namespace threadmill::explore {
namespace {

class Immortal : public OneObject {
 protected:
  using OneObject::OneObject;
  void judge() override {
    expect(is_immortal(*object_), "immortality was undone");
    expect(deaths_ == 0, "an immortal object has died");
    expect_immortals();
  }
};

// The owner counts meanwhile: another thread's store to word0 would be lost (E1).
class ImmortalizeAgainstOwner final : public Immortal {
 public:
  ImmortalizeAgainstOwner() : Immortal(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      incref(*object_);
      decref(*object_);
      decref(*object_);
    } else {
      make_immortal(*object_);
      decref(*object_);
    }
  }
};

// The owner is away, and a third thread drops a reference that it counts: the object may
// be queued already, or be asked for twice (B5).
class ImmortalizeAgainstQueuer final : public Immortal {
 public:
  ImmortalizeAgainstQueuer() : Immortal(2) {}

 private:
  void prepare() override {
    as_guest([this] {
      object_ = make<Leaf>(1, deaths_).release();
      incref(*object_);
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) make_immortal(*object_);
    decref(*object_);
  }
  void judge() override {
    Immortal::judge();
    expect(word0::is_immortal(object_->word0.load(relaxed)),  // relaxed: alone
           "an immortal object has an owner after its inbox was emptied");
  }
};

class ImmortalizeByTwo final : public Immortal {
 public:
  ImmortalizeByTwo() : Immortal(2) {}

 private:
  void part(unsigned) override {
    make_immortal(*object_);
    decref(*object_);
  }
};

// An object that was merged; each thread has a reference.
class OneMerged : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] { object_ = make<Leaf>(1, deaths_).release(); });
    as_thread(1, [this] {
      for (unsigned i = 0; i < threads(); ++i) incref(*object_);
    });
    as_thread(0, [this] { decref(*object_); });
  }
  void judge() override { expect(deaths_ == 1, "the object has not died once"); }

  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

// It gets an owner again, or becomes immortal, or both.
class ImmortalizeAgainstRebias final : public OneMerged {
 public:
  ImmortalizeAgainstRebias() : OneMerged(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)try_rebias(*object_);
      incref(*object_);
      decref(*object_);
    } else {
      make_immortal(*object_);
    }
    decref(*object_);
  }
  void judge() override {
    expect(is_immortal(*object_), "immortality was undone");
    expect(deaths_ == 0, "an immortal object has died");
    expect_immortals();
  }
};

// The owner writes if it is alone. The other thread has no reference, and takes one (A8).
class UniqueAgainstTryIncref final : public OneObject {
 public:
  UniqueAgainstTryIncref() : OneObject(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      object_ = make<Leaf>(1, deaths_).release();
      set_maybe_weak(*object_);
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      if (is_unique(*object_)) object_->number = 2;
      decref(*object_);
    } else if (try_incref(*object_)) {
      expect(object_->number == 1, "written under a reader");
      decref(*object_);
    }
  }
};

// Thread 0 hands the object over to thread 1, by a place that both know.
class HandOff : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] { object_ = make<Leaf>(1, deaths_).release(); });
  }
  void send() {
    handed_ = hand_off(*object_, slot_of(1).id);
    place_.store(object_, release);  // with acquire below
  }
  Leaf* receive() { return place_.exchange(nullptr, acquire); }
  void judge() override {
    if (Leaf* left = receive()) decref(*left);
    expect(deaths_ == 1, "the object has not died once");
  }

  Leaf* object_ = nullptr;
  Atomic<Leaf*> place_;
  bool handed_ = false;
  unsigned deaths_ = 0;
};

// The new owner counts what it gets.
class HandOffThenUse final : public HandOff {
 public:
  HandOffThenUse() : HandOff(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      object_->number = 2;
      send();
      expect(handed_, "an object of one reference was not handed off");
    } else if (Leaf* got = receive()) {
      incref(*got);
      expect(got->number == 2, "a hand-over lost a write");
      decref(*got);
      decref(*got);
    }
  }
};

// The other thread has a reference that the owner counts, and drops it: the object is
// queued to one owner or the other, and is not left behind (O1).
class HandOffAgainstDrop final : public HandOff {
 public:
  HandOffAgainstDrop() : HandOff(2) {}

 private:
  void prepare() override {
    HandOff::prepare();
    as_thread(0, [this] { incref(*object_); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      send();
    else
      decref(*object_);
  }
};

// Both drop, and a weak reference gives the object to a third, whoever owns it.
class HandOffAgainstWeakGet final : public HandOff {
 public:
  HandOffAgainstWeakGet() : HandOff(3) {}

 private:
  void prepare() override {
    HandOff::prepare();
    as_thread(0, [this] { weak_ = WeakReference::create(*object_).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      send();
      expect(handed_, "an object of one reference was not handed off");
    } else if (thread == 1) {
      if (Leaf* got = receive()) decref(*got);
    } else if (const Ref<Object> found = weak_->get()) {
      expect(number_of(found) == 1 && deaths_ == 0, "a dead object was found");
    }
  }
  void drop() override { decref(*weak_); }

  WeakReference* weak_ = nullptr;
};

// The new owner has not got the reference, and finds the object by a weak reference: it
// may count it as its owner already (O3).
class HandOffAgainstNewOwner final : public HandOff {
 public:
  HandOffAgainstNewOwner() : HandOff(2) {}

 private:
  void prepare() override {
    HandOff::prepare();
    as_thread(0, [this] { weak_ = WeakReference::create(*object_).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      send();
    } else {
      const Ref<Object> found = weak_->get();
      if (found) expect(number_of(found) == 1, "a dead object was found");
    }
  }
  void drop() override { decref(*weak_); }

  WeakReference* weak_ = nullptr;
};

// Nothing tells the other thread that the object is its own by now but word0, which so has
// to bring what the old owner wrote.
class HandOffByWordAlone final : public HandOff {
 public:
  HandOffByWordAlone() : HandOff(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      object_->number = 2;
      handed_ = hand_off(*object_, slot_of(1).id);
    } else if (try_incref(*object_)) {  // of a plain object: by its owner alone
      expect(object_->number == 2, "a hand-off lost a write");
      decref(*object_);
    }
  }
  void judge() override {
    expect(handed_, "an object of one reference was not handed off");
    decref(*object_);
    HandOff::judge();
  }
};

// There and back again: each is the owner in its turn.
class HandOffAndBack final : public HandOff {
 public:
  HandOffAndBack() : HandOff(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      send();
      if (Leaf* back = back_.exchange(nullptr, acquire)) decref(*back);
    } else if (Leaf* got = receive()) {
      incref(*got);
      decref(*got);
      expect(hand_off(*got, slot_of(0).id), "the new owner cannot hand off");
      back_.store(got, release);  // with acquire above
    }
  }
  void judge() override {
    if (Leaf* back = back_.exchange(nullptr, acquire)) decref(*back);
    HandOff::judge();
  }

  Atomic<Leaf*> back_;
};

class RebiasAgainstDrop final : public OneMerged {
 public:
  RebiasAgainstDrop() : OneMerged(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)try_rebias(*object_);
      incref(*object_);
      decref(*object_);
    }
    decref(*object_);
  }
};

class RebiasByTwo final : public OneMerged {
 public:
  RebiasByTwo() : OneMerged(2) {}

 private:
  void part(unsigned) override {
    (void)try_rebias(*object_);
    decref(*object_);
  }
};

// A third thread takes a reference without having one: it must not be lost (A3).
class RebiasAgainstWeakGet final : public OneMerged {
 public:
  RebiasAgainstWeakGet() : OneMerged(2) {}

 private:
  void prepare() override {
    OneMerged::prepare();
    as_thread(0, [this] {
      decref(*object_);
      weak_ = WeakReference::create(*object_).release();
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)try_rebias(*object_);
      decref(*object_);
    } else {
      for (int i = 0; i < 2; ++i) {
        const Ref<Object> found = weak_->get();
        if (found)
          expect(number_of(found) == 1 && deaths_ == 0, "a dead object was found");
      }
    }
  }
  void drop() override { decref(*weak_); }

  WeakReference* weak_ = nullptr;
};

// The new owner gives a reference that it counts to another thread, which drops it before
// or after the one that it has: either way it has to find the new owner (R2).
class RebiasThenGive final : public OneMerged {
 public:
  RebiasThenGive() : OneMerged(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)try_rebias(*object_);
      incref(*object_);
      place_.store(object_, release);  // with acquire below
    } else if (Leaf* got = place_.exchange(nullptr, acquire)) {
      decref(*got);
    }
    decref(*object_);
  }
  void judge() override {
    if (Leaf* left = place_.exchange(nullptr, acquire)) decref(*left);
    OneMerged::judge();
  }

  Atomic<Leaf*> place_;
};

// A third thread still has to push what it has queued to the old owner (B6, R1).
class RebiasAgainstOldQueuer final : public RuntimeScenario {
 public:
  RebiasAgainstOldQueuer() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      object_ = make<Leaf>(1, deaths_).release();
      incref(*object_);
      incref(*object_);
    });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      decref(*object_);  // queues
      incref(*object_);
      decref(*object_);
      decref(*object_);
      return;
    }
    safepoint();
    (void)try_rebias(*object_);
    incref(*object_);
    decref(*object_);
    decref(*object_);
  }
  void judge() override { expect(deaths_ == 1, "the object has not died once"); }

  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

}  // namespace

void add_ownership_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<ImmortalizeAgainstOwner>(
      "immortalize-against-owner",
      "a thread makes an object immortal while its owner counts and drops it", 230));
  list.push_back(scenario<ImmortalizeAgainstQueuer>(
      "immortalize-against-queuer",
      "a thread makes an absent owner's object immortal while another queues it", 32));
  list.push_back(scenario<ImmortalizeByTwo>(
      "immortalize-by-two",
      "the owner and another thread make an object immortal, and drop it", 17));
  list.push_back(scenario<ImmortalizeAgainstRebias>(
      "immortalize-against-rebias",
      "an object without owner becomes immortal while it gets an owner", 582));
  list.push_back(scenario<UniqueAgainstTryIncref>(
      "unique-against-try-incref",
      "who has the only reference is not alone where others may take one", 60));
  list.push_back(scenario<HandOffThenUse>(
      "hand-off-then-use", "the new owner counts what the old one wrote", 3));
  list.push_back(scenario<HandOffAgainstDrop>(
      "hand-off-against-drop",
      "an object is handed off while another thread drops what the owner counts", 14));
  list.push_back(scenario<HandOffAgainstWeakGet>(
      "hand-off-against-weak-get",
      "a weak reference gives an object that changes its owner and dies", 162));
  list.push_back(scenario<HandOffAgainstNewOwner>(
      "hand-off-against-new-owner",
      "the new owner finds the object elsewhere before it gets its reference", 6));
  list.push_back(scenario<HandOffByWordAlone>(
      "hand-off-by-word-alone",
      "who reads that it is the owner sees what the old one wrote", 2));
  list.push_back(scenario<HandOffAndBack>(
      "hand-off-and-back", "an object is handed off twice, there and back", 3));
  list.push_back(scenario<RebiasAgainstDrop>(
      "rebias-against-drop",
      "an object gets an owner again while another thread drops its reference", 40));
  list.push_back(scenario<RebiasByTwo>(
      "rebias-by-two", "two threads want to own one object, and drop it", 123));
  list.push_back(scenario<RebiasAgainstWeakGet>(
      "rebias-against-weak-get",
      "a weak reference gives an object that gets an owner again and dies", 2'792));
  list.push_back(scenario<RebiasThenGive>(
      "rebias-then-give",
      "a new owner gives away what it counts, and who drops it asks the right one",
      67));
  list.push_back(scenario<RebiasAgainstOldQueuer>(
      "rebias-against-old-queuer",
      "what was queued to the old owner arrives when there is a new one", 14'653));
}

}  // namespace threadmill::explore
