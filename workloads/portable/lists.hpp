// SPDX-License-Identifier: Apache-2.0
//
// Lists: filled and dropped by one thread, and read by many.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/random.hpp"
#include "workloads/portable/create_drop.hpp"
#include "workloads/portable/row.hpp"

namespace threadmill::portable {

constexpr std::size_t kItems = 1024;

// Places of numbers, in turn, from one that is another for each thread; what is found in
// a place must be its number; where others write meanwhile, and a multiple of kItems.
class ReadInTurn {
 public:
  explicit ReadInTurn(unsigned thread)
      : at_(Random(mix_seed(1, thread)).below(kItems)) {}

  [[nodiscard]] std::size_t next() { return at_ = (at_ + 1) % kItems; }
  void found(std::int64_t number) {
    wrong_ |= number ^ (kFirstNumber + static_cast<std::int64_t>(at_));
  }
  void found_written(std::int64_t number) {
    static_assert((kItems & (kItems - 1)) == 0);
    wrong_ |= (number - kFirstNumber - static_cast<std::int64_t>(at_)) &
              std::int64_t{kItems - 1};
  }
  [[nodiscard]] bool is_right() const { return wrong_ == 0; }

 private:
  std::size_t at_;
  std::int64_t wrong_ = 0;
};

template <ObjectModel M>
class ListAppend : public NoSharing<M> {
 public:
  static constexpr RowInfo kInfo{.name = "list/append",
                                 .purpose =
                                     "an object is appended to a list, which is "
                                     "dropped when it has 1024 items"};

  using NoSharing<M>::NoSharing;

  template <class Turn>
  void run(Turn& turn) {
    Tally& tally = new_tally();
    {
      const typename M::Ref item = M::node(1, &tally);
      typename M::Ref list = M::list();
      std::size_t size = 0;
      bool whole = true;
      turn.timed([&] {
        M::append(list, item);
        if (++size < kItems) return;
        whole &= M::size(list) == kItems && is_there(list, kItems - 1);
        size = 0;
        list = M::list();
      });
      whole &= M::size(list) == size && (size == 0 || is_there(list, size - 1));
      turn.expect(whole, "an item is lost");
      turn.expect(tally.died() == 0, "the item has died while it was referred to");
    }
    turn.expect(all_died<M>(tally, 1), "the item is still referred to");
  }

 private:
  [[nodiscard]] static bool is_there(const typename M::Ref& list, std::size_t place) {
    const typename M::Ref item = M::item(list, place);
    return item && M::stamp(item) == 1;
  }
};

template <ObjectModel M>
class ListRead {
 public:
  static constexpr RowInfo kInfo{.name = "list/read",
                                 .purpose =
                                     "all threads read the 1024 numbers of a list "
                                     "that another thread has made"};

  explicit ListRead(unsigned /*threads*/) : list_(M::shared_list()) {
    for (std::size_t i = 0; i < kItems; ++i)
      M::append(list_, M::number(kFirstNumber + static_cast<std::int64_t>(i)));
  }

  template <class Turn>
  void run(Turn& turn) {
    ReadInTurn reads(turn.index());
    turn.timed([&] { reads.found(M::value(M::item(list_, reads.next()))); });
    turn.expect(reads.is_right(), "what was read is not what is there");
  }

  void finish(typename M::World& /*world*/, Verdict& verdict) {
    verdict.expect(M::size(list_) == kItems, "the list has changed");
  }

 private:
  typename M::Ref list_;
};

}  // namespace threadmill::portable
