// SPDX-License-Identifier: Apache-2.0
//
// History: what threads asked one container and what it answered, as far as they can tell
// when. Nothing in this folder knows the runtime, so that the checker's answer is
// independent of it.
//
//   invoked, responded   moments of one clock, all different: the operation took effect
//                        between them. If a responded before b was invoked, a came first.
//   pending              not responded: it took effect after it was invoked, or not at all
//   content              of a list its items, of a dict key, value, key, value, ..., of a
//                        set its items, the latter two in the order of insertion
//
// An answer is a row of values, as Form says: nothing {}, a flag {0} or {1}, a number {n},
// a value or none {v} or {}, a content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace threadmill {

using Value = std::int64_t;
using Values = std::vector<Value>;

enum class Subject : unsigned char { list, dict, set };

enum class Call : unsigned char {
  append,
  insert,
  extend,
  pop,     // of a list the last item, of a dict a key's value, of a set the last item
  pop_at,  // of a list by index
  pop_item,
  remove,
  reverse,
  sort,  // yes: by value; no: others changed the list meanwhile, and it did nothing
  get,   // of a list by index, of a dict by key
  set,   // likewise
  set_default,
  contains,
  add,
  update,
  retain,
  subtract,
  erase,
  erase_if,
  discard,
  slice,
  index_of,
  is_subset_of,
  items,
  size,
  assign,
  clear,
};

enum class Form : unsigned char { nothing, flag, number, value_or_none, content };

struct CallInfo {
  static constexpr std::size_t kAnyNumber = ~std::size_t{0};

  Call call;
  const char* name;
  std::size_t arguments;  // how many; or any number
  Form answer;
  bool reads;  // changes nothing, ever
  // Is about the key that is its first argument; or, with any number of arguments, does
  // the same to each key of the content that they are.
  bool is_keyed;
};

// Of the keys and values, or items, of a content: how many make one.
[[nodiscard]] constexpr std::size_t width_of(Subject subject) {
  return subject == Subject::dict ? 2 : 1;
}

// What can be asked of it.
[[nodiscard]] std::span<const CallInfo> calls_of(Subject subject);
// Its call must be one of the subject's.
[[nodiscard]] const CallInfo& info_of(Subject subject, Call call);
[[nodiscard]] const char* name_of(Subject subject);

// One operation: who asked what and when, and the answer.
struct Invocation {
  static constexpr std::uint64_t kPending = std::numeric_limits<std::uint64_t>::max();

  Call call{};
  unsigned thread = 0;
  std::uint64_t invoked = 0;
  std::uint64_t responded = kPending;
  Values arguments;
  Values answer;  // without meaning while it is pending

  [[nodiscard]] bool is_pending() const { return responded == kPending; }

  bool operator==(const Invocation&) const = default;
};

struct History {
  Subject subject = Subject::list;
  // Judged key by key: of a dict or set whose operations are all about keys. That is less
  // to search, and asks less of an update(), or a subtract(): that it is one step for each
  // of its keys.
  bool by_key = false;
  Values initial;
  std::vector<Invocation> operations;
  std::optional<Values> final;  // the content after all that has responded

  bool operator==(const History&) const = default;
};

}  // namespace threadmill
