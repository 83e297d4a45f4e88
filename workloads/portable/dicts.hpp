// SPDX-License-Identifier: Apache-2.0
//
// A dict that many threads read: all of it, one key of it, and while it is written.
// The keys are objects of the reader's own, as in a program that computes them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "workloads/portable/lists.hpp"
#include "workloads/portable/row.hpp"

namespace threadmill::portable {

// Number kFirstNumber + i has the value kFirstNumber + i; what is written later adds a
// multiple of kItems.
template <ObjectModel M>
class SharedDict {
 public:
  using Ref = typename M::Ref;

  explicit SharedDict(unsigned /*threads*/) : dict_(M::shared_dict()) {
    for (std::size_t i = 0; i < kItems; ++i) M::set(dict_, numbered(i), numbered(i));
  }

  void finish(typename M::World& /*world*/, Verdict& verdict) {
    verdict.expect(changed() == 0, "the dict is not what it was");
  }

 protected:
  // Values that are not the first ones; -1: a key or a value is none of its own.
  [[nodiscard]] std::int64_t changed() const {
    if (M::entries(dict_) != kItems) return -1;
    std::int64_t values = 0;
    for (std::size_t i = 0; i < kItems; ++i) {
      const Ref found = M::get(dict_, numbered(i));
      if (!found) return -1;
      const std::int64_t more = M::value(found) - M::value(numbered(i));
      if (more % std::int64_t{kItems} != 0) return -1;
      values += more != 0 ? 1 : 0;
    }
    return values;
  }
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
                                     "one replaces a value"};

  using SharedDict<M>::SharedDict;

  template <class Turn>
  void run(Turn& turn) {
    const auto keys = this->own_keys();
    ReadInTurn reads(turn.index());
    std::size_t operation = turn.index() * 16;
    std::uint64_t writes = 0;
    turn.timed([&] {
      const std::size_t at = reads.next();
      if (++operation % 64 == 0) {
        M::set(this->dict_, keys[at], this->numbered(at + kItems * operation));
        ++writes;
      }
      reads.found_written(M::value(M::get(this->dict_, keys[at])));
    });
    turn.expect(reads.is_right(), "what was read is not what is there");
    // relaxed: finish() comes after all threads
    writes_.fetch_add(writes, std::memory_order_relaxed);
  }

  void finish(typename M::World& /*world*/, Verdict& verdict) {
    const std::int64_t changed = this->changed();
    // relaxed: as above
    const bool has_written = writes_.load(std::memory_order_relaxed) > 0;
    verdict.expect(changed >= 0 && (changed > 0) == has_written,
                   "the dict is not what was written");
  }

 private:
  std::atomic<std::uint64_t> writes_{0};
};

}  // namespace threadmill::portable
