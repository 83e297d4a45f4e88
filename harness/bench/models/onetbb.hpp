// SPDX-License-Identifier: Apache-2.0
//
// The model onetbb: std::shared_ptr as in the model shared-ptr, but a shared dict is
// oneTBB's concurrent_hash_map in place of a map and a mutex. An entry has a lock, which
// readers share. (There is no such list: concurrent_vector neither shrinks nor tells
// readers which of its items are there already.)
#pragma once

#include <string>
#include <utility>

#include <oneapi/tbb/concurrent_hash_map.h>

#include "harness/bench/models/shared_ptr.hpp"

namespace threadmill::bench {

class OneTbbModel : public SharedPtrModel {
  using Base = SharedPtrModel;

 public:
  static std::string name() { return "onetbb"; }

  static Ref shared_dict() { return Base::make<Map>(); }
  static std::size_t entries(const Ref& ref) {
    return is_map(ref) ? entries_of(ref).size() : Base::entries(ref);
  }
  static Ref get(const Ref& ref, const Ref& key) {
    if (!is_map(ref)) return Base::get(ref, key);
    Entries::const_accessor found;
    return entries_of(ref).find(found, key) ? found->second : Ref();
  }
  // What it replaces is dropped without the lock.
  static void set(const Ref& ref, const Ref& key, Ref value) {
    if (!is_map(ref)) return Base::set(ref, key, std::move(value));
    Entries::accessor entry;
    entries_of(ref).insert(entry, key);
    std::swap(entry->second, value);
    entry.release();
  }
  static Ref set_default(const Ref& ref, const Ref& key, const Ref& value) {
    if (!is_map(ref)) return Base::set_default(ref, key, value);
    Entries::const_accessor entry;
    entries_of(ref).insert(entry, {key, value});
    return entry->second;
  }

 private:
  struct Compare {
    [[nodiscard]] std::size_t hash(const Ref& key) const { return Hash{}(key); }
    [[nodiscard]] bool equal(const Ref& a, const Ref& b) const { return Equal{}(a, b); }
  };
  using Entries =
      tbb::concurrent_hash_map<Ref,
                               Ref,
                               Compare,
                               SharedPointers::Inside<std::pair<const Ref, Ref>>>;
  struct Map : Container {
    Map() : Container(true) {}
    Entries entries;
  };

  // Of a dict: the shared ones are maps.
  static bool is_map(const Ref& ref) { return as<Container>(ref).is_shared; }
  static Entries& entries_of(const Ref& ref) { return as<Map>(ref).entries; }
};

static_assert(portable::HasWeak<OneTbbModel>);

}  // namespace threadmill::bench
