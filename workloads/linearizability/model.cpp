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

[[nodiscard]] Values taken_from(Values& content, Position begin, Position end) {
  const Values taken(begin, end);
  content.erase(begin, end);
  return taken;
}

[[nodiscard]] bool is_in(const Values& values, Value value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

[[nodiscard]] Values apply_to_list(Values& list, Call call, const Values& arguments) {
  const auto is_in_range = [&] {
    return arguments[0] >= 0 && arguments[0] < static_cast<Value>(list.size());
  };
  const auto find = [&] { return std::find(list.begin(), list.end(), arguments[0]); };
  switch (call) {
    case Call::append:
      list.push_back(arguments[0]);
      return {};
    case Call::insert:
      list.insert(is_in_range() ? list.begin() + arguments[0] : list.end(),
                  arguments[1]);
      return {};
    case Call::extend:
      list.insert(list.end(), arguments.begin(), arguments.end());
      return {};
    case Call::pop:
      if (list.empty()) return {};
      return taken_from(list, list.end() - 1, list.end());
    case Call::pop_at: {
      if (!is_in_range()) return {};
      const Position place = list.begin() + arguments[0];
      return taken_from(list, place, place + 1);
    }
    case Call::remove: {
      const Position place = find();
      if (place == list.end()) return {0};
      list.erase(place);
      return {1};
    }
    case Call::reverse:
      std::reverse(list.begin(), list.end());
      return {};
    case Call::sort:
      std::sort(list.begin(), list.end());
      return {1};
    case Call::get:
      if (!is_in_range()) return {};
      return {list[static_cast<std::size_t>(arguments[0])]};
    case Call::set:
      if (!is_in_range()) return {0};
      list[static_cast<std::size_t>(arguments[0])] = arguments[1];
      return {1};
    case Call::slice:
      return slice_of(list, arguments[0], arguments[1]);
    case Call::index_of: {
      const Position place = find();
      if (place == list.end()) return {};
      return {place - list.begin()};
    }
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

void set_in_dict(Values& dict, Value key, Value value) {
  const Position place = find_key(dict, key);
  if (place != dict.end()) {
    place[1] = value;
  } else {
    dict.insert(place, {key, value});
  }
}

[[nodiscard]] Values apply_to_dict(Values& dict, Call call, const Values& arguments) {
  switch (call) {
    case Call::set:
      set_in_dict(dict, arguments[0], arguments[1]);
      return {};
    case Call::update:
      for (std::size_t i = 0; i + 1 < arguments.size(); i += 2)
        set_in_dict(dict, arguments[i], arguments[i + 1]);
      return {};
    case Call::pop_item:
      if (dict.empty()) return {};
      return taken_from(dict, dict.end() - 2, dict.end());
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
    case Call::set_default:
      if (is_there) return {place[1]};
      dict.insert(place, arguments.begin(), arguments.end());
      return {arguments[1]};
    case Call::erase:
      if (is_there) dict.erase(place, place + 2);
      return {is_there};
    case Call::erase_if: {
      const bool fits = is_there && place[1] == arguments[1];
      if (fits) dict.erase(place, place + 2);
      return {fits};
    }
    case Call::pop:
      if (!is_there) return {};
      return {taken_from(dict, place, place + 2)[1]};
    default:
      refuse();
  }
}

[[nodiscard]] bool add_to_set(Values& set, Value item) {
  if (is_in(set, item)) return false;
  set.push_back(item);
  return true;
}

[[nodiscard]] Values apply_to_set(Values& set, Call call, const Values& arguments) {
  switch (call) {
    case Call::contains:
      return {is_in(set, arguments[0])};
    case Call::add:
      return {add_to_set(set, arguments[0])};
    case Call::discard:
      return {std::erase(set, arguments[0]) != 0};
    case Call::update:
      for (const Value item : arguments) static_cast<void>(add_to_set(set, item));
      return {};
    case Call::retain:
      std::erase_if(set, [&](Value item) { return !is_in(arguments, item); });
      return {};
    case Call::subtract:
      std::erase_if(set, [&](Value item) { return is_in(arguments, item); });
      return {};
    case Call::is_subset_of:
      return {std::all_of(set.begin(), set.end(),
                          [&](Value item) { return is_in(arguments, item); })};
    case Call::pop:
      if (set.empty()) return {};
      return taken_from(set, set.end() - 1, set.end());
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
