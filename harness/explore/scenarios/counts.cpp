// SPDX-License-Identifier: Apache-2.0
//
// Reference counts: the owner's count, everybody else's, and their merge (catalogue
// groups A, B and E); references that are taken without having one (group D).
//
// Thread 0 owns the objects, unless it says otherwise. An object has to be dead as soon
// as all threads have left, without a collection.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"
#include "harness/explore/scenarios/one_object.hpp"

namespace threadmill::explore {
namespace {

class DropByTwo final : public OneObject {
 public:
  DropByTwo() : OneObject(2) {}

 private:
  void part(unsigned) override { decref(*object_); }
};

class DropByThree final : public OneObject {
 public:
  DropByThree() : OneObject(3) {}

 private:
  void part(unsigned) override { decref(*object_); }
};

class DropAgainstTakeAndDrop final : public OneObject {
 public:
  DropAgainstTakeAndDrop() : OneObject(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      incref(*object_);
      decref(*object_);
    }
    decref(*object_);
  }
};

// What a thread wrote before its drop is seen by the destructor (N4, N5).
class WriteThenDrop final : public OneObject {
 public:
  WriteThenDrop() : OneObject(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) object_->number = 2;
    decref(*object_);
  }
};

// The owner writes, and drops what it counts; the other thread has a reference of its own
// (A1, N5).
class OwnerWritesThenDrops final : public RuntimeScenario {
 public:
  OwnerWritesThenDrops() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { object_ = make<Leaf>(1, deaths_).release(); });
    as_thread(1, [this] { incref(*object_); });
  }
  void part(unsigned thread) override {
    if (thread == 0) object_->number = 2;
    decref(*object_);
  }
  void judge() override { expect(deaths_ == 1, "the object has not died once"); }

  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

// The same, and the other thread frees a second block of the page before: what the owner
// writes too late is where the list of freed blocks runs through (A1).
class MergeAgainstFree final : public RuntimeScenario {
 public:
  MergeAgainstFree() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      for (Leaf*& object : objects_) object = make<Leaf>(1, deaths_).release();
      incref(*objects_[1]);
      expect(!merge(*objects_[1], 0), "the object died");
      decref(*objects_[1]);
    });
    as_thread(1, [this] { incref(*objects_[0]); });
  }
  void part(unsigned thread) override {
    if (thread == 1) decref(*objects_[1]);
    decref(*objects_[0]);
  }
  void judge() override { expect(deaths_ == 2, "an object has not died once"); }

  Leaf* objects_[2] = {};
  unsigned deaths_ = 0;
};

// Nobody owns it: both count in the same word, and the last one ends it (N4).
class MergedWriteThenDrop final : public OneObject {
 public:
  MergedWriteThenDrop() : OneObject(2) {}

 private:
  void prepare() override {
    OneObject::prepare();
    as_thread(0, [this] { expect(!merge(*object_, 0), "the object died"); });
  }
  void part(unsigned thread) override {
    if (thread == 1) object_->number = 2;
    decref(*object_);
  }
};

// A foreign drop queues the object; the owner merges it at a safepoint, if it gets there
// in time.
class QueueThenSafepoint final : public OneObject {
 public:
  QueueThenSafepoint() : OneObject(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) safepoint();
    decref(*object_);
  }
};

// The owner has no reference: threads 1 and 2 drop the two that it counts. It is queued
// once, and its shared count is negative meanwhile.
class DropByTwoForeigners final : public RuntimeScenario {
 public:
  DropByTwoForeigners() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_guest([this] {
      object_ = make<Leaf>(1, deaths_).release();
      incref(*object_);
    });
  }
  void part(unsigned) override { decref(*object_); }
  void judge() override { expect(deaths_ == 1, "the object has not died once"); }

  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

// Thread 1 holds both references that the owner counts. It drops one, which queues the
// object, takes another, and hands two to the owner. If the owner drops them before it
// merges, its own count ends first, and the reference of the inbox is like any (B6).
class MergeBeforeDrain final : public RuntimeScenario {
 public:
  MergeBeforeDrain() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      object_ = make<Leaf>(1, deaths_).release();
      incref(*object_);
    });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      decref(*object_);
      incref(*object_);
      handed_.store(true, release);  // with acquire below
    } else if (handed_.exchange(false, acquire)) {
      drop_both();
    }
  }
  void judge() override {
    if (handed_.load(relaxed)) drop_both();  // relaxed: alone
    expect(deaths_ == 1, "the object has not died once");
  }
  void drop_both() {
    decref(*object_);
    decref(*object_);
  }

  Atomic<bool> handed_;
  Leaf* object_ = nullptr;
  unsigned deaths_ = 0;
};

