// SPDX-License-Identifier: Apache-2.0
//
// What all recorded containers share.
#include "workloads/recorded.hpp"

#include "workloads/support.hpp"

namespace threadmill {

void ValueSupply::prepare(unsigned number) {
  number_ = number;
  for (std::size_t i = 0; i < kKept; ++i)
    kept_.push_back(must(make<Int>(static_cast<Value>(number * kKept + i))));
}

Ref<Object> ValueSupply::next(Random& random) {
  constexpr Value kFirstNew = 1000;
  constexpr Value kSupplies = 10;
  const Ref<Object> value =
      used_ < kKept && random.below(2) == 0
          ? kept_[used_++]
          : must(make<Int>(kFirstNew + made_++ * kSupplies + number_));
  recent_[given_++ % kRecent] = number_of_value(value);
  return value;
}

Ref<Object> ValueSupply::equal_to_a_recent(Random& random) const {
  return must(make<Int>(recent_[random.below(kRecent)]));
}

void ValueSupply::roots(std::vector<Object*>& handles) const {
  for (const Ref<Object>& value : kept_) handles.push_back(value.get());
}

Value number_of_value(const Ref<Object>& value) {
  const Ref<Int> number = cast<Int>(value);
  return number ? number->value() : kForeign;
}

void Step::let_go() {
  key.reset();
  value.reset();
  values.clear();
  other.reset();
  found.reset();
  row.reset();
  item = {};
}

Call draw_call(std::span<const CallShare> shares, Random& random) {
  std::uint64_t all = 0;
  for (const CallShare& one : shares) all += one.share;
  std::uint64_t left = random.below(all);
  for (const CallShare& one : shares) {
    if (left < one.share) return one.call;
    left -= one.share;
  }
  return shares.back().call;
}

void FewKeys::draw(Step& step, Random& random) const {
  const std::size_t number = draw_number(random);
  step.operation.arguments.push_back(static_cast<Value>(number));
  const std::uint64_t choice = random.below(4);
  step.key = choice == 0 ? keys_.equal_key(number) : keys_.key(number);
  step.by_text = choice == 1 && cast<Str>(step.key);
}

Value FewKeys::number_of(const Ref<Object>& key) const {
  const std::size_t number = keys_.number_of(key);
  return number == keys_.size() ? kForeign : static_cast<Value>(number);
}

}  // namespace threadmill
