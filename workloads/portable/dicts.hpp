// SPDX-License-Identifier: Apache-2.0
//
// A dict that many threads read: all of it, one key of it, and while it is written.
// The keys are objects of the reader's own, as in a program that computes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "workloads/portable/lists.hpp"
#include "workloads/portable/row.hpp"

namespace threadmill::portable {

// Number kFirstNumber + i has the value kFirstNumber + i.
template <ObjectModel M>
class SharedDict {
 public:
  using Ref = typename M::Ref;

  explicit SharedDict(unsigned /*threads*/) : dict_(M::shared_dict()) {
    for (std::size_t i = 0; i < kItems; ++i) M::set(dict_, numbered(i), numbered(i));
  }

  void finish(typename M::World& /*world*/, Verdict& verdict) {
    bool right = M::entries(dict_) == kItems;
    for (std::size_t i = 0; right && i < kItems; ++i) {
      const Ref found = M::get(dict_, numbered(i));
      right = found && M::value(found) == M::value(numbered(i));
    }
    verdict.expect(right, "the dict is not what it was");
  }

 protected:
  [[nodiscard]] static Ref numbered(std::size_t i) {
    return M::number(kFirstNumber + static_cast<std::int64_t>(i));
  }
  using Keys = std::vector<Ref, typename M::template Allocator<Ref>>;
  [[nodiscard]] static Keys own_keys() {
    Keys keys;
    for (std::size_t i = 0; i < kItems; ++i) keys.push_back(numbered(i));
    return keys;
  }

  const Ref dict_;
};

template <ObjectModel M>
class DictRead : public SharedDict<M> {
 public:
  static constexpr RowInfo kInfo{.name = "dict/read",
                                 .purpose =
                                     "all threads look up the 1024 keys of a dict "
                                     "that another thread has made"};

  using SharedDict<M>::SharedDict;

  template <class Turn>
  void run(Turn& turn) {
    const auto keys = this->own_keys();
    ReadInTurn reads(turn.index());
    turn.timed([&] { reads.found(M::value(M::get(this->dict_, keys[reads.next()]))); });
    turn.expect(reads.is_right(), "what was read is not what is there");
  }
};

template <ObjectModel M>
class DictOneKey : public SharedDict<M> {
 public:
  static constexpr RowInfo kInfo{.name = "dict/one_key",
                                 .purpose =
                                     "all threads look up one key of a dict that "
                                     "another thread has made"};

  using SharedDict<M>::SharedDict;

  template <class Turn>
  void run(Turn& turn) {
    const auto key = this->numbered(0);
    std::int64_t wrong = 0;
    turn.timed([&] { wrong |= M::value(M::get(this->dict_, key)) ^ kFirstNumber; });
    turn.expect(wrong == 0, "what was read is not what is there");
  }
};

template <ObjectModel M>
class DictReadMostly : public SharedDict<M> {
 public:
  static constexpr RowInfo kInfo{.name = "dict/read_mostly",
                                 .purpose =
                                     "the same as dict/read, but of 64 operations "
                                     "one replaces a value by an equal one"};

  using SharedDict<M>::SharedDict;

  template <class Turn>
  void run(Turn& turn) {
    const auto keys = this->own_keys();
    ReadInTurn reads(turn.index());
    std::uint64_t operation = turn.index() * 16;
    turn.timed([&] {
      const std::size_t at = reads.next();
      if (++operation % 64 == 0) M::set(this->dict_, keys[at], this->numbered(at));
      reads.found(M::value(M::get(this->dict_, keys[at])));
    });
    turn.expect(reads.is_right(), "what was read is not what is there");
  }
};

}  // namespace threadmill::portable
