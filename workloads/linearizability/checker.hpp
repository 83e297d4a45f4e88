// SPDX-License-Identifier: Apache-2.0
//
// The checker: is there an order of a history's operations in which the sequential
// container gives each the answer that it got, in which whatever responded before another
// was invoked comes first, and after which the content is the final one?
//
// Depth first: place any operation that nothing unplaced has to precede and whose answer
// fits; go back if none does (Wing and Gong, "Testing and verifying concurrent objects",
// Journal of Parallel and Distributed Computing 17, 1993). What was placed, as a set, and
// the content that came of it are remembered, so that no such pair is gone on from twice
// (Lowe, "Testing for linearizability", Concurrency and Computation: Practice and
// Experience 29, 2017). A history by key is judged key by key: it has an order if and only
// if its part of each key has one (Herlihy and Wing, "Linearizability", TOPLAS 12, 1990;
// Horn and Kroening, "Faster linearizability checking via P-compositionality", FORTE 2015).
//
// A sort() that gave up is the one operation whose answer does not follow from the content:
// it fits anywhere, and does nothing, if it overlaps one that may have changed the list.
//
// Everything here is thread-safe: no state is shared.
#pragma once

#include <cstddef>
#include <vector>

#include "workloads/linearizability/history.hpp"

namespace threadmill {

// More a history cannot have: what was placed is a word of bits.
inline constexpr std::size_t kMostOperations = 64;

enum class HistoryVerdict : unsigned char {
  linearizable,
  not_linearizable,
  undecided,  // too much to search, or too many operations
};

// An operation that could come next, and what it would have had to answer.
struct Misfit {
  std::size_t operation;
  Values expected;
};

struct Judgement {
  HistoryVerdict verdict = HistoryVerdict::undecided;
  // The order found, as places in `operations`; if it is not linearizable, the longest
  // that fits, the content after it, and what could have come next. No misfits: all are
  // placed, and it is the final content that does not fit.
  std::vector<std::size_t> order;
  Values content;
  std::vector<Misfit> misfits;
};

// As a whole, whatever `by_key` says.
[[nodiscard]] Judgement judge(const History& history);

// The parts that are judged by themselves: of each key that occurs, or the whole.
[[nodiscard]] std::vector<History> parts_of(const History& history);

// Of all its parts: the worst.
[[nodiscard]] HistoryVerdict verdict_of(const History& history);

// Of a history that is not linearizable: a part that is not either, cut off after the first
// response that allows no order, without the operations that say nothing to that.
[[nodiscard]] History smallest_violation(const History& history);

}  // namespace threadmill
