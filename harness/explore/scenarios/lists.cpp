// SPDX-License-Identifier: Apache-2.0
//
// Lists: readers without a lock against every change, and changes against each other
// (catalogue group K; containers/list.hpp, L1 to L4).
//
// Items are objects with numbers, made beforehand: a reader may find what stood at its
// index at some moment of its call, and nothing else.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {
namespace {

// The first array of a list has room for so many.
constexpr int kRoom = 4;

// A list of thread 0 with the items 1, 2, ... `items`; thread 1 reads.
class OneList : public RuntimeScenario {
 public:
  OneList(unsigned threads, int items) : RuntimeScenario(threads), items_(items) {}

 protected:
  void prepare() override {
    as_thread(0, [this] {
      list_ = make<List>().release();
      for (int i = 1; i < kItems; ++i) made_[i] = make<Leaf>(i, deaths_[i]).release();
      for (int i = 1; i <= items_; ++i) append(i);
    });
    // Once read by another thread, what is there needs no lock.
    as_thread(1, [this] {
      for (int i = 0; i < items_; ++i) (void)look(static_cast<std::size_t>(i));
    });
  }
  void drop() override {
    decref(*list_);
    for (Leaf* left : made_) {
      if (left != nullptr) decref(*left);
    }
  }

  // Each is used once.
  Ref<Object> item(int number) {
    return Ref<Leaf>::adopt(std::exchange(made_[number], nullptr));
  }
  void append(int number) { expect(list_->append(item(number)), "out of memory"); }
  void set(std::size_t index, int number) {
    expect(list_->set(index, item(number)), "the list has no such item");
  }
  // 0: out of range.
  int look(std::size_t index) { return number_of(list_->get(index)); }
  void expect_items(std::initializer_list<int> numbers) {
    expect(list_->size() == numbers.size(), "the list has another size");
    std::size_t index = 0;
    for (const int number : numbers)
      expect(look(index++) == number, "the list has another item");
  }
  void expect_dead(int number) const {
    expect(deaths_[number] == 1, "what was taken out has not died once");
  }

  List* list_ = nullptr;

 private:
  static constexpr int kItems = 8;

  const int items_;
  Leaf* made_[kItems] = {};
  unsigned deaths_[kItems] = {};
};

class GetAgainstAppend final : public OneList {
 public:
  GetAgainstAppend() : OneList(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      append(2);
      return;
    }
    const std::size_t size = list_->size();
    const int first = look(0);
    const int second = look(1);
    expect(first == 1, "an item that stays was not found");
    expect(second == 2 || (second == 0 && size == 1),
           "an item within the size is lost");
  }
  void judge() override { expect_items({1, 2}); }
};

class GetAgainstGrow final : public OneList {
 public:
  GetAgainstGrow() : OneList(2, kRoom) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      append(5);
      return;
    }
    const int last = look(4);  // beyond the array that is outgrown (K3)
    const int first = look(0);
    expect(first == 1, "an item that stays was not found");
    expect(last == 5 || last == 0, "an item that was never there");
  }
  void judge() override { expect_items({1, 2, 3, 4, 5}); }
};

class GetAgainstPop final : public OneList {
 public:
  GetAgainstPop() : OneList(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(number_of(list_->pop()) == 2, "not the last item was popped");
      return;
    }
    const int last = look(1);
    expect(last == 2 || last == 0, "an item that was never there");
  }
  void judge() override {
    expect_dead(2);
    expect_items({1});
  }
};

class GetAgainstClear final : public OneList {
 public:
  GetAgainstClear() : OneList(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      list_->clear();
      return;
    }
    const int first = look(0);
    expect(first == 1 || first == 0, "an item that was never there");
  }
  void judge() override {
    expect_dead(1);
    expect_items({});
  }
};

// The reader has the size of before and the array of afterwards, whose end was never
// filled (L2, K1).
class GetAgainstClearAndAppend final : public OneList {
 public:
  GetAgainstClearAndAppend() : OneList(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      list_->clear();
      append(3);
      return;
    }
    const int second = look(1);
    expect(second == 2 || second == 0, "an item that was never there");
  }
  void judge() override {
    expect_dead(1);
    expect_dead(2);
    expect_items({3});
  }
};

