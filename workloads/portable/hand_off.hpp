// SPDX-License-Identifier: Apache-2.0
//
// One thread of a pair makes objects, the other one drops them, and a bounded queue is
// between them: Boost.Lockfree's, in which the reference itself travels.
//
//   hand_off/pipeline   that is all
//   hand_off/owned      the object's ownership goes along, where a model has that
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <vector>

#include <boost/lockfree/spsc_queue.hpp>

#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <ObjectModel M>
struct OwnerOf {
  struct Type {};
};
template <HasOwners M>
struct OwnerOf<M> {
  using Type = typename M::Owner;
};

template <ObjectModel M, bool kOwned>
class Pipeline {
 public:
  static constexpr RowInfo kInfo{
      .name = kOwned ? "hand_off/owned" : "hand_off/pipeline",
      .purpose =
          "one thread makes an object and hands it over "
          "to another, which drops it",
      .threads = Threads::kPairs};

  explicit Pipeline(unsigned threads) {
    for (unsigned i = 0; i < threads / 2; ++i) {
      lines_.push_back(
          std::allocate_shared<Line>(typename M::template Allocator<Line>()));
    }
  }

  template <class Turn>
  void run(Turn& turn) {
    Line& line = *lines_[turn.index() / 2];
    turn.index() % 2 == 0 ? produce(turn, line) : consume(turn, line);
  }

  void finish(typename M::World& world, Verdict& verdict) {
    for (const auto& line : lines_)
      verdict.expect(line->queue.read_available() == 0,
                     "an object was not handed over");
    world.collect();
    for (const auto& line : lines_) {
      verdict.expect(all_died<M>(line->tally, told_of(line->made)),
                     "an object did not die with its last reference");
    }
    lines_.clear();
  }

 private:
  using Ref = typename M::Ref;

  struct Line {
    boost::lockfree::spsc_queue<Ref, boost::lockfree::capacity<128>> queue;
    Tally& tally = new_tally();
    std::uint64_t made = 0;  // by the producer
    GivenUp given_up;
    typename OwnerOf<M>::Type consumer{};  // before anything is timed
  };

  template <class Turn>
  static void produce(Turn& turn, Line& line) {
    std::int64_t next = 0;
    turn.timed([&] {
      line.given_up.if_fails([&] {
        Ref made = M::node(next, told(line.tally, static_cast<std::uint64_t>(next)));
        ++next;
        if constexpr (kOwned) M::give(made, line.consumer);
        while (!line.given_up && !moved(line, made)) give_way<M>();
      });
    });
    line.made = static_cast<std::uint64_t>(next);
  }

  // Moved, not copied: that would count.
  [[nodiscard]] static bool moved(Line& line, Ref& made) {
    return line.queue.push(std::make_move_iterator(&made),
                           std::make_move_iterator(&made + 1)) !=
           std::make_move_iterator(&made);
  }

  template <class Turn>
  static void consume(Turn& turn, Line& line) {
    if constexpr (kOwned) line.consumer = M::here();
    std::int64_t next = 0;
    std::int64_t wrong = 0;
    turn.timed([&] {
      line.given_up.if_fails([&] {
        Ref got{};
        const auto take = [&got](Ref& from) { got = std::move(from); };
        while (!line.given_up && !line.queue.consume_one(take)) give_way<M>();
        if (got) wrong |= M::stamp(got) ^ next++;
      });
    });
    turn.expect(wrong == 0, "objects were not handed over in order");
    turn.expect(static_cast<std::uint64_t>(next) == turn.iterations(),
                "an object was lost on its way");
  }

  std::vector<std::shared_ptr<Line>,
              typename M::template Allocator<std::shared_ptr<Line>>>
      lines_;
};

template <ObjectModel M>
using HandOff = Pipeline<M, false>;
template <HasOwners M>
using OwnedHandOff = Pipeline<M, true>;

}  // namespace threadmill::portable
