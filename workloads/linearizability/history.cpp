// SPDX-License-Identifier: Apache-2.0
#include "workloads/linearizability/history.hpp"

#include <algorithm>
#include <stdexcept>

namespace threadmill {
namespace {

constexpr std::size_t kAny = CallInfo::kAnyNumber;

constexpr CallInfo kListCalls[] = {
    {Call::append, "append", 1, Form::nothing, false, false},
    {Call::insert, "insert", 2, Form::nothing, false, false},
    {Call::extend, "extend", kAny, Form::nothing, false, false},
    {Call::pop, "pop", 0, Form::value_or_none, false, false},
    {Call::pop_at, "pop_at", 1, Form::value_or_none, false, false},
    {Call::remove, "remove", 1, Form::flag, false, false},
    {Call::reverse, "reverse", 0, Form::nothing, false, false},
    {Call::sort, "sort", 0, Form::flag, false, false},
    {Call::get, "get", 1, Form::value_or_none, true, false},
    {Call::set, "set", 2, Form::flag, false, false},
    {Call::slice, "slice", 2, Form::content, true, false},
    {Call::index_of, "index_of", 1, Form::value_or_none, true, false},
    {Call::size, "size", 0, Form::number, true, false},
    {Call::assign, "assign", kAny, Form::nothing, false, false},
    {Call::clear, "clear", 0, Form::nothing, false, false},
};

constexpr CallInfo kDictCalls[] = {
    {Call::get, "get", 1, Form::value_or_none, true, true},
    {Call::set, "set", 2, Form::nothing, false, true},
    {Call::set_default, "set_default", 2, Form::number, false, true},
    {Call::erase, "erase", 1, Form::flag, false, true},
    {Call::erase_if, "erase_if", 2, Form::flag, false, true},
    {Call::pop, "pop", 1, Form::value_or_none, false, true},
    {Call::pop_item, "pop_item", 0, Form::content, false, false},
    {Call::update, "update", kAny, Form::nothing, false, true},
    {Call::items, "items", 0, Form::content, true, false},
    {Call::size, "size", 0, Form::number, true, false},
    {Call::clear, "clear", 0, Form::nothing, false, false},
};

constexpr CallInfo kSetCalls[] = {
    {Call::contains, "contains", 1, Form::flag, true, true},
    {Call::add, "add", 1, Form::flag, false, true},
    {Call::discard, "discard", 1, Form::flag, false, true},
    {Call::pop, "pop", 0, Form::value_or_none, false, false},
    {Call::update, "update", kAny, Form::nothing, false, true},
    {Call::retain, "retain", kAny, Form::nothing, false, false},
    {Call::subtract, "subtract", kAny, Form::nothing, false, true},
    {Call::is_subset_of, "is_subset_of", kAny, Form::flag, true, false},
    {Call::items, "items", 0, Form::content, true, false},
    {Call::size, "size", 0, Form::number, true, false},
    {Call::clear, "clear", 0, Form::nothing, false, false},
};

}  // namespace

std::span<const CallInfo> calls_of(Subject subject) {
  switch (subject) {
    case Subject::list:
      return kListCalls;
    case Subject::dict:
      return kDictCalls;
    default:
      return kSetCalls;
  }
}

const CallInfo& info_of(Subject subject, Call call) {
  const std::span<const CallInfo> calls = calls_of(subject);
  const auto found =
      std::find_if(calls.begin(), calls.end(),
                   [call](const CallInfo& info) { return info.call == call; });
  if (found == calls.end()) throw std::logic_error("a call of another container");
  return *found;
}

const char* name_of(Subject subject) {
  switch (subject) {
    case Subject::list:
      return "list";
    case Subject::dict:
      return "dict";
    default:
      return "set";
  }
}

}  // namespace threadmill