// The owner makes it immortal while another thread drops a reference (B5, E1).
class ImmortalizeWhileQueued final : public OneObject {
 public:
  ImmortalizeWhileQueued() : OneObject(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      make_immortal_owned(*object_);
      safepoint();
    } else {
      decref(*object_);
    }
  }
  void judge() override {
    expect(deaths_ == 0 && is_immortal(*object_), "the object is not immortal");
    expect_immortals();
  }
};

// The owner's count passes its limit while another thread drops a reference (E8).
class SaturateLocal final : public OneObject {
 public:
  SaturateLocal() : OneObject(2) {}

 private:
  void prepare() override {
    OneObject::prepare();
    as_thread(0, [this] { set_counts_for_test(*object_, word0::kLocalLimit, 0); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      incref(*object_);
    else
      decref(*object_);
  }
  void judge() override {
    // The drop may have been merged first: then the sum is at its limit all the same.
    expect(deaths_ == 0 && refcount(*object_) == kImmortalRefcount,
           "the count did not saturate");
    expect_immortals();
  }
};

// Two threads take and drop at the limit of the shared count: it sticks, nothing wraps.
class SaturateShared final : public OneObject {
 public:
  SaturateShared() : OneObject(2) {}

 private:
  void prepare() override {
    as_guest([this] {
      object_ = make<Leaf>(1, deaths_).release();
      set_counts_for_test(
          *object_, 1,
          shared_word::make(shared_word::kCountLimit - 1, shared_word::kPlain));
    });
  }
  void part(unsigned) override {
    incref(*object_);
    decref(*object_);
  }
  void judge() override {
    expect(deaths_ == 0 && refcount(*object_) == kImmortalRefcount,
           "the count did not saturate");
  }
  void drop() override {
    set_counts_for_test(*object_, 1, 0);
    decref(*object_);
  }
};

// The owner drops the last reference; another thread, which has only the address, tries
// to take one.
class TryIncrefAgainstDeath final : public OneObject {
 public:
  TryIncrefAgainstDeath() : OneObject(2) {}

 private:
  void prepare() override {
    OneObject::prepare();
    as_thread(0, [this] {
      decref(*object_);
      set_maybe_weak(*object_);
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      decref(*object_);
    } else if (try_incref(*object_)) {
      expect(object_->number == 1, "a dead object was revived");
      decref(*object_);
    }
  }
};

// Nobody permitted references without a reference: the owner need not ask, and frees.
class TryIncrefOfPlain final : public OneObject {
 public:
  TryIncrefOfPlain() : OneObject(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { object_ = make<Leaf>(1, deaths_).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      decref(*object_);
    else
      expect(!try_incref(*object_), "a reference to a plain object was taken");
  }
};

// Both mark it as shared, and drop: the mark must not undo the queueing.
class MarkAndDropByTwo final : public OneObject {
 public:
  MarkAndDropByTwo() : OneObject(2) {}

 private:
  void part(unsigned) override {
    set_maybe_weak(*object_);
    decref(*object_);
  }
};

// The owner writes if it is alone; the other thread reads, then drops (A8, N3).
class UniqueAgainstReader final : public OneObject {
 public:
  UniqueAgainstReader() : OneObject(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { object_ = make<Leaf>(1, deaths_).release(); });
    as_thread(1, [this] { incref(*object_); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      if (is_unique(*object_)) object_->number = 2;
    } else {
      expect(object_->number == 1, "written under a reader");
    }
    decref(*object_);
  }
};

// The owner has the only reference, and writes if it is told so; the other thread may get
// one from a weak reference at any time (A8).
class UniqueAgainstWeakGet final : public OneObject {
 public:
  UniqueAgainstWeakGet() : OneObject(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      object_ = make<Leaf>(1, deaths_).release();
      weak_ = WeakReference::create(*object_).release();
    });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      const int seen = number_of(weak_->get());
      expect(seen == 1 || seen == 0, "written under a reader");
      return;
    }
    if (is_unique(*object_)) object_->number = 2;
    decref(*object_);
  }
  void drop() override { decref(*weak_); }

  WeakReference* weak_ = nullptr;
};

// One place that holds a reference to the object numbered 1.
class OneField : public RuntimeScenario {
 public:
  explicit OneField(unsigned threads) : RuntimeScenario(threads) {}

