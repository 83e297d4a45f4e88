// SPDX-License-Identifier: Apache-2.0
#include "tests/workloads/linearizability/enumerator.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <list>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

namespace threadmill {
namespace {

using Order = std::vector<std::size_t>;

class ListByDeque {
 public:
  explicit ListByDeque(const Values& initial)
      : items_(initial.begin(), initial.end()) {}

  [[nodiscard]] Values content() const { return {items_.begin(), items_.end()}; }

  [[nodiscard]] Values perform(Call call, const Values& arguments) {
    Values answer;
    switch (call) {
      case Call::append:
        items_.push_back(arguments.at(0));
        break;
      case Call::insert: {
        const Value place =
            has(arguments.at(0)) ? arguments[0] : static_cast<Value>(items_.size());
        items_.push_back(arguments.at(1));
        std::rotate(items_.begin() + place, items_.end() - 1, items_.end());
        break;
      }
      case Call::extend:
        for (const Value item : arguments) items_.push_back(item);
        break;
      case Call::pop_at:
        if (has(arguments.at(0))) {
          answer = {at(arguments.at(0))};
          items_.erase(items_.begin() + arguments.at(0));
        }
        break;
      case Call::remove: {
        const Value place = place_of(arguments.at(0));
        answer = {has(place)};
        if (has(place)) items_.erase(items_.begin() + place);
        break;
      }
      case Call::reverse:
        items_ = std::deque<Value>(items_.rbegin(), items_.rend());
        break;
      case Call::sort: {
        const std::multiset<Value> sorted(items_.begin(), items_.end());
        items_.assign(sorted.begin(), sorted.end());
        answer = {1};
        break;
      }
      case Call::index_of:
        if (has(place_of(arguments.at(0)))) answer = {place_of(arguments.at(0))};
        break;
      case Call::pop:
        if (!items_.empty()) {
          answer = {items_.back()};
          items_.pop_back();
        }
        break;
      case Call::get:
        if (has(arguments.at(0))) answer = {at(arguments.at(0))};
        break;
      case Call::set:
        answer = {has(arguments.at(0))};
        if (has(arguments.at(0))) at(arguments.at(0)) = arguments.at(1);
        break;
      case Call::slice:
        for (Value i = arguments.at(0); i < arguments.at(1); ++i) {
          if (has(i)) answer.push_back(at(i));
        }
        break;
      case Call::size:
        answer = {static_cast<Value>(items_.size())};
        break;
      case Call::assign:
        items_.assign(arguments.begin(), arguments.end());
        break;
      case Call::clear:
        items_.clear();
        break;
      default:
        throw std::logic_error("no call of a list");
    }
    return answer;
  }

 private:
  [[nodiscard]] bool has(Value index) const {
    return index >= 0 && static_cast<std::size_t>(index) < items_.size();
  }
  // Beyond the end, if it is not there.
  [[nodiscard]] Value place_of(Value item) const {
    Value place = 0;
    for (const Value other : items_) {
      if (other == item) break;
      ++place;
    }
    return place;
  }
  [[nodiscard]] Value& at(Value index) {
    return items_.at(static_cast<std::size_t>(index));
  }

  std::deque<Value> items_;
};

// A map for what is there, and a number for each insertion, in whose order it is listed.
class DictByMap {
 public:
  explicit DictByMap(const Values& initial) {
    for (std::size_t i = 0; i + 1 < initial.size(); i += 2)
      insert(initial[i], initial[i + 1]);
  }

  [[nodiscard]] Values content() const {
    std::map<int, std::pair<Value, Value>> in_order;
    for (const auto& [key, entry] : entries_)
      in_order[entry.inserted] = {key, entry.value};
    Values row;
    for (const auto& [inserted, item] : in_order) {
      row.push_back(item.first);
      row.push_back(item.second);
    }
    return row;
  }

  [[nodiscard]] Values perform(Call call, const Values& arguments) {
    switch (call) {
      case Call::items:
        return content();
      case Call::size:
        return {static_cast<Value>(entries_.size())};
      case Call::clear:
        entries_.clear();
        return {};
      case Call::get:
        return entries_.contains(arguments.at(0)) ? Values{entries_[arguments[0]].value}
                                                  : Values{};
      case Call::set:
        set(arguments.at(0), arguments.at(1));
        return {};
      case Call::update:
        for (std::size_t i = 0; i < arguments.size(); i += 2)
          set(arguments[i], arguments.at(i + 1));
        return {};
      case Call::erase_if:
        if (!entries_.contains(arguments.at(0)) ||
            entries_[arguments[0]].value != arguments.at(1))
          return {0};
        entries_.erase(arguments[0]);
        return {1};
      case Call::pop: {
        const auto found = entries_.extract(arguments.at(0));
        return found ? Values{found.mapped().value} : Values{};
      }
      case Call::pop_item: {
        const Values all = content();
        if (all.empty()) return {};
        entries_.erase(all.end()[-2]);
        return {all.end() - 2, all.end()};
      }
      case Call::set_default:
        if (!entries_.contains(arguments.at(0))) insert(arguments[0], arguments.at(1));
        return {entries_[arguments[0]].value};
      case Call::erase:
        return {static_cast<Value>(entries_.erase(arguments.at(0)))};
      default:
        throw std::logic_error("no call of a dict");
    }
  }

