// SPDX-License-Identifier: Apache-2.0
//
// A list whose operations are recorded, in three modes: everything but size(), which may
// run ahead; size() with get() and the changes beside which that cannot be seen, since who
// asks for an item at the end waits for them; and everything but get(), thus what takes the
// lock.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "workloads/recorded.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::uint64_t kIndices = 6;
constexpr std::uint64_t kMostAtFirst = 5;  // the array grows from 4 to 8 now and then
constexpr std::uint64_t kMostAssigned = 4;
constexpr std::uint64_t kMostMore = 3;
constexpr std::size_t kWholeList = ~std::size_t{0};

constexpr CallShare kOpen[] = {
    {Call::get, 16},  {Call::append, 8},   {Call::pop, 5},    {Call::set, 4},
    {Call::slice, 2}, {Call::insert, 2},   {Call::extend, 1}, {Call::pop_at, 2},
    {Call::sort, 2},  {Call::reverse, 1},  {Call::remove, 2}, {Call::assign, 1},
    {Call::clear, 1}, {Call::index_of, 1},
};
constexpr CallShare kSized[] = {
    {Call::get, 16},  {Call::size, 6},    {Call::append, 12}, {Call::pop, 11},
    {Call::set, 6},   {Call::slice, 2},   {Call::extend, 1},  {Call::sort, 1},
    {Call::clear, 2}, {Call::reverse, 1},
};
constexpr CallShare kLocked[] = {
    {Call::append, 8}, {Call::pop, 6},      {Call::set, 4},    {Call::slice, 7},
    {Call::size, 2},   {Call::insert, 2},   {Call::extend, 2}, {Call::pop_at, 2},
    {Call::sort, 3},   {Call::reverse, 1},  {Call::remove, 2}, {Call::assign, 3},
    {Call::clear, 1},  {Call::index_of, 2},
};
constexpr std::span<const CallShare> kModes[] = {kOpen, kSized, kLocked};

class RecordedList final : public Recorded {
 public:
  [[nodiscard]] Subject subject() const override { return Subject::list; }
  [[nodiscard]] unsigned modes() const override { return 3; }
  [[nodiscard]] bool is_by_key(unsigned /*mode*/) const override { return false; }

  void prepare() override { list_ = must(make<List>()); }

  void renew(ValueSupply& supply, Random& random) override {
    if (random.below(2) == 0) {
      list_ = must(make<List>());
    } else {
      list_->clear();
    }
    for (std::uint64_t left = random.below(kMostAtFirst + 1); left != 0; --left)
      must(list_->append(supply.next(random)));
  }

  [[nodiscard]] Values content() const override {
    return numbers_of(*must(list_->slice(0, kWholeList)));
  }

  void spoil() override { must(list_->append(none())); }
  void roots(std::vector<Object*>& handles) const override {
    handles.push_back(list_.get());
  }
  void drop() override { list_.reset(); }

  void draw(Step& step, unsigned mode, ValueSupply& supply, Random& random) override {
    Invocation& operation = step.operation;
    operation.call = draw_call(kModes[mode], random);
    switch (operation.call) {
      case Call::get:
      case Call::set:
      case Call::insert:
      case Call::pop_at:
        operation.arguments.push_back(draw_index(random));
        break;
      case Call::remove:
      case Call::index_of:
        step.value = supply.equal_to_a_recent(random);
        operation.arguments.push_back(number_of_value(step.value));
        return;
      case Call::slice:
        operation.arguments.push_back(draw_index(random));
        operation.arguments.push_back(operation.arguments[0] + draw_index(random));
        break;
      case Call::assign:
        draw_values(step, random.below(kMostAssigned + 1), supply, random);
        return;
      case Call::extend:
        draw_values(step, 1 + random.below(kMostMore), supply, random);
        if (random.below(2) == 0) step.other = list_of(step.values);
        return;
      case Call::append:
        break;
      default:
        return;
    }
    if (info_of(Subject::list, operation.call).arguments == operation.arguments.size())
      return;
    step.value = supply.next(random);
    operation.arguments.push_back(number_of_value(step.value));
  }

  void perform(Step& step) override {
    const Values& arguments = step.operation.arguments;
    switch (step.operation.call) {
      case Call::get:
        step.found = list_->get(index(arguments[0]));
        return;
      case Call::size:
        step.number = list_->size();
        return;
      case Call::append:
        must(list_->append(std::move(step.value)));
        return;
      case Call::insert:
        must(list_->insert(index(arguments[0]), std::move(step.value)));
        return;
      case Call::extend:
        must(step.other ? list_->extend(static_cast<const List&>(*step.other))
                        : list_->extend(step.values));
        return;
      case Call::pop_at:
        step.found = list_->pop(index(arguments[0]));
        return;
      case Call::remove:
        step.number = list_->remove(*step.value) ? 1 : 0;
        return;
      case Call::index_of:
        step.number = list_->index_of(*step.value);
        return;
      case Call::reverse:
        list_->reverse();
        return;
      case Call::sort: {
        const List::Sort answer = list_->sort(comes_first);
        must(answer != List::Sort::out_of_memory);
        step.number = answer == List::Sort::done ? 1 : 0;
        return;
      }
      case Call::pop:
        step.found = list_->pop();
        return;
      case Call::set:
        step.number = list_->set(index(arguments[0]), std::move(step.value)) ? 1 : 0;
        return;
      case Call::slice:
        step.row = must(list_->slice(index(arguments[0]), index(arguments[1])));
        return;
      case Call::assign:
        must(list_->assign(step.values));
        return;
      default:
        list_->clear();
    }
  }

  [[nodiscard]] Values answer_of(const Step& step) const override {
    if (step.operation.call == Call::index_of) {
      if (step.number == List::kNotFound) return {};
      return {static_cast<Value>(step.number)};
    }
    switch (info_of(Subject::list, step.operation.call).answer) {
      case Form::nothing:
        return {};
      case Form::value_or_none:
        if (!step.found) return {};
        return {number_of_value(step.found)};
      case Form::content:
        return numbers_of(*step.row);
      default:
        return {static_cast<Value>(step.number)};
    }
  }

 private:
  [[nodiscard]] static Value draw_index(Random& random) {
    return static_cast<Value>(random.below(kIndices));
  }
  [[nodiscard]] static std::size_t index(Value value) {
    return static_cast<std::size_t>(value);
  }
  static void draw_values(Step& step,
                          std::uint64_t count,
                          ValueSupply& supply,
                          Random& random) {
    for (; count != 0; --count) {
      step.values.push_back(supply.next(random));
      step.operation.arguments.push_back(number_of_value(step.values.back()));
    }
  }
  [[nodiscard]] static Ref<List> list_of(const std::vector<Ref<Object>>& values) {
    Ref<List> list = must(make<List>());
    must(list->assign(values));
    return list;
  }
  // In a window all items are of the supplies, and thus Ints.
  [[nodiscard]] static bool comes_first(const Object& a, const Object& b) {
    return static_cast<const Int&>(a).value() < static_cast<const Int&>(b).value();
  }
  [[nodiscard]] static Values numbers_of(const List& list) {
    Values numbers;
    for (std::size_t i = 0; i < list.size(); ++i)
      numbers.push_back(number_of_value(list.get(i)));
    return numbers;
  }

  Ref<List> list_;
};

}  // namespace

std::unique_ptr<Recorded> make_recorded_list() {
  return std::make_unique<RecordedList>();
}

}  // namespace threadmill
