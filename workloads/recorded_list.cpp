// SPDX-License-Identifier: Apache-2.0
//
// A list whose operations are recorded. Of three windows two use everything but assign();
// one uses assign() and what takes the lock, since get() and size() may see an assign()
// half done.
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
constexpr std::size_t kWholeList = ~std::size_t{0};

constexpr CallShare kOpen[] = {
    {Call::get, 8}, {Call::size, 3},  {Call::append, 6}, {Call::pop, 6},
    {Call::set, 3}, {Call::slice, 1}, {Call::clear, 1},
};
constexpr CallShare kLocked[] = {
    {Call::append, 6}, {Call::pop, 6},    {Call::set, 3},
    {Call::slice, 4},  {Call::assign, 2}, {Call::clear, 1},
};
constexpr std::span<const CallShare> kModes[] = {kOpen, kOpen, kLocked};

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
        operation.arguments.push_back(draw_index(random));
        break;
      case Call::slice:
        operation.arguments.push_back(draw_index(random));
        operation.arguments.push_back(operation.arguments[0] + draw_index(random));
        break;
      case Call::assign:
        for (std::uint64_t left = random.below(kMostAssigned + 1); left != 0; --left) {
          step.values.push_back(supply.next(random));
          operation.arguments.push_back(number_of_value(step.values.back()));
        }
        break;
      default:
        break;
    }
    if (operation.call == Call::append || operation.call == Call::set) {
      step.value = supply.next(random);
      operation.arguments.push_back(number_of_value(step.value));
    }
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