 private:
  struct Entry {
    Value value = 0;
    int inserted = 0;
  };
  void set(Value key, Value value) {
    if (entries_.contains(key)) {
      entries_[key].value = value;
    } else {
      insert(key, value);
    }
  }
  void insert(Value key, Value value) { entries_[key] = {value, insertions_++}; }

  std::map<Value, Entry> entries_;
  int insertions_ = 0;
};

class SetByList {
 public:
  explicit SetByList(const Values& initial) : items_(initial.begin(), initial.end()) {}

  [[nodiscard]] Values content() const { return {items_.begin(), items_.end()}; }

  [[nodiscard]] Values perform(Call call, const Values& arguments) {
    const auto has = [&](Value item) { return std::ranges::count(items_, item) != 0; };
    const auto add = [&](Value item) {
      if (has(item)) return false;
      items_.push_back(item);
      return true;
    };
    switch (call) {
      case Call::contains:
        return {has(arguments.at(0))};
      case Call::add:
        return {add(arguments.at(0))};
      case Call::discard: {
        const bool was_there = has(arguments.at(0));
        items_.remove(arguments[0]);
        return {was_there};
      }
      case Call::update:
        for (const Value item : arguments) add(item);
        return {};
      case Call::retain:
      case Call::subtract: {
        const std::set<Value> others(arguments.begin(), arguments.end());
        items_.remove_if([&](Value item) {
          return others.contains(item) == (call == Call::subtract);
        });
        return {};
      }
      case Call::is_subset_of: {
        const std::set<Value> all(items_.begin(), items_.end());
        const std::set<Value> others(arguments.begin(), arguments.end());
        return {std::ranges::includes(others, all)};
      }
      case Call::pop: {
        if (items_.empty()) return {};
        const Value last = items_.back();
        items_.pop_back();
        return {last};
      }
      case Call::items:
        return content();
      case Call::size:
        return {static_cast<Value>(items_.size())};
      case Call::clear:
        items_.clear();
        return {};
      default:
        throw std::logic_error("no call of a set");
    }
  }

 private:
  std::list<Value> items_;
};

[[nodiscard]] bool may_have_changed(const Invocation& operation, Subject subject) {
  const CallInfo& info = info_of(subject, operation.call);
  if (info.reads) return false;
  if (operation.is_pending() || info.answer == Form::nothing) return true;
  return info.answer == Form::flag ? operation.answer == Values{1}
                                   : !operation.answer.empty();
}

// Of a list: it saw the list changed by another one, which thus was at work beside it.
[[nodiscard]] bool gave_up(const History& history, const Invocation& sort) {
  if (sort.call != Call::sort || sort.answer != Values{0}) return false;
  for (const Invocation& other : history.operations) {
    const bool before = other.responded < sort.invoked;
    const bool after = sort.responded < other.invoked;
    if (&other != &sort && !before && !after &&
        may_have_changed(other, history.subject))
      return true;
  }
  return false;
}

template <class Container>
[[nodiscard]] bool fits(const History& history, const Order& order) {
  Container container(history.initial);
  for (const std::size_t i : order) {
    const Invocation& operation = history.operations[i];
    if (gave_up(history, operation)) continue;
    const Values answer = container.perform(operation.call, operation.arguments);
    if (!operation.is_pending() && answer != operation.answer) return false;
  }
  return !history.final || container.content() == *history.final;
}

[[nodiscard]] bool keeps_time(const History& history, const Order& order) {
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      if (history.operations[order[j]].responded < history.operations[order[i]].invoked)
        return false;
    }
  }
  return true;
}

[[nodiscard]] bool fits(const History& history, const Order& order) {
  if (!keeps_time(history, order)) return false;
  switch (history.subject) {
    case Subject::list:
      return fits<ListByDeque>(history, order);
    case Subject::dict:
      return fits<DictByMap>(history, order);
    default:
      return fits<SetByList>(history, order);
  }
}

}  // namespace

bool some_order_fits(const History& history) {
  Order completed;
  Order pending;
  for (std::size_t i = 0; i < history.operations.size(); ++i)
    (history.operations[i].is_pending() ? pending : completed).push_back(i);
  for (std::size_t chosen = 0; chosen < std::size_t{1} << pending.size(); ++chosen) {
    Order order = completed;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      if ((chosen >> i & 1) != 0) order.push_back(pending[i]);
    }
    std::ranges::sort(order);
    do {
      if (fits(history, order)) return true;
    } while (std::ranges::next_permutation(order).found);
  }
  return false;
}

}  // namespace threadmill
