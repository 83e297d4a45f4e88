// SPDX-License-Identifier: Apache-2.0
//
// PlainObjects<P>: an ObjectModel of ordinary C++ objects and the standard containers,
// for whoever has no more to say than what a reference is. P says it:
//
//     struct P {
//       struct Object {};                       the base of all
//       using Ref = ...;                        to an Object; copied, moved, tested
//       template <class T, class... A>
//       static Ref make(A&&...);                a T, which derives from Object
//       static Object& object(const Ref&);
//       template <class T> using Allocator      of memory in which a Ref may stand
//       template <class T> using Inside         the same for what belongs to one object
//       kDiesAtOnce, kCollectsCycles, kDropsDeeply, Process, World, Thread, ...
//     };
//
// Lists and dicts that are shared have a mutex; those of one thread have it, too, and do
// not lock it.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "workloads/portable/object_model.hpp"

namespace threadmill::bench {

// Of models whose threads need nothing.
struct NoWorld {
  void collect() {}
};
struct NoThread {
  explicit NoThread(NoWorld& /*world*/) {}
  NoThread(const NoThread&) = delete;
  NoThread& operator=(const NoThread&) = delete;
};
struct NoBlocked {
  NoBlocked() {}
  NoBlocked(const NoBlocked&) = delete;
  NoBlocked& operator=(const NoBlocked&) = delete;
};
struct NoProcess {};

template <class P>
class PlainObjects : public P {
 public:
  using Ref = typename P::Ref;
  using Object = typename P::Object;
  using Tally = portable::Tally;

  static Ref number(std::int64_t value) { return P::template make<Number>(value); }
  static std::int64_t value(const Ref& ref) { return as<Number>(ref).value; }
  static Ref text(std::string_view bytes) { return P::template make<Text>(bytes); }
  static std::string_view view(const Ref& ref) { return as<Text>(ref).bytes; }

  static Ref pair(const Ref& a, const Ref& b) { return P::template make<Pair>(a, b); }
  static Ref part(const Ref& ref, std::size_t place) {
    return as<Pair>(ref).parts[place];
  }

  static Ref node(std::int64_t stamp, Tally* tally) {
    return P::template make<Node>(stamp, tally);
  }
  static std::int64_t stamp(const Ref& ref) { return as<Node>(ref).stamp; }
  static Ref linked(const Ref& ref, std::size_t place) {
    return as<Node>(ref).links[place];
  }
  static void link(const Ref& ref, std::size_t place, Ref target) {
    as<Node>(ref).links[place] = std::move(target);
  }

  static Ref list() { return P::template make<List>(false); }
  static Ref shared_list() { return P::template make<List>(true); }
  static std::size_t size(const Ref& ref) {
    List& list = as<List>(ref);
    const auto lock = list.lock();
    return list.items.size();
  }
  static Ref item(const Ref& ref, std::size_t place) {
    List& list = as<List>(ref);
    const auto lock = list.lock();
    return list.items[place];
  }
  static void append(const Ref& ref, Ref item) {
    List& list = as<List>(ref);
    const auto lock = list.lock();
    list.items.push_back(std::move(item));
  }
  static void clear(const Ref& ref) {
    decltype(List::items) dropped;  // without the lock
    List& list = as<List>(ref);
    const auto lock = list.lock();
    dropped.swap(list.items);
  }
  static Ref take_first(const Ref& ref) {
    List& list = as<List>(ref);
    const auto lock = list.lock();
    Ref first = std::move(list.items.front());
    list.items.erase(list.items.begin());
    return first;
  }

  static Ref dict() { return P::template make<Dict>(false); }
  static Ref shared_dict() { return P::template make<Dict>(true); }
  static std::size_t entries(const Ref& ref) {
    Dict& dict = as<Dict>(ref);
    const auto lock = dict.lock();
    return dict.values.size();
  }
  static Ref get(const Ref& ref, const Ref& key) {
    Dict& dict = as<Dict>(ref);
    const auto lock = dict.lock();
    const auto found = dict.values.find(key);
    return found == dict.values.end() ? Ref() : found->second;
  }
  // What it replaces is dropped without the lock.
  static void set(const Ref& ref, const Ref& key, Ref value) {
    Dict& dict = as<Dict>(ref);
    const auto lock = dict.lock();
    std::swap(dict.values[key], value);
  }
  static Ref set_default(const Ref& ref, const Ref& key, const Ref& value) {
    Dict& dict = as<Dict>(ref);
    const auto lock = dict.lock();
    return dict.values.try_emplace(key, value).first->second;
  }

 protected:  // for models whose containers are others
  template <class T>
  using Inside = typename P::template Inside<T>;

  template <class T>
  [[nodiscard]] static T& as(const Ref& ref) {
    return static_cast<T&>(P::object(ref));
  }

  // What may be a key.
  struct Value : Object {
    explicit Value(bool is_a_text) : is_text(is_a_text) {}
    const bool is_text;
  };
  struct Number : Value {
    static constexpr bool kNoReferences = true;  // a collector need not look into it
    explicit Number(std::int64_t number) : Value(false), value(number) {}
    const std::int64_t value;
  };
  struct Text : Value {
    explicit Text(std::string_view text) : Value(true), bytes(text) {}
    const std::basic_string<char, std::char_traits<char>, Inside<char>> bytes;
  };
  struct Pair : Object {
    Pair(const Ref& a, const Ref& b) : parts{a, b} {}
    const Ref parts[2];
  };
  struct Node : Object {
    Node(std::int64_t its_stamp, Tally* its_tally)
        : stamp(its_stamp), tally(its_tally) {}
    ~Node() {
      if (tally != nullptr) tally->add();
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    Ref links[2]{};
    const std::int64_t stamp;
    Tally* const tally;
  };

  struct Container : Object {
    explicit Container(bool is_it_shared) : is_shared(is_it_shared) {}
    [[nodiscard]] std::unique_lock<std::mutex> lock() {
      return is_shared ? std::unique_lock(mutex)
                       : std::unique_lock(mutex, std::defer_lock);
    }
    std::mutex mutex;
    const bool is_shared;
  };
  struct List : Container {
    using Container::Container;
    std::vector<Ref, Inside<Ref>> items;
  };

  struct Hash {
    std::size_t operator()(const Ref& ref) const {
      if (as<Value>(ref).is_text) return std::hash<std::string_view>{}(view(ref));
      return std::hash<std::int64_t>{}(value(ref));
    }
  };
  struct Equal {
    bool operator()(const Ref& a, const Ref& b) const {
      if (as<Value>(a).is_text != as<Value>(b).is_text) return false;
      return as<Value>(a).is_text ? view(a) == view(b) : value(a) == value(b);
    }
  };
  struct Dict : Container {
    using Container::Container;
    std::unordered_map<Ref, Ref, Hash, Equal, Inside<std::pair<const Ref, Ref>>> values;
  };
};

}  // namespace threadmill::bench
