// SPDX-License-Identifier: Apache-2.0
#include "workloads/linearizability/model.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace threadmill {
namespace {

using Position = Values::iterator;

[[noreturn]] void refuse() { throw std::logic_error("a call of another container"); }

[[nodiscard]] Values size_of(std::size_t items) { return {static_cast<Value>(items)}; }

[[nodiscard]] Values emptied(Values& content) {
  content.clear();
  return {};
}

[[nodiscard]] Values slice_of(const Values& list, Value begin, Value end) {
  const Value last = std::min(end, static_cast<Value>(list.size()));
  if (begin >= last) return {};
  return {list.begin() + begin, list.begin() + last};
}

[[nodiscard]] Values apply_to_list(Values& list, Call call, const Values& arguments) {
  const auto is_in_range = [&] {
    return arguments[0] >= 0 && arguments[0] < static_cast<Value>(list.size());
  };
  switch (call) {
    case Call::append:
      list.push_back(arguments[0]);
      return {};
    case Call::pop: {
      if (list.empty()) return {};
      const Value last = list.back();
      list.pop_back();
      return {last};
    }
    case Call::get:
      if (!is_in_range()) return {};
      return {list[static_cast<std::size_t>(arguments[0])]};
    case Call::set:
      if (!is_in_range()) return {0};
      list[static_cast<std::size_t>(arguments[0])] = arguments[1];
      return {1};
    case Call::slice:
      return slice_of(list, arguments[0], arguments[1]);
    case Call::size:
      return size_of(list.size());
    case Call::assign:
      list = arguments;
      return {};
    case Call::clear:
      return emptied(list);
    default:
      refuse();
  }
}

[[nodiscard]] Position find_key(Values& dict, Value key) {
  Position place = dict.begin();
  while (place != dict.end() && *place != key) place += 2;
  return place;
}

[[nodiscard]] Values apply_to_dict(Values& dict, Call call, const Values& arguments) {
  switch (call) {
    case Call::items:
      return dict;
    case Call::size:
      return size_of(dict.size() / 2);
    case Call::clear:
      return emptied(dict);
    default:
      break;
  }
  const Position place = find_key(dict, arguments[0]);
  const bool is_there = place != dict.end();
  switch (call) {
    case Call::get:
      if (!is_there) return {};
      return {place[1]};
    case Call::set:
      if (is_there) {
        place[1] = arguments[1];
      } else {
        dict.insert(place, arguments.begin(), arguments.end());
      }
      return {};
    case Call::set_default:
      if (is_there) return {place[1]};
      dict.insert(place, arguments.begin(), arguments.end());
      return {arguments[1]};
    case Call::erase:
      if (is_there) dict.erase(place, place + 2);
      return {is_there};
    default:
      refuse();
  }
}

[[nodiscard]] bool add_to_set(Values& set, Value item) {
  if (std::find(set.begin(), set.end(), item) != set.end()) return false;
  set.push_back(item);
  return true;
}

[[nodiscard]] Values apply_to_set(Values& set, Call call, const Values& arguments) {
  switch (call) {
    case Call::contains:
      return {std::find(set.begin(), set.end(), arguments[0]) != set.end()};
    case Call::add:
      return {add_to_set(set, arguments[0])};
    case Call::discard:
      return {std::erase(set, arguments[0]) != 0};
    case Call::update:
      for (const Value item : arguments) static_cast<void>(add_to_set(set, item));
      return {};
    case Call::items:
      return set;
    case Call::size:
      return size_of(set.size());
    case Call::clear:
      return emptied(set);
    default:
      refuse();
  }
}

}  // namespace

Values apply(Subject subject, Values& content, Call call, const Values& arguments) {
  switch (subject) {
    case Subject::list:
      return apply_to_list(content, call, arguments);
    case Subject::dict:
      return apply_to_dict(content, call, arguments);
    default:
      return apply_to_set(content, call, arguments);
  }
}

}  // namespace threadmill
