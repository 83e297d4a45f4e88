// SPDX-License-Identifier: Apache-2.0
//
// A dict whose operations are recorded, in three modes: what is about keys, judged key by
// key; the same with what is about the whole, where an update() has to be one step for all
// of its keys; and size() with what takes the lock, since a get() may see a change before
// size() does.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "workloads/recorded.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr CallShare kOfKeys[] = {
    {Call::get, 14}, {Call::set, 8},    {Call::set_default, 8}, {Call::erase, 6},
    {Call::pop, 3},  {Call::update, 2}, {Call::erase_if, 1},
};
constexpr CallShare kOfAll[] = {
    {Call::get, 14},  {Call::set, 7},      {Call::set_default, 7}, {Call::erase, 4},
    {Call::pop, 3},   {Call::update, 3},   {Call::pop_item, 2},    {Call::items, 4},
    {Call::clear, 1}, {Call::erase_if, 1},
};
constexpr CallShare kLocked[] = {
    {Call::size, 10}, {Call::set, 7},      {Call::set_default, 7}, {Call::erase, 4},
    {Call::pop, 3},   {Call::update, 3},   {Call::pop_item, 2},    {Call::items, 6},
    {Call::clear, 1}, {Call::erase_if, 1},
};
constexpr std::span<const CallShare> kModes[] = {kOfKeys, kOfAll, kLocked};

class RecordedDict final : public Recorded {
 public:
  [[nodiscard]] Subject subject() const override { return Subject::dict; }
  [[nodiscard]] unsigned modes() const override { return 3; }
  [[nodiscard]] bool is_by_key(unsigned mode) const override { return mode == 0; }

  void prepare() override {
    keys_.prepare();
    dict_ = must(make<Dict>());
  }

  void renew(ValueSupply& supply, Random& random) override {
    if (random.below(2) == 0) {
      dict_ = must(make<Dict>());
    } else {
      dict_->clear();
    }
    for (std::uint64_t left = random.below(4); left != 0; --left)
      must(dict_->set(keys_.key(keys_.draw_number(random)), supply.next(random)));
  }

  [[nodiscard]] Values content() const override {
    return numbers_of(*must(dict_->items()));
  }

  void spoil() override { must(dict_->set(keys_.key(0), none())); }
  void roots(std::vector<Object*>& handles) const override {
    keys_.roots(handles);
    handles.push_back(dict_.get());
  }
  void drop() override {
    dict_.reset();
    keys_.drop();
  }

  void draw(Step& step, unsigned mode, ValueSupply& supply, Random& random) override {
    Invocation& operation = step.operation;
    operation.call = draw_call(kModes[mode], random);
    if (operation.call == Call::update) {
      draw_update(step, supply, random);
      return;
    }
    if (info_of(Subject::dict, operation.call).is_keyed) keys_.draw(step, random);
    if (operation.arguments.size() == info_of(Subject::dict, operation.call).arguments)
      return;
    step.value =
        operation.call == Call::erase_if ? supply.kept(random) : supply.next(random);
    operation.arguments.push_back(number_of_value(step.value));
  }

  void perform(Step& step) override {
    switch (step.operation.call) {
      case Call::get:
        step.found = step.by_text ? dict_->get(text_of(step)) : dict_->get(step.key);
        return;
      case Call::set:
        must(dict_->set(step.key, std::move(step.value)));
        return;
      case Call::set_default:
        step.found = must(dict_->set_default(step.key, std::move(step.value)));
        return;
      case Call::erase:
        step.number =
            step.by_text ? dict_->erase(text_of(step)) : dict_->erase(step.key);
        return;
      case Call::erase_if:
        step.number = dict_->erase_if(step.key, *step.value) ? 1 : 0;
        return;
      case Call::pop:
        step.found = step.by_text ? dict_->pop(text_of(step)) : dict_->pop(step.key);
        return;
      case Call::pop_item:
        step.item = dict_->pop_item();
        return;
      case Call::update:
        must(dict_->update(static_cast<const Dict&>(*step.other)));
        return;
      case Call::items:
        step.row = must(dict_->items());
        return;
      case Call::size:
        step.number = dict_->size();
        return;
      default:
        dict_->clear();
    }
  }

  [[nodiscard]] Values answer_of(const Step& step) const override {
    if (step.operation.call == Call::set_default) return {number_of_value(step.found)};
    if (step.operation.call == Call::pop_item) {
      if (!step.item.key && !step.item.value) return {};
      return {keys_.number_of(step.item.key), number_of_value(step.item.value)};
    }
    switch (info_of(Subject::dict, step.operation.call).answer) {
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
  [[nodiscard]] static std::string_view text_of(const Step& step) {
    return static_cast<const Str&>(*step.key).view();
  }

  void draw_update(Step& step, ValueSupply& supply, Random& random) const {
    const Ref<Dict> other = must(make<Dict>());
    for (std::uint64_t left = 1 + random.below(3); left != 0; --left)
      must(other->set(keys_.key(keys_.draw_number(random)), supply.next(random)));
    step.operation.arguments = numbers_of(*must(other->items()));
    step.other = other;
  }

  // Key, value, key, value, ...
  [[nodiscard]] Values numbers_of(const List& items) const {
    Values numbers;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const Ref<Object> item = items.get(i);
      numbers.push_back(i % 2 == 0 ? keys_.number_of(item) : number_of_value(item));
    }
    return numbers;
  }

  FewKeys keys_;
  Ref<Dict> dict_;
};

}  // namespace

std::unique_ptr<Recorded> make_recorded_dict() {
  return std::make_unique<RecordedDict>();
}

}  // namespace threadmill