 protected:
  void prepare() override {
    as_thread(0, [this] {
      holder_ = make<Node>(9, deaths_[0]).release();
      holder_->next.store(make_leaf(1));
    });
  }
  void drop() override { decref(*holder_); }

  Ref<Object> make_leaf(int number) { return make<Leaf>(number, deaths_[number]); }
  int look() { return number_of(holder_->next.load()); }

  Node* holder_ = nullptr;
  unsigned deaths_[4] = {};
};

class FieldLoadAgainstStore final : public OneField {
 public:
  FieldLoadAgainstStore() : OneField(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      holder_->next.store(make_leaf(2));
    } else {
      const int first = look();
      const int second = look();
      expect(first == 1 || first == 2, "a field has what nobody stored");
      expect(second >= first && second <= 2, "a field went back");
    }
  }
  void judge() override {
    expect(deaths_[1] == 1 && deaths_[2] == 0, "not what was replaced has died");
    expect(look() == 2, "the store is lost");
  }
};

// Each stores its own object: what was there is dropped once (A12).
class FieldStoreByTwo final : public OneField {
 public:
  FieldStoreByTwo() : OneField(2) {}

 private:
  void part(unsigned thread) override {
    holder_->next.store(make_leaf(static_cast<int>(thread) + 2));
  }
  void judge() override {
    safepoint();
    const int left = look();
    for (int i = 1; i < 4; ++i)
      expect(deaths_[i] == (i == left ? 0u : 1u), "not what was replaced has died");
  }
};

// Another thread than the owner of the object clears the field.
class FieldLoadAgainstForeignClear final : public OneField {
 public:
  FieldLoadAgainstForeignClear() : OneField(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      holder_->next.store(nullptr);
    } else {
      const int seen = look();
      expect(seen == 1 || seen == 0, "a field has what nobody stored");
    }
  }
  void judge() override { expect(deaths_[1] == 1, "the object has not died once"); }
};

// Two readers that own nothing, and the owner clears.
class FieldLoadByTwo final : public OneField {
 public:
  FieldLoadByTwo() : OneField(3) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      holder_->next.store(nullptr);
    } else {
      const int seen = look();
      expect(seen == 1 || seen == 0, "a field has what nobody stored");
    }
  }
  void judge() override { expect(deaths_[1] == 1, "the object has not died once"); }
};

// The object dies, and its block becomes another object that may be shared: a reader of
// the field must not take that for the first one (D2).
class FieldLoadAgainstReuse final : public OneField {
 public:
  FieldLoadAgainstReuse() : OneField(2) {}

 private:
  void prepare() override {
    OneField::prepare();
    as_thread(0, [this] { other_ = make<Node>(8, deaths_[0]).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      holder_->next.store(nullptr);
      other_->next.store(make_leaf(2));  // in the block of the first, if that is dead
    } else {
      const int seen = look();
      expect(seen == 1 || seen == 0, "a field has what was never stored in it");
    }
  }
  void judge() override {
    expect(deaths_[1] == 1 && deaths_[2] == 0, "not what was replaced has died");
  }
  void drop() override {
    decref(*other_);
    OneField::drop();
  }

  Node* other_ = nullptr;
};

// Each exchanges its own object for what is there: nothing is lost or had twice.
class FieldExchangeByTwo final : public OneField {
 public:
  FieldExchangeByTwo() : OneField(2) {}

 private:
  void part(unsigned thread) override {
    const int own = static_cast<int>(thread) + 2;
    got_[thread] = number_of(holder_->next.exchange(make_leaf(own)));
  }
  void judge() override {
    expect(got_[0] + got_[1] + look() == 1 + 2 + 3 && got_[0] != got_[1],
           "an exchange lost an object");
  }