// The reader's first look at the size is from before the pop (L4).
class GetAgainstPopAndAppend final : public OneList {
 public:
  GetAgainstPopAndAppend() : OneList(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(number_of(list_->pop()) == 1, "not the last item was popped");
      append(2);
      return;
    }
    const int found = look(0);
    const std::size_t size = list_->size();
    expect(found >= 0 && found <= 2, "an item that was never there");
    expect(found != 2 || size == 1, "an item that was found is not counted");
  }
  void judge() override {
    expect_items({2});
    expect_dead(1);
  }
};

class GetAgainstSet final : public OneList {
 public:
  GetAgainstSet() : OneList(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      set(0, 2);
      return;
    }
    const int first = look(0);
    const int again = look(0);
    expect(first == 1 || first == 2, "an item that was never there");
    expect(again == 2 || again == first, "the list went back");
  }
  void judge() override {
    expect_dead(1);
    expect_items({2});
  }
};

class GetAgainstAssign final : public OneList {
 public:
  GetAgainstAssign() : OneList(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      const Ref<Object> items[] = {item(3)};
      expect(list_->assign(items), "out of memory");
      return;
    }
    // Half done is allowed for readers without the lock (list.hpp).
    const int first = look(0);
    expect(first == 1 || first == 3, "an item that was never there");
  }
  void judge() override {
    expect_dead(1);
    expect_dead(2);
    expect_items({3});
  }
};

// The index is within the old size, and beyond the new array (K3).
class GetBeyondAssign final : public OneList {
 public:
  GetBeyondAssign() : OneList(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      const Ref<Object> items[] = {item(3)};
      expect(list_->assign(items), "out of memory");
      return;
    }
    const int second = look(1);
    expect(second == 2 || second == 0, "an item that was never there");
  }
  void judge() override { expect_items({3}); }
};

// The item is finalized as the list drops it, in a way that lets others in (H6).
class ClearAgainstPop final : public RuntimeScenario {
 public:
  ClearAgainstPop() : RuntimeScenario(2) {}

 private:
  struct Item : Object {
    explicit Item(unsigned& its_ends) : ends(&its_ends) {}
    ~Item() { ++*ends; }
    static constexpr const char* kTypeName = "blocking item";
    static void finalize(Item&) { const Detached blocking; }
    unsigned* ends;
  };

  void prepare() override {
    as_thread(0, [this] {
      list_ = make<List>().release();
      expect(list_->append(make<Item>(ends_)), "out of memory");
    });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      list_->clear();
    else
      (void)list_->pop();
  }
  void judge() override {
    safepoint();
    expect(ends_ == 1, "what was taken out has not died once");
  }
  void drop() override { decref(*list_); }

  List* list_ = nullptr;
  unsigned ends_ = 0;
};

// What is copied from the other list is there for as long (K15).
class ExtendAgainstPop final : public OneList {
 public:
  ExtendAgainstPop() : OneList(2, 1) {}

 private:
  void prepare() override {
    OneList::prepare();
    as_thread(0, [this] { other_ = make<List>().release(); });
  }
  void part(unsigned thread) override {
    if (thread == 1)
      expect(other_->extend(*list_), "out of memory");
    else
      (void)list_->pop();
  }
  void judge() override {
    if (other_->size() == 0)
      expect_dead(1);
    else
      expect(number_of(other_->get(0)) == 1, "an item that was never there");
  }
  void drop() override {
    decref(*other_);
    OneList::drop();
  }

  List* other_ = nullptr;
};

// The array is outgrown, then an item of it dies and its block becomes another object: a
// reader of the old array must not return that (L3, K6).
class GetFromOutgrownArray final : public OneList {
 public:
  GetFromOutgrownArray() : OneList(2, kRoom) {}

