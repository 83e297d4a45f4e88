// SPDX-License-Identifier: Apache-2.0
//
// Sets: lookups without a lock against every change, and changes against each other
// (catalogue group K; containers/hash_table.hpp, D1 to D4).
//
// Items are the numbers 1, 2, ...; each thread has objects of its own for them. An item
// that is there all the time is always found.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "runtime/containers/hashing.hpp"

namespace threadmill::explore {
namespace {

// The first table of a set has room for so many.
constexpr int kRoom = 5;

class OneSet : public RuntimeScenario {
 public:
  explicit OneSet(int items) : RuntimeScenario(2), items_(items) {}

 protected:
  void prepare() override {
    as_thread(0, [this] { set_ = make<Set>().release(); });
    for (unsigned thread = 0; thread < threads(); ++thread) {
      as_thread(thread, [this, thread] {
        for (int i = 1; i < kItems; ++i) made_[thread][i] = Int::create(i).release();
      });
    }
    as_thread(0, [this] {
      for (int i = 1; i <= items_; ++i) add(0, i);
    });
    // Once read by another thread, what is there needs no lock.
    as_thread(1, [this] {
      for (int i = 1; i <= items_; ++i) (void)has(1, i);
    });
  }
  void drop() override {
    decref(*set_);
    for (auto& made : made_) {
      for (int i = 1; i < kItems; ++i) {
        expect(refcount(*made[i]) == 1, "an item was counted wrongly");
        decref(*made[i]);
      }
    }
  }

  Ref<Object> item(unsigned thread, int number) {
    return Ref<Int>::share(made_[thread][number]);
  }
  // True: it was not there.
  bool add(unsigned thread, int number) {
    const Set::Add result = set_->add(item(thread, number));
    expect(result != Set::Add::refused, "out of memory");
    return result == Set::Add::added;
  }
  bool has(unsigned thread, int number) { return set_->contains(item(thread, number)); }
  bool discard(unsigned thread, int number) {
    return set_->discard(item(thread, number));
  }
  void expect_items(std::initializer_list<int> numbers) {
    expect(set_->size() == numbers.size(), "the set has another size");
    for (const int number : numbers) expect(has(0, number), "an item is lost");
  }

  Set* set_ = nullptr;

 private:
  static constexpr int kItems = kRoom + 3;

  const int items_;
  Int* made_[2][kItems] = {};
};

class ContainsAgainstAdd final : public OneSet {
 public:
  ContainsAgainstAdd() : OneSet(1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      add(0, 2);
      return;
    }
    const bool before = has(1, 2);
    const bool after = has(1, 2);
    expect(after || !before, "the set went back");
    expect(has(1, 1), "an item that stays was not found");
  }
  void judge() override { expect_items({1, 2}); }
};

class ContainsAgainstGrow final : public OneSet {
 public:
  ContainsAgainstGrow() : OneSet(kRoom) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      add(0, 6);
      return;
    }
    (void)has(1, 6);
    expect(has(1, 5), "an item that stays was not found");
  }
  void judge() override { expect_items({1, 2, 3, 4, 5, 6}); }
};

class ContainsAgainstDiscard final : public OneSet {
 public:
  ContainsAgainstDiscard() : OneSet(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(discard(0, 1), "the item was not there");
      return;
    }
    const bool before = has(1, 1);
    const bool after = has(1, 1);
    expect(before || !after, "the set went back");
    expect(has(1, 2), "an item that stays was not found");
  }
  void judge() override {
    expect_items({2});
    expect(!has(0, 1), "an item that was taken out is there");
  }
};

class ContainsAgainstClear final : public OneSet {
 public:
  ContainsAgainstClear() : OneSet(1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      set_->clear();
    else
      (void)has(1, 1);
  }
  void judge() override { expect_items({}); }
};

// The table is outgrown, an item of it dies, and its block becomes what the reader looks
// for, which never was in the set but has the same index word (D3, K6).
class ContainsInOutgrownTable final : public RuntimeScenario {
 public:
  ContainsInOutgrownTable() : RuntimeScenario(2) {}

 private:
  // Of one place, and one tag, in a table of eight places.
  static constexpr int kItem = 2091;
  static constexpr int kStranger = 3837;

  void prepare() override {
    as_thread(0, [this] {
      set_ = make<Set>().release();
      for (int i = 1; i < kRoom; ++i) add(make<Int>(i));
      item_ = make<Int>(kItem).release();
      add(make<Int>(kItem));
    });
    as_thread(1, [this] {
      stranger_ = make<Int>(kStranger).release();
      const std::uint64_t difference = hash_of(*stranger_) ^ hash_of(*make<Int>(kItem));
      expect(difference >> 35 == 0 && (difference & 7) == 0, "the hashes differ");
      // Once read by another thread, what is there needs no lock.
      expect(set_->contains(make<Int>(kItem)), "an item is lost");
    });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      expect(!set_->contains(Ref<Int>::share(stranger_)),
             "what never was in the set is there");
      return;
    }
    add(make<Int>(kRoom));
    expect(set_->discard(Ref<Int>::share(item_)), "the item was not there");
    other_ = make<Int>(kStranger).release();  // in the item's block, if that is dead
    set_maybe_weak(*other_);
  }
  void drop() override {
    decref(*set_);
    for (Int* each : {item_, stranger_, other_}) decref(*each);
  }
  void add(Ref<Object> item) {
    expect(set_->add(std::move(item)) == Set::Add::added, "out of memory");
  }

  Set* set_ = nullptr;
  Int* item_ = nullptr;
  Int* stranger_ = nullptr;
  Int* other_ = nullptr;
};