  int got_[2] = {};
};

// Two threads share a new object through a field; who finds it there uses it as its
// maker left it, and it dies with the last of them.
class FieldHandOver final : public OneField {
 public:
  FieldHandOver() : OneField(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      holder_->next.store(make_leaf(2));
      holder_->next.store(nullptr);
    } else {
      taken_ = number_of(holder_->next.exchange(nullptr));
    }
  }
  void judge() override {
    expect(deaths_[1] == 1 && deaths_[2] == 1, "an object has not died once");
    expect(taken_ >= 0 && taken_ <= 2, "a field has what nobody stored");
  }

  int taken_ = 0;
};

}  // namespace

void add_count_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<DropByTwo>(
      "merge-drop-by-two", "the owner and another thread drop the last two references",
      45));
  list.push_back(scenario<DropByThree>(
      "merge-drop-by-three", "the owner and two others drop the last three references",
      2'640));
  list.push_back(scenario<DropAgainstTakeAndDrop>(
      "merge-take-and-drop",
      "the owner drops its last reference while another thread takes and drops", 75));
  list.push_back(scenario<WriteThenDrop>(
      "merge-write-then-drop",
      "what a thread wrote before it dropped its reference is seen by the destructor",
      45));
  list.push_back(scenario<OwnerWritesThenDrops>(
      "merge-owner-writes-then-drops",
      "what the owner did is seen by the destructor, and it is not touched after", 11));
  list.push_back(scenario<MergeAgainstFree>(
      "merge-against-free", "an object is merged, and freed beside another one", 16));
  list.push_back(scenario<MergedWriteThenDrop>(
      "merged-write-then-drop", "two threads drop an object that nobody owns", 6));
  list.push_back(scenario<QueueThenSafepoint>(
      "merge-at-safepoint",
      "the owner merges what another thread queued, or drops first", 48));
  list.push_back(scenario<DropByTwoForeigners>(
      "merge-drop-by-foreigners",
      "two threads drop the references that an absent owner counts", 28));
  list.push_back(scenario<MergeBeforeDrain>(
      "merge-before-drain", "the owner drops its last count of an object in its inbox",
      35));
  list.push_back(scenario<ImmortalizeWhileQueued>(
      "immortalize-while-queued",
      "the owner makes an object immortal that another thread queues", 19));
  list.push_back(scenario<SaturateLocal>(
      "saturate-local", "the owner's count passes its limit against a foreign drop",
      42));
  list.push_back(scenario<SaturateShared>(
      "saturate-shared", "two threads take and drop at the limit of the shared count",
      6));
  list.push_back(scenario<TryIncrefAgainstDeath>(
      "try-incref-against-death",
      "a thread that knows only the address tries to take the last reference", 48));
  list.push_back(scenario<TryIncrefOfPlain>(
      "try-incref-of-plain", "an object that was never shared refuses other threads",
      4));
  list.push_back(scenario<MarkAndDropByTwo>(
      "mark-and-drop-by-two",
      "two threads set maybe-weak and drop: no state of the shared word is lost", 270));
  list.push_back(scenario<UniqueAgainstReader>(
      "unique-against-reader",
      "who is told that it is alone writes in place after the last reader", 12));
  list.push_back(scenario<UniqueAgainstWeakGet>(
      "unique-against-weak-get",
      "who has the only reference is not alone if there is a weak one", 61));
  list.push_back(scenario<FieldLoadAgainstStore>(
      "field-load-against-store", "a reader finds the old or the new object, in order",
      119));
  list.push_back(scenario<FieldStoreByTwo>(
      "field-store-by-two", "what two stores replace is dropped once", 61));
  list.push_back(scenario<FieldLoadAgainstForeignClear>(
      "field-load-against-foreign-clear",
      "the owner reads a field that another thread clears", 150));
  list.push_back(scenario<FieldLoadByTwo>(
      "field-load-by-two", "two threads read a field that the owner clears", 130'099));
  list.push_back(scenario<FieldLoadAgainstReuse>(
      "field-load-against-reuse",
      "the block of the old object becomes another one under the reader", 76));
  list.push_back(scenario<FieldExchangeByTwo>(
      "field-exchange-by-two", "two exchanges lose no object and give none twice", 61));
  list.push_back(scenario<FieldHandOver>(
      "field-hand-over", "a new object is handed from thread to thread by a field",
      34));
}

}  // namespace threadmill::explore
