// SPDX-License-Identifier: Apache-2.0
//
// Dicts: lookups without a lock against every change, and changes against each other
// (catalogue group K; containers/hash_table.hpp, D1 to D4).
//
// Keys are the numbers 1, 2, ..., and values objects with numbers, all made beforehand:
// key k begins with value k. A key that is there all the time is always found.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {
namespace {

// The first table of a dict has room for so many.
constexpr int kRoom = 5;

class OneDict : public RuntimeScenario {
 public:
  OneDict(unsigned threads, int entries)
      : RuntimeScenario(threads), entries_(entries) {}

 protected:
  void prepare() override {
    as_thread(0, [this] {
      dict_ = make<Dict>().release();
      for (int i = 1; i < kValues; ++i) made_[i] = make<Leaf>(i, deaths_[i]).release();
    });
    // Each thread has keys of its own to look up by.
    for (unsigned thread = 0; thread < threads(); ++thread) {
      as_thread(thread, [this, thread] {
        for (int key = 1; key < kKeys; ++key)
          keys_[thread][key] = Int::create(key).release();
      });
    }
    as_thread(0, [this] {
      for (int i = 1; i <= entries_; ++i) set(i, i);
    });
    // Once read by another thread, what is there needs no lock.
    as_thread(1, [this] {
      for (int i = 1; i <= entries_; ++i) (void)look(1, i);
    });
  }
  void drop() override {
    decref(*dict_);
    for (auto& keys : keys_) {
      for (int key = 1; key < kKeys; ++key) decref(*keys[key]);
    }
    for (Leaf* left : made_) {
      if (left != nullptr) decref(*left);
    }
  }

  Ref<Object> key(unsigned thread, int number) {
    return Ref<Int>::share(keys_[thread][number]);
  }
  // Each is used once.
  Ref<Object> value(int number) {
    return Ref<Leaf>::adopt(std::exchange(made_[number], nullptr));
  }
  // With the key of thread 0.
  void set(int number, int its_value) {
    expect(dict_->set(key(0, number), value(its_value)), "out of memory");
  }
  // 0: absent.
  int look(unsigned thread, int number) {
    return number_of(dict_->get(key(thread, number)));
  }
  void expect_entry(int number, int expected) {
    expect(look(0, number) == expected, "a key has another value");
  }
  void expect_size(std::size_t size) const {
    expect(dict_->size() == size, "the dict has another size");
  }
  void expect_dead(int number) const {
    expect(deaths_[number] == 1, "what was taken out has not died once");
  }

  Dict* dict_ = nullptr;

 private:
  static constexpr int kKeys = kRoom + 3;

  static constexpr int kValues = kKeys + 1;

  const int entries_;
  Int* keys_[2][kKeys] = {};
  Leaf* made_[kValues] = {};
  unsigned deaths_[kValues] = {};
};

class GetAgainstSet final : public OneDict {
 public:
  GetAgainstSet() : OneDict(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      set(2, 2);
      return;
    }
    const int second = look(1, 2);
    expect(second == 2 || second == 0, "a key has a value that was never stored");
    expect(look(1, 1) == 1, "a key that stays was not found");
  }
  void judge() override {
    expect_size(2);
    expect_entry(2, 2);
  }
};

class GetAgainstGrow final : public OneDict {
 public:
  GetAgainstGrow() : OneDict(2, kRoom) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      set(6, 6);
      return;
    }
    const int last = look(1, 6);
    expect(last == 6 || last == 0, "a key has a value that was never stored");
    expect(look(1, 5) == 5, "a key that stays was not found");
  }
  void judge() override {
    expect_size(6);
    for (int key = 1; key <= 6; ++key) expect_entry(key, key);
  }
};

class GetAgainstErase final : public OneDict {
 public:
  GetAgainstErase() : OneDict(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(dict_->erase(key(0, 1)), "the key was not there");
      return;
    }
    const int first = look(1, 1);
    expect(first == 1 || first == 0, "a key has a value that was never stored");
  }
  void judge() override {
    expect_dead(1);
    expect_size(1);
    expect_entry(1, 0);
  }
};

// The reader may meet the erased entry, or the new one, or miss both in between.
class GetAgainstEraseAndSet final : public OneDict {
 public:
  GetAgainstEraseAndSet() : OneDict(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(dict_->erase(key(0, 1)), "the key was not there");
      set(1, 2);
      return;
    }
    const int first = look(1, 1);
    expect(first >= 0 && first <= 2, "a key has a value that was never stored");
  }
  void judge() override {
    expect_dead(1);
    expect_size(1);
    expect_entry(1, 2);
  }
};

class GetAgainstReplace final : public OneDict {
 public:
  GetAgainstReplace() : OneDict(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      set(1, 2);
      return;
    }
    const int first = look(1, 1);
    const int again = look(1, 1);
    expect(first == 1 || first == 2, "a key that stays was not found");
    expect(again == 2 || again == first, "the dict went back");
  }
  void judge() override {
    expect_dead(1);
    expect_size(1);
    expect_entry(1, 2);
  }
};

