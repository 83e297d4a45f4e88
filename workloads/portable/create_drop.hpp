// SPDX-License-Identifier: Apache-2.0
//
// Small objects are made and dropped by one thread, the same kind again and again: what an
// allocator does best.
#pragma once

#include <cstdint>

#include "workloads/portable/row.hpp"

namespace threadmill::portable {

// Beyond what anybody keeps ready-made.
constexpr std::int64_t kFirstNumber = 1'000'000;

template <ObjectModel M>
class NoSharing {
 public:
  explicit NoSharing(unsigned /*threads*/) {}
  void finish(typename M::World& /*world*/, Verdict& /*verdict*/) {}
};

template <ObjectModel M>
class CreateNumber : public NoSharing<M> {
 public:
  static constexpr RowInfo kInfo{.name = "create_drop/number",
                                 .purpose = "a boxed integer is made and dropped"};

  using NoSharing<M>::NoSharing;

  template <class Turn>
  void run(Turn& turn) {
    std::int64_t next = kFirstNumber;
    std::int64_t wrong = 0;
    turn.timed([&] {
      const typename M::Ref made = M::number(next);
      keep(made);
      wrong |= M::value(made) ^ next;
      ++next;
    });
    turn.expect(wrong == 0, "a number is not the one that was put into it");
  }
};

template <ObjectModel M>
class CreatePair : public NoSharing<M> {
 public:
  static constexpr RowInfo kInfo{.name = "create_drop/pair",
                                 .purpose =
                                     "a pair of two objects that live on is made "
                                     "and dropped"};

  using NoSharing<M>::NoSharing;

  template <class Turn>
  void run(Turn& turn) {
    Tally& tally = new_tally();
    {
      const typename M::Ref a = M::node(1, &tally);
      const typename M::Ref b = M::node(2, &tally);
      turn.timed([&] {
        const typename M::Ref made = M::pair(a, b);
        keep(made);
      });
      turn.expect(tally.died() == 0, "a part has died while it was referred to");
      const typename M::Ref last = M::pair(a, b);
      turn.expect(M::stamp(M::part(last, 0)) == 1 && M::stamp(M::part(last, 1)) == 2,
                  "the parts of a pair are not those that were put into it");
    }
    turn.expect(all_died<M>(tally, 2), "a part is still referred to");
  }
};

template <ObjectModel M>
class CreateNode : public NoSharing<M> {
 public:
  static constexpr RowInfo kInfo{.name = "create_drop/node",
                                 .purpose =
                                     "an object with two references is made and "
                                     "dropped"};

  using NoSharing<M>::NoSharing;

  template <class Turn>
  void run(Turn& turn) {
    Tally& tally = new_tally();
    std::int64_t next = 0;
    std::int64_t wrong = 0;
    turn.timed([&] {
      const typename M::Ref made =
          M::node(next, told(tally, static_cast<std::uint64_t>(next)));
      keep(made);
      wrong |= M::stamp(made) ^ next;
      ++next;
    });
    turn.expect(wrong == 0, "a node is not the one that was made");
    turn.expect(all_died<M>(tally, told_of(turn.iterations())),
                "a node did not die with its last reference");
  }
};

template <ObjectModel M>
class CreateList : public NoSharing<M> {
 public:
  static constexpr RowInfo kInfo{.name = "create_drop/list",
                                 .purpose = "an empty list is made and dropped"};

  using NoSharing<M>::NoSharing;

  template <class Turn>
  void run(Turn& turn) {
    std::size_t wrong = 0;
    turn.timed([&] {
      const typename M::Ref made = M::list();
      keep(made);
      wrong |= M::size(made);
    });
    turn.expect(wrong == 0, "a new list was not empty");
  }
};

template <ObjectModel M>
class CreateDict : public NoSharing<M> {
 public:
  static constexpr RowInfo kInfo{
      .name = "create_drop/dict",
      .purpose = "a dict with one entry is made and dropped"};

  using NoSharing<M>::NoSharing;

  template <class Turn>
  void run(Turn& turn) {
    Tally& tally = new_tally();
    {
      const typename M::Ref key = M::number(kFirstNumber);
      const typename M::Ref value = M::node(7, &tally);
      std::size_t wrong = 0;
      turn.timed([&] {
        const typename M::Ref made = M::dict();
        M::set(made, key, value);
        keep(made);
        wrong |= M::entries(made) ^ 1;
      });
      const typename M::Ref last = M::dict();
      M::set(last, key, value);
      const typename M::Ref found = M::get(last, key);
      turn.expect(wrong == 0 && found && M::stamp(found) == 7,
                  "a dict has not the one entry that was put into it");
      turn.expect(tally.died() == 0, "the value has died while it was referred to");
    }
    turn.expect(all_died<M>(tally, 1), "the value is still referred to");
  }
};

}  // namespace threadmill::portable