 private:
  void prepare() override {
    OneList::prepare();
    as_thread(0, [this] { other_ = make<Node>(9, deaths_[0]).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      append(5);
      set(0, 6);
      // In the block of item 1, if that is dead.
      other_->next.store(make<Leaf>(7, deaths_[1]));
      return;
    }
    const int first = look(0);
    expect(first == 1 || first == 6, "an item that was never there");
  }
  void judge() override {
    expect_dead(1);
    expect_items({6, 2, 3, 4, 5});
  }
  void drop() override {
    decref(*other_);
    OneList::drop();
  }

  Node* other_ = nullptr;
  unsigned deaths_[2] = {};
};

// The outgrown array is freed in a pause, for which the reader has to stop.
class GetAgainstGrowAndCollect final : public OneList {
 public:
  GetAgainstGrowAndCollect() : OneList(2, kRoom) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      append(5);
      (void)runtime().gc().collect();
      return;
    }
    expect(look(3) == 4, "an item that stays was not found");
  }
};

class AppendByTwo final : public OneList {
 public:
  AppendByTwo() : OneList(2, 0) {}

 private:
  void part(unsigned thread) override { append(static_cast<int>(thread) + 1); }
  void judge() override {
    expect(list_->size() == 2, "an item is lost");
    const int first = look(0);
    expect(first == 1 || first == 2, "an item that was never there");
    expect(look(1) == 3 - first, "an item is lost");
  }
};

class GrowByTwo final : public OneList {
 public:
  GrowByTwo() : OneList(2, kRoom) {}

 private:
  void part(unsigned thread) override { append(static_cast<int>(thread) + 5); }
  void judge() override {
    expect(list_->size() == 6, "an item is lost");
    expect(look(4) + look(5) == 5 + 6, "an item is lost");
  }
};

class PopByTwo final : public OneList {
 public:
  PopByTwo() : OneList(2, 1) {}

 private:
  void part(unsigned thread) override { got_[thread] = number_of(list_->pop()); }
  void judge() override {
    expect(got_[0] + got_[1] == 1, "not exactly one got the item");
    expect_dead(1);
    expect_items({});
  }

  int got_[2] = {};
};

class AppendAgainstPop final : public OneList {
 public:
  AppendAgainstPop() : OneList(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      append(2);
    else
      got_ = number_of(list_->pop());
  }
  void judge() override {
    expect(got_ == 1 || got_ == 2, "nothing was popped");
    expect_dead(got_);
    expect_items({3 - got_});
  }

  int got_ = 0;
};

// A slice is one step: what it has stood in the list at one moment.
class SliceAgainstAppendAndSet final : public OneList {
 public:
  SliceAgainstAppendAndSet() : OneList(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      append(2);
      set(0, 3);
      return;
    }
    const Ref<List> slice = list_->slice(0, 9);
    const int first = number_of(slice->get(0));
    const int second = number_of(slice->get(1));
    const bool before = first == 1 && second == 0;
    const bool between = first == 1 && second == 2;
    const bool after = first == 3 && second == 2;
    expect(before || between || after, "a slice of no moment");
  }
};

class SliceAgainstClear final : public OneList {
 public:
  SliceAgainstClear() : OneList(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      list_->clear();
      return;
    }
    const Ref<List> slice = list_->slice(0, 2);
    const std::size_t size = slice->size();
    expect(size == 0 || size == 2, "a slice of no moment");
    if (size == 2) expect(number_of(slice->get(1)) == 2, "a slice has another item");
  }
  void judge() override {
    expect_dead(1);
    expect_dead(2);
  }
};

// No memory for a larger array, for an item: the list stays as it is.
class AppendWithoutMemory final : public OneList {
 public:
  AppendWithoutMemory() : OneList(2, kRoom) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      appended_ = list_->append(none());
    else
      expect(look(0) == 1, "an item that stays was not found");
  }
  void judge() override {
    expect(list_->size() == kRoom + (appended_ ? 1u : 0u),
           "the size does not fit the answer");
    expect(look(kRoom - 1) == kRoom, "an item is lost");
  }

  bool appended_ = false;
};

