// SPDX-License-Identifier: Apache-2.0
//
// Cells: reads without a lock against every change, and changes against each other
// (catalogue D2, A12); a function that a death calls back while another thread uses what
// it captures.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {
namespace {

// A cell of thread 0 with the object 1 in it.
class OneCell : public RuntimeScenario {
 public:
  OneCell() : RuntimeScenario(2) {}

 protected:
  void prepare() override {
    as_thread(0, [this] {
      for (int i = 1; i < kContents; ++i)
        made_[i] = make<Leaf>(i, deaths_[i]).release();
      cell_ = make<Cell>(content(1)).release();
    });
  }
  void drop() override {
    decref(*cell_);
    for (Leaf* left : made_) {
      if (left != nullptr) decref(*left);
    }
  }

  // Each is used once.
  Ref<Object> content(int number) {
    return Ref<Leaf>::adopt(std::exchange(made_[number], nullptr));
  }
  // 0: empty.
  int look() const { return number_of(cell_->get()); }
  void expect_dead(int number) const {
    expect(deaths_[number] == 1, "what was taken out has not died once");
  }

  Cell* cell_ = nullptr;

 private:
  static constexpr int kContents = 4;

  Leaf* made_[kContents] = {};
  unsigned deaths_[kContents] = {};
};

class GetAgainstSet final : public OneCell {
 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      cell_->set(content(2));
      return;
    }
    const int first = look();
    const int again = look();
    expect(first == 1 || first == 2, "a content that was never there");
    expect(again == 2 || again == first, "the cell went back");
  }
  void judge() override {
    expect_dead(1);
    expect(look() == 2, "the content is lost");
  }
};

class GetAgainstClear final : public OneCell {
 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      cell_->clear();
      return;
    }
    const int seen = look();
    expect(seen == 1 || seen == 0, "a content that was never there");
  }
  void judge() override { expect_dead(1); }
};

// The block of the old content becomes the new one under the reader (D2).
class GetAgainstReuse final : public OneCell {
 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      cell_->clear();
      cell_->set(make<Leaf>(4, other_deaths_));
      return;
    }
    const int seen = look();
    expect(seen == 1 || seen == 0 || seen == 4, "a content that was never there");
  }
  void judge() override {
    expect_dead(1);
    expect(look() == 4, "the content is lost");
  }

  unsigned other_deaths_ = 0;
};

// What goes in comes out once.
class ExchangeByTwo final : public OneCell {
 private:
  void part(unsigned thread) override {
    const int own = static_cast<int>(thread) + 2;
    got_[thread] = number_of(cell_->exchange(content(own)));
  }
  void judge() override {
    safepoint();
    const int left = look();
    expect(got_[0] + got_[1] + left == 1 + 2 + 3 && got_[0] != got_[1],
           "a content is lost or was taken twice");
    for (const int taken : got_) expect_dead(taken);
  }

  int got_[2] = {};
};

// Empties the cell that it captures.
void clear_cell(Function& self, Object&) noexcept { self.captured<Cell>(0)->clear(); }

// A target dies in one thread and calls back a function which empties the cell.
class CallbackAgainstGet final : public OneCell {
 private:
  void prepare() override {
    OneCell::prepare();
    as_thread(0, [this] {
      auto target = make<Leaf>(9, target_deaths_);
      auto closure = Tuple::create({Ref<Cell>::share(cell_)});
      weak_ =
          WeakReference::create(*target, make<Function>(clear_cell, std::move(closure)))
              .release();
      target_ = target.release();
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      decref(*target_);
      return;
    }
    const int seen = look();
    expect(seen == 1 || seen == 0, "a content that was never there");
  }
  void judge() override {
    expect(target_deaths_ == 1, "the target has not died once");
    expect(look() == 0, "the function was not called back");
    expect_dead(1);
  }
  void drop() override {
    decref(*weak_);
    OneCell::drop();
  }

  Leaf* target_ = nullptr;
  WeakReference* weak_ = nullptr;
  unsigned target_deaths_ = 0;
};

// A function captures itself by the cell, is dropped and collected, while the other
// thread still reads the cell by a weak reference.
class CollectFunctionAgainstGet final : public OneCell {
 private:
  void prepare() override {
    OneCell::prepare();
    as_thread(0, [this] {
      weak_ = WeakReference::create(*cell_).release();
      auto closure = Tuple::create({Ref<Cell>::adopt(cell_)});
      static_cast<Cell&>(*closure->at(0))
          .set(make<Function>(clear_cell, std::move(closure)));
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)runtime().gc().collect();
      return;
    }
    const Ref<Object> cell = weak_->get();
    if (!cell) return;
    const Ref<Object> found = static_cast<Cell&>(*cell).get();
    expect(found != nullptr, "a cell that was found is emptied");
    expect(cast<Function>(found)->captured(0) == cell, "the function lost its cell");
  }
  void judge() override { (void)runtime().gc().collect(); }
  void drop() override {
    expect(weak_->is_dead(), "the cycle was not collected");
    cell_ = make<Cell>().release();
    decref(*weak_);
    OneCell::drop();
  }

  WeakReference* weak_ = nullptr;
};

}  // namespace

void add_cell_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<GetAgainstSet>(
      "cell-get-against-set", "a reader finds the old or the new content, in order",
      119));
  list.push_back(scenario<GetAgainstClear>("cell-get-against-clear",
                                           "a reader against clear()", 60));
  list.push_back(scenario<GetAgainstReuse>(
      "cell-get-against-reuse", "the block of the old content becomes the new one",
      141));
  list.push_back(scenario<ExchangeByTwo>("cell-exchange-by-two",
                                         "what goes in comes out once", 33));
  list.push_back(scenario<CallbackAgainstGet>(
      "cell-callback-against-get", "a death calls a function that empties a cell", 60));
  list.push_back(scenario<CollectFunctionAgainstGet>(
      "cell-collect-against-get", "a function in a cycle is collected or found whole",
      110));
}

}  // namespace threadmill::explore
