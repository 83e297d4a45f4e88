// SPDX-License-Identifier: Apache-2.0
//
// A set whose operations are recorded, in three modes: what is about items, judged item by
// item; the same with what is about the whole, where an update() or subtract() has to be
// one step for all of its items; and size() with what takes the lock, since a contains()
// may see a change before size() does.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "workloads/recorded.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr CallShare kOfItems[] = {
    {Call::contains, 14}, {Call::add, 10},     {Call::discard, 7},
    {Call::update, 2},    {Call::subtract, 1},
};
constexpr CallShare kOfAll[] = {
    {Call::contains, 14},    {Call::add, 9},      {Call::discard, 6},
    {Call::update, 3},       {Call::subtract, 2}, {Call::retain, 1},
    {Call::pop, 2},          {Call::items, 4},    {Call::clear, 1},
    {Call::is_subset_of, 1},
};
constexpr CallShare kLocked[] = {
    {Call::size, 10},    {Call::add, 9},          {Call::discard, 6}, {Call::update, 4},
    {Call::subtract, 2}, {Call::retain, 1},       {Call::pop, 3},     {Call::items, 6},
    {Call::clear, 1},    {Call::is_subset_of, 2},
};
constexpr std::span<const CallShare> kModes[] = {kOfItems, kOfAll, kLocked};

class RecordedSet final : public Recorded {
 public:
  [[nodiscard]] Subject subject() const override { return Subject::set; }
  [[nodiscard]] unsigned modes() const override { return 3; }
  [[nodiscard]] bool is_by_key(unsigned mode) const override { return mode == 0; }

  void prepare() override {
    items_.prepare();
    set_ = must(make<Set>());
  }

  void renew(ValueSupply& /*supply*/, Random& random) override {
    if (random.below(2) == 0) {
      set_ = must(make<Set>());
    } else {
      set_->clear();
    }
    for (std::uint64_t left = random.below(3); left != 0; --left)
      add(*set_, items_.draw_number(random));
  }

  [[nodiscard]] Values content() const override {
    return numbers_of(*must(set_->items()));
  }

  void spoil() override { must(set_->add(none()) == Set::Add::added); }
  void roots(std::vector<Object*>& handles) const override {
    items_.roots(handles);
    handles.push_back(set_.get());
  }
  void drop() override {
    set_.reset();
    items_.drop();
  }

  void draw(Step& step,
            unsigned mode,
            ValueSupply& /*supply*/,
            Random& random) override {
    Invocation& operation = step.operation;
    operation.call = draw_call(kModes[mode], random);
    switch (operation.call) {
      case Call::contains:
      case Call::add:
      case Call::discard:
        items_.draw(step, random);
        return;
      case Call::update:
      case Call::retain:
      case Call::subtract:
      case Call::is_subset_of:
        draw_other(step, random);
        return;
      default:
        return;
    }
  }

  void perform(Step& step) override {
    switch (step.operation.call) {
      case Call::contains:
        step.number =
            step.by_text ? set_->contains(text_of(step)) : set_->contains(step.key);
        return;
      case Call::add: {
        const Set::Add answer = set_->add(step.key);
        must(answer != Set::Add::refused);
        step.number = answer == Set::Add::added ? 1 : 0;
        return;
      }
      case Call::discard:
        step.number = set_->discard(step.key) ? 1 : 0;
        return;
      case Call::update:
        must(set_->update(other_of(step)));
        return;
      case Call::retain:
        must(set_->retain(other_of(step)));
        return;
      case Call::subtract:
        must(set_->subtract(other_of(step)));
        return;
      case Call::is_subset_of:
        step.number = set_->is_subset_of(other_of(step)) ? 1 : 0;
        return;
      case Call::pop:
        step.found = set_->pop();
        return;
      case Call::items:
        step.row = must(set_->items());
        return;
      case Call::size:
        step.number = set_->size();
        return;
      default:
        set_->clear();
    }
  }

  [[nodiscard]] Values answer_of(const Step& step) const override {
    switch (info_of(Subject::set, step.operation.call).answer) {
      case Form::nothing:
        return {};
      case Form::value_or_none:
        if (!step.found) return {};
        return {items_.number_of(step.found)};
      case Form::content:
        return numbers_of(*step.row);
      default:
        return {static_cast<Value>(step.number)};
    }
  }

 private:
  [[nodiscard]] static std::string_view text_of(const Step& step) {
    return static_cast<const Str&>(*step.key).view();
  }

  [[nodiscard]] static const Set& other_of(const Step& step) {
    return static_cast<const Set&>(*step.other);
  }

  void draw_other(Step& step, Random& random) const {
    const Ref<Set> other = must(make<Set>());
    for (std::uint64_t left = 1 + random.below(3); left != 0; --left)
      add(*other, items_.draw_number(random));
    step.operation.arguments = numbers_of(*must(other->items()));
    step.other = other;
  }

  void add(Set& set, std::size_t number) const {
    must(set.add(items_.key(number)) != Set::Add::refused);
  }

  [[nodiscard]] Values numbers_of(const List& items) const {
    Values numbers;
    for (std::size_t i = 0; i < items.size(); ++i)
      numbers.push_back(items_.number_of(items.get(i)));
    return numbers;
  }

  FewKeys items_;
  Ref<Set> set_;
};

}  // namespace

std::unique_ptr<Recorded> make_recorded_set() {
  return std::make_unique<RecordedSet>();
}

}  // namespace threadmill