class GetAgainstClear final : public OneDict {
 public:
  GetAgainstClear() : OneDict(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      dict_->clear();
      return;
    }
    const int first = look(1, 1);
    expect(first == 1 || first == 0, "a key has a value that was never stored");
  }
  void judge() override {
    expect_dead(1);
    expect_size(0);
    expect_entry(1, 0);
  }
};

// The table is outgrown, then a value of it dies and its block becomes another object: a
// reader of the old table must not return that (D3, K6).
class GetFromOutgrownTable final : public OneDict {
 public:
  GetFromOutgrownTable() : OneDict(2, kRoom) {}

 private:
  void prepare() override {
    OneDict::prepare();
    as_thread(0, [this] { other_ = make<Node>(9, other_deaths_[0]).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      set(6, 6);
      set(1, 7);
      // In the block of value 1, if that is dead.
      other_->next.store(make<Leaf>(8, other_deaths_[1]));
      return;
    }
    const int first = look(1, 1);
    expect(first == 1 || first == 7, "a key has a value that was never stored");
  }
  void judge() override {
    expect_dead(1);
    expect_entry(1, 7);
  }
  void drop() override {
    decref(*other_);
    OneDict::drop();
  }

  Node* other_ = nullptr;
  unsigned other_deaths_[2] = {};
};

// Both offer a value for an absent key: exactly one wins, and both get the winner's.
class SetDefaultByTwo final : public OneDict {
 public:
  SetDefaultByTwo() : OneDict(2, 0) {}

 private:
  void part(unsigned thread) override {
    const int own = static_cast<int>(thread) + 1;
    got_[thread] = number_of(dict_->set_default(key(thread, 1), value(own)));
  }
  void judge() override {
    expect(got_[0] == got_[1], "two threads got different values");
    expect(got_[0] == 1 || got_[0] == 2, "nobody's value was stored");
    expect_size(1);
    expect_entry(1, got_[0]);
    expect_dead(3 - got_[0]);
  }

  int got_[2] = {};
};

class SetDefaultAgainstErase final : public OneDict {
 public:
  SetDefaultAgainstErase() : OneDict(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      expect(dict_->erase(key(0, 1)), "the key was not there");
    else
      got_ = number_of(dict_->set_default(key(1, 1), value(2)));
  }
  void judge() override {
    expect(got_ == 1 || got_ == 2, "no value was returned");
    expect_size(got_ == 2 ? 1 : 0);
    expect_entry(1, got_ == 2 ? 2 : 0);
    expect_dead(1);
  }

  int got_ = 0;
};

class SetByTwo final : public OneDict {
 public:
  SetByTwo() : OneDict(2, kRoom - 1) {}

 private:
  void part(unsigned thread) override {
    const int own = static_cast<int>(thread) + kRoom;
    expect(dict_->set(key(thread, own), value(own)), "out of memory");
  }
  void judge() override {
    expect_size(kRoom + 1);
    for (int key = 1; key <= kRoom + 1; ++key) expect_entry(key, key);
  }
};

class EraseByTwo final : public OneDict {
 public:
  EraseByTwo() : OneDict(2, 1) {}

 private:
  void part(unsigned thread) override {
    erased_[thread] = dict_->erase(key(thread, 1));
  }
  void judge() override {
    expect(erased_[0] != erased_[1], "not exactly one erased the key");
    expect_dead(1);
    expect_size(0);
  }

  bool erased_[2] = {};
};

// items() is one step: what it has stood in the dict at one moment.
class ItemsAgainstChanges final : public OneDict {
 public:
  ItemsAgainstChanges() : OneDict(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      set(2, 2);
      (void)dict_->erase(key(0, 1));
      return;
    }
    const Ref<List> items = dict_->items();
    const int first = number_of(items->get(1));
    const int second = number_of(items->get(3));
    const bool before = first == 1 && second == 0;
    const bool between = first == 1 && second == 2;
    const bool after = first == 2 && second == 0;
    expect(before || between || after, "items of no moment");
  }
};

// A lookup by text compares with a key that may be erased meanwhile.
class GetTextAgainstErase final : public RuntimeScenario {
 public:
  GetTextAgainstErase() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      dict_ = make<Dict>().release();
      (void)dict_->set(make<Str>("key"), make<Leaf>(1, deaths_));
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(dict_->erase(make<Str>("key")), "the key was not there");
      return;
    }
    const int seen = number_of(dict_->get("key"));
    expect(seen == 1 || seen == 0, "a key has a value that was never stored");
  }
  void judge() override { expect(deaths_ == 1, "the value has not died once"); }
  void drop() override { decref(*dict_); }

  Dict* dict_ = nullptr;
  unsigned deaths_ = 0;
};

// A reader of two keys finds an update whole: never its second key and then not its first.
class GetAgainstUpdate final : public OneDict {
 public:
  GetAgainstUpdate() : OneDict(2, 1) {}