// A reader of two places against changes that move items: whatever it finds second is no
// older than what it found first (L4).
class GetAgainstMove : public OneList {
 public:
  GetAgainstMove(int items, std::size_t first, std::size_t second)
      : OneList(2, items), places_{first, second} {}

 protected:
  virtual void move() = 0;
  // The numbers before and after, at the two places.
  void expect_moves(int before_first, int before_second, int first, int second) {
    expect(found_[0] == before_first || found_[0] == first, "an item in a wrong place");
    expect(found_[1] == before_second || found_[1] == second,
           "an item in a wrong place");
    if (found_[0] == first && before_first != first)
      expect(found_[1] == second, "the past was found after the future");
  }

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      move();
      return;
    }
    for (int i = 0; i < 2; ++i) found_[i] = look(places_[i]);
  }

  const std::size_t places_[2];
  int found_[2] = {};
};

class GetAgainstInsert final : public GetAgainstMove {
 public:
  GetAgainstInsert() : GetAgainstMove(2, 1, 2) {}

 private:
  void move() override { expect(list_->insert(0, item(3)), "out of memory"); }
  void judge() override {
    expect_moves(2, 0, 1, 2);
    expect_items({3, 1, 2});
  }
};

// The other way round: the new last place first.
class GetAgainstInsertBackwards final : public GetAgainstMove {
 public:
  GetAgainstInsertBackwards() : GetAgainstMove(2, 2, 0) {}

 private:
  void move() override { expect(list_->insert(0, item(3)), "out of memory"); }
  void judge() override {
    expect_moves(0, 1, 2, 3);
    expect_items({3, 1, 2});
  }
};

class GetAgainstPopFront final : public GetAgainstMove {
 public:
  GetAgainstPopFront() : GetAgainstMove(2, 1, 0) {}

 private:
  void move() override {
    expect(number_of(list_->pop(0)) == 1, "not the first item was popped");
  }
  void judge() override {
    expect_moves(2, 1, 0, 2);
    expect_items({2});
  }
};

class GetAgainstReverse final : public GetAgainstMove {
 public:
  GetAgainstReverse() : GetAgainstMove(2, 0, 1) {}

 private:
  void move() override { list_->reverse(); }
  void judge() override {
    expect_moves(1, 2, 2, 1);
    expect_items({2, 1});
  }
};

class GetAgainstSort final : public GetAgainstMove {
 public:
  GetAgainstSort() : GetAgainstMove(2, 0, 1) {}

 private:
  void move() override {
    const auto backwards = [](const Object& a, const Object& b) noexcept {
      return number(a) > number(b);
    };
    expect(list_->sort(backwards) == List::Sort::done, "the list was not sorted");
  }
  static int number(const Object& object) {
    return static_cast<const Leaf&>(object).number;
  }
  void judge() override {
    expect_moves(1, 2, 2, 1);
    expect_items({2, 1});
  }
};

// The sort sees that the list has changed, or comes before the change, or after it.
class SortAgainstAppend final : public OneList {
 public:
  SortAgainstAppend() : OneList(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      append(3);
      return;
    }
    done_ = list_->sort([](const Object& a, const Object& b) noexcept {
      return static_cast<const Leaf&>(a).number > static_cast<const Leaf&>(b).number;
    });
  }
  void judge() override {
    if (done_ == List::Sort::changed)
      expect_items({1, 2, 3});
    else if (look(0) == 3)
      expect_items({3, 2, 1});
    else
      expect_items({2, 1, 3});
  }

  List::Sort done_ = List::Sort::done;
};

// Two lists extend each other: each takes the other as it was at one moment (K15).
class ExtendEachOther final : public RuntimeScenario {
 public:
  ExtendEachOther() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      for (List*& list : lists_) {
        list = make<List>().release();
        expect(list->append(none()), "out of memory");
      }
    });
  }
  void part(unsigned thread) override {
    expect(lists_[thread]->extend(*lists_[1 - thread]), "out of memory");
  }
  void judge() override {
    expect(lists_[0]->size() + lists_[1]->size() == 5, "an item is lost");
  }
  void drop() override {
    for (List* list : lists_) decref(*list);
  }

  List* lists_[2] = {};
};

}  // namespace

