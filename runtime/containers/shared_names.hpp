// SPDX-License-Identifier: Apache-2.0
//
// SharedNames: the names of the attributes that the instances of one class have had, in one
// runtime. Instances share them, and keep values only (key-sharing dictionaries, PEP 412;
// containers/attributes.hpp).
//
// A name is an interned string, made immortal as CPython does with those that it shares, so
// that who looks a name up counts nothing. It has a number from 0 on, and keeps it. There
// are at most kMost of a class; instances with other attributes get a dict.
//
// Any thread that is attached to the runtime; looking up takes no lock.
//
// Invariants
//   N1  a name is whole, and immortal, before `size_` covers it. A reader that saw it
//       before would compare with what is not there yet;
//   N2  a name stays, with its number, to the end of the runtime.
//
// Edges
//   names-publish   a name is whole before a reader looks at it
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/base/system_memory.hpp"
#include "runtime/containers/str.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/plain.hpp"
#include "runtime/sync/word_lock.hpp"

namespace threadmill {

class SharedNames : public SystemAllocated {
 public:
  static constexpr std::uint32_t kMost = 30;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  // `next`: see string_table.hpp; null: none.
  SharedNames(TypeId its_class, SharedNames* next) noexcept
      : its_class_(its_class), next_(next) {}

  [[nodiscard]] TypeId its_class() const noexcept { return its_class_; }
  [[nodiscard]] SharedNames* next() const noexcept { return next_; }

  // The number of the name; kNone: no instance has had it yet.
  [[nodiscard]] std::uint32_t find(std::string_view name) const noexcept {
    return find(name, Str::hash_of(name), size_.load(acquire));  // edge: names-publish
  }

  // The same, and gives it a number if it has none. kNone: there are kMost others.
  // `name` is interned, and the caller has a reference.
  [[nodiscard]] std::uint32_t find_or_add(Str& name) noexcept;

  // How many there are; stale at once.
  [[nodiscard]] std::uint32_t size() const noexcept {
    return size_.load(relaxed);  // relaxed: a hint
  }
  [[nodiscard]] Str& name(std::uint32_t number) const noexcept {
    return *names_[number];
  }

 private:
  [[nodiscard]] std::uint32_t find(std::string_view name,
                                   std::uint64_t hash,
                                   std::uint32_t size) const noexcept;

  const TypeId its_class_;
  SharedNames* const next_;
  WordLock lock_;
  Atomic<std::uint32_t> size_;  // changed under the lock
  Plain<std::uint64_t> hashes_[kMost]{};
  Plain<Str*> names_[kMost]{};
};

}  // namespace threadmill