 private:
  void prepare() override {
    OneDict::prepare();
    as_thread(0, [this] {
      other_ = make<Dict>().release();
      for (int i = 1; i <= 2; ++i)
        expect(other_->set(key(0, i), value(i + 1)), "out of memory");
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(dict_->update(*other_), "out of memory");
      return;
    }
    const int second = look(1, 2);
    const int first = look(1, 1);
    expect(second == 0 || second == 3, "a key has a value that was never stored");
    expect(first == 2 || (first == 1 && second == 0), "half of an update was found");
  }
  void judge() override {
    expect_size(2);
    expect_entry(1, 2);
    expect_entry(2, 3);
    expect_dead(1);
  }
  void drop() override {
    decref(*other_);
    OneDict::drop();
  }

  Dict* other_ = nullptr;
};

class UpdateEachOther final : public OneDict {
 public:
  UpdateEachOther() : OneDict(2, 1) {}

 private:
  void prepare() override {
    OneDict::prepare();
    as_thread(1, [this] {
      other_ = make<Dict>().release();
      expect(other_->set(key(1, 2), value(2)), "out of memory");
    });
  }
  void part(unsigned thread) override {
    const bool done = thread == 0 ? dict_->update(*other_) : other_->update(*dict_);
    expect(done, "out of memory");
  }
  void judge() override {
    expect_size(2);
    expect(other_->size() == 2, "a key is lost");
  }
  void drop() override {
    decref(*other_);
    OneDict::drop();
  }

  Dict* other_ = nullptr;
};

// Exactly one of two pops gets the value.
class PopByTwo final : public OneDict {
 public:
  PopByTwo() : OneDict(2, 1) {}

 private:
  void part(unsigned thread) override {
    got_[thread] = number_of(dict_->pop(key(thread, 1)));
  }
  void judge() override {
    expect(got_[0] + got_[1] == 1, "not exactly one pop got the value");
    expect_size(0);
    expect_dead(1);
  }
  int got_[2] = {};
};

// A cursor gives values that were there, or says that the dict has changed.
class CursorAgainstErase final : public OneDict {
 public:
  CursorAgainstErase() : OneDict(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(dict_->erase(key(0, 1)), "a key was not there");
      return;
    }
    DictCursor cursor(Ref<Dict>::share(dict_));
    Dict::Item item;
    int items = 0;
    int sum = 0;
    for (;;) {
      const DictCursor::Step step = cursor.next(item);
      if (step == DictCursor::Step::changed) return;
      if (step == DictCursor::Step::end) break;
      ++items;
      sum += number_of(item.value);
    }
    expect((items == 2 && sum == 3) || (items == 1 && sum == 2),
           "a cursor gave items of no moment");
  }
};

}  // namespace

void add_dict_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<GetAgainstUpdate>(
      "dict-get-against-update", "a reader finds an update whole, or not at all", 235));
  list.push_back(scenario<UpdateEachOther>(
      "dict-update-each-other", "two dicts are updated by each other: no deadlock",
      236));
  list.push_back(scenario<PopByTwo>("dict-pop-by-two",
                                    "exactly one of two pops gets the value", 108'713));
  list.push_back(scenario<CursorAgainstErase>(
      "dict-cursor-against-erase", "a cursor gives items of one moment, or says so",
      kTooMany));
  list.push_back(scenario<GetAgainstSet>(
      "dict-get-against-set", "a reader against an insertion with room", 60));
  list.push_back(scenario<GetAgainstGrow>(
      "dict-get-against-grow", "a reader against an insertion that outgrows the table",
      121));
  list.push_back(scenario<GetAgainstErase>("dict-get-against-erase",
                                           "a reader of the key that is erased", 485));
  list.push_back(scenario<GetAgainstEraseAndSet>(
      "dict-get-against-erase-and-set",
      "a reader of a key that is erased and inserted again", 97'855));
  list.push_back(scenario<GetAgainstReplace>(
      "dict-get-against-replace", "a reader finds the old or the new value, in order",
      2363));
  list.push_back(scenario<GetAgainstClear>("dict-get-against-clear",
                                           "a reader against clear()", 120));
  list.push_back(scenario<GetFromOutgrownTable>(
      "dict-get-from-outgrown-table",
      "a value of an outgrown table dies and its block is used anew", 87'986));
  list.push_back(scenario<SetDefaultByTwo>(
      "dict-set-default-by-two", "two threads offer a value: exactly one wins", 6'372));
  list.push_back(scenario<SetDefaultAgainstErase>(
      "dict-set-default-against-erase", "a default for a key that is erased", 20'519));
  list.push_back(scenario<SetByTwo>(
      "dict-set-by-two", "two insertions, one of which outgrows the table", 236));
  list.push_back(scenario<EraseByTwo>(
      "dict-erase-by-two", "exactly one of two threads erases the key", 94'330));
  list.push_back(scenario<ItemsAgainstChanges>(
      "dict-items-against-changes", "items() has the dict of one moment", kTooMany));
  list.push_back(scenario<GetTextAgainstErase>(
      "dict-get-text-against-erase",
      "a lookup by text compares with a key that is erased", 1421));
}

}  // namespace threadmill::explore