void add_list_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<GetAgainstAppend>(
      "list-get-against-append", "a reader against an append with room", 355));
  list.push_back(scenario<GetAgainstGrow>(
      "list-get-against-grow", "a reader against an append that outgrows the array",
      180));
  list.push_back(scenario<GetAgainstPop>("list-get-against-pop",
                                         "a reader of the item that is popped", 177));
  list.push_back(scenario<GetAgainstClear>("list-get-against-clear",
                                           "a reader against clear()", 177));
  list.push_back(scenario<GetAgainstClearAndAppend>(
      "list-get-against-clear-and-append",
      "a reader with the old size meets the new array", 36'589));
  list.push_back(scenario<GetAgainstPopAndAppend>(
      "list-get-against-pop-and-append",
      "an item that a reader finds is counted from then on", kTooMany));
  list.push_back(scenario<GetAgainstSet>(
      "list-get-against-set", "a reader finds the old or the new item, in order", 351));
  list.push_back(scenario<GetAgainstAssign>("list-get-against-assign",
                                            "a reader against assign()", 659));
  list.push_back(scenario<GetBeyondAssign>(
      "list-get-beyond-assign", "a reader with the old size meets a smaller array",
      177));
  list.push_back(scenario<ClearAgainstPop>(
      "list-clear-against-pop", "an item that is dropped lets others in", kTooMany));
  list.push_back(scenario<ExtendAgainstPop>(
      "list-extend-against-pop", "a list is extended by one that loses its item", 236));
  list.push_back(scenario<GetFromOutgrownArray>(
      "list-get-from-outgrown-array",
      "an item of an outgrown array dies and its block is used anew", 84'818));
  list.push_back(scenario<GetAgainstGrowAndCollect>(
      "list-get-against-grow-and-collect",
      "a collection frees the array that a reader may be in", 2'088));
  list.push_back(scenario<AppendByTwo>(
      "list-append-by-two", "two appends to an empty list lose no item", 236));
  list.push_back(scenario<GrowByTwo>("list-grow-by-two",
                                     "two appends to a full list lose no item", 236));
  list.push_back(scenario<PopByTwo>("list-pop-by-two",
                                    "exactly one of two pops gets the item", 3763));
  list.push_back(scenario<AppendAgainstPop>(
      "list-append-against-pop", "what is popped and what is left is everything",
      5415));
  list.push_back(scenario<SliceAgainstAppendAndSet>(
      "list-slice-against-append-and-set", "a slice has the list of one moment",
      kTooMany));
  list.push_back(scenario<SliceAgainstClear>("list-slice-against-clear",
                                             "a slice has all items or none", 46'256));
  list.push_back(scenario<GetAgainstInsert>(
      "list-get-against-insert", "a reader of items that an insertion moves", 1'073));
  list.push_back(scenario<GetAgainstInsertBackwards>(
      "list-get-against-insert-backwards",
      "a reader that finds what an insertion moved finds what it inserted", 1'007));
  list.push_back(scenario<GetAgainstPopFront>("list-get-against-pop-front",
                                              "a reader of items that move up", 675));
  list.push_back(scenario<GetAgainstReverse>("list-get-against-reverse",
                                             "a reader finds no item twice", 479));
  list.push_back(scenario<GetAgainstSort>("list-get-against-sort",
                                          "a reader finds no item twice", 5'055));
  list.push_back(scenario<SortAgainstAppend>(
      "list-sort-against-append", "a sort is one step, or sees the change", 28'359));
  list.push_back(scenario<ExtendEachOther>(
      "list-extend-each-other", "two lists extend each other: no deadlock", 236));
  list.push_back(scenario<AppendWithoutMemory>(
      "list-append-without-memory", "no memory to grow: the list stays as it is", 2'092,
      {.failed_memory = 1}));
}

}  // namespace threadmill::explore