class AddByTwo final : public OneSet {
 public:
  AddByTwo() : OneSet(0) {}

 private:
  void part(unsigned thread) override { added_[thread] = add(thread, 1); }
  void judge() override {
    expect(added_[0] != added_[1], "not exactly one added the item");
    expect_items({1});
  }

  bool added_[2] = {};
};

class GrowByTwo final : public OneSet {
 public:
  GrowByTwo() : OneSet(kRoom - 1) {}

 private:
  void part(unsigned thread) override {
    expect(add(thread, kRoom + static_cast<int>(thread)), "the item was there");
  }
  void judge() override { expect_items({1, 2, 3, 4, 5, 6}); }
};

class DiscardByTwo final : public OneSet {
 public:
  DiscardByTwo() : OneSet(1) {}

 private:
  void part(unsigned thread) override { discarded_[thread] = discard(thread, 1); }
  void judge() override {
    expect(discarded_[0] != discarded_[1], "not exactly one discarded the item");
    expect_items({});
  }

  bool discarded_[2] = {};
};

class AddAgainstDiscard final : public OneSet {
 public:
  AddAgainstDiscard() : OneSet(1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      expect(discard(0, 1), "the item was not there");
    else
      added_ = add(1, 1);
  }
  void judge() override {
    if (added_)
      expect_items({1});
    else
      expect_items({});
  }

  bool added_ = false;
};

// What an update adds stood in the other set at one moment, and comes in one step.
class UpdateAgainstChanges final : public OneSet {
 public:
  UpdateAgainstChanges() : OneSet(1) {}

 private:
  void prepare() override {
    OneSet::prepare();
    as_thread(1, [this] { other_ = make<Set>().release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      add(0, 2);
      (void)discard(0, 1);
      return;
    }
    expect(other_->update(*set_), "out of memory");
    const bool first = other_->contains(item(1, 1));
    const bool second = other_->contains(item(1, 2));
    expect(first || second, "an update by what stood there at no moment");
  }
  void drop() override {
    decref(*other_);
    OneSet::drop();
  }

  Set* other_ = nullptr;
};

// Each takes the other's items: no order of the two sets' locks can block.
class UpdateEachOther final : public OneSet {
 public:
  UpdateEachOther() : OneSet(1) {}

 private:
  void prepare() override {
    OneSet::prepare();
    as_thread(1, [this] {
      other_ = make<Set>().release();
      expect(other_->add(item(1, 2)) == Set::Add::added, "out of memory");
    });
  }
  void part(unsigned thread) override {
    const bool done = thread == 0 ? set_->update(*other_) : other_->update(*set_);
    expect(done, "out of memory");
  }
  void judge() override {
    expect_items({1, 2});
    expect(other_->size() == 2, "an item is lost");
  }
  void drop() override {
    decref(*other_);
    OneSet::drop();
  }

  Set* other_ = nullptr;
};

// A reader finds none of two items, once it has missed one.
class ContainsAgainstSubtract final : public OneSet {
 public:
  ContainsAgainstSubtract() : OneSet(2) {}

 private:
  void prepare() override {
    OneSet::prepare();
    as_thread(0, [this] {
      other_ = make<Set>().release();
      for (int i = 1; i <= 2; ++i)
        expect(other_->add(item(0, i)) == Set::Add::added, "out of memory");
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(set_->subtract(*other_), "out of memory");
      return;
    }
    const bool first = has(1, 1);
    const bool second = has(1, 2);
    expect(first || !second, "half of a change was found");
  }
  void judge() override { expect_items({}); }
  void drop() override {
    decref(*other_);
    OneSet::drop();
  }

  Set* other_ = nullptr;
};

class ItemsAgainstClear final : public OneSet {
 public:
  ItemsAgainstClear() : OneSet(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      set_->clear();
      return;
    }
    const std::size_t size = set_->items()->size();
    expect(size == 0 || size == 2, "items of no moment");
  }
};

}  // namespace

void add_set_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<ContainsAgainstAdd>(
      "set-contains-against-add", "a reader against an insertion with room", 119));
  list.push_back(scenario<ContainsAgainstGrow>(
      "set-contains-against-grow",
      "a reader against an insertion that outgrows the table", 121));
  list.push_back(scenario<ContainsAgainstDiscard>(
      "set-contains-against-discard", "a reader of the item that is discarded", 403));
  list.push_back(scenario<ContainsAgainstClear>("set-contains-against-clear",
                                                "a reader against clear()", 63));
  list.push_back(scenario<ContainsInOutgrownTable>(
      "set-contains-in-outgrown-table",
      "an item of an outgrown table dies and its block is used anew", 65));
  list.push_back(scenario<AddByTwo>("set-add-by-two",
                                    "exactly one of two threads adds the item", 236));
  list.push_back(scenario<GrowByTwo>(
      "set-grow-by-two", "two insertions, one of which outgrows the table", 236));
  list.push_back(scenario<DiscardByTwo>(
      "set-discard-by-two", "exactly one of two threads discards the item", 6'287));
  list.push_back(scenario<AddAgainstDiscard>(
      "set-add-against-discard", "an item is added as an equal one is discarded", 236));
  list.push_back(scenario<UpdateAgainstChanges>(
      "set-update-against-changes", "an update has the other set of one moment",
      kTooMany));
  list.push_back(scenario<UpdateEachOther>("set-update-each-other",
                                           "two sets are updated by each other", 236));
  list.push_back(scenario<ContainsAgainstSubtract>(
      "set-contains-against-subtract", "a reader finds a change whole", kTooMany));
  list.push_back(scenario<ItemsAgainstClear>("set-items-against-clear",
                                             "items() has all items or none", 590));
}

}  // namespace threadmill::explore
