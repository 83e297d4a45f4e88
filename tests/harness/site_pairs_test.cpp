// SPDX-License-Identifier: Apache-2.0
//
// Interleaving coverage: what a report says of pairs of places, and that accesses which
// are watched are noted in the order in which they were made.
#include "harness/site_pairs.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/watch/access_watch.hpp"

namespace threadmill {
namespace {

TEST(SitePairs, an_order_that_was_not_seen_is_named_the_right_way_round) {
  SitePairs pairs;
  pairs.see("b", "a", 3);
  pairs.see("a", "c", 1);
  pairs.see("c", "a", 1);
  pairs.see("c", "d", 2);
  const PairCoverage coverage = coverage_of(pairs);
  EXPECT_EQ(coverage.pairs, 3u);
  EXPECT_EQ(coverage.both_orders, 1u);
  EXPECT_EQ(text_of(coverage), "1 of 3 pairs of places in both orders");
  EXPECT_EQ(never_seen(coverage, "before"),
            (std::vector<std::string>{"a before b", "d before c"}));
  const nlohmann::ordered_json json = json_of(coverage);
  EXPECT_EQ(json["one_order"][0]["first"], "b");
  EXPECT_EQ(json["one_order"][0]["times"], 3);
  const auto read = nlohmann::json(coverage).get<PairCoverage>();
  EXPECT_EQ(never_seen(read, "before"), never_seen(coverage, "before"));
}

TEST(SitePairs, a_place_is_a_line_of_a_file) {
  EXPECT_EQ(site_text("some/where.cpp", 7, true), "where.cpp:7 writes");
  EXPECT_EQ(site_text("where.cpp", 7, false), "where.cpp:7 reads");
  EXPECT_EQ(place_text(nullptr, 7), "");
}

void access(const void* word, int line, bool writes) {
  watch::Turn turn(word);
  turn.note("some/where.cpp", line, writes);
}

void access_elsewhere(const void* word, int line, bool writes) {
  std::thread([=] { access(word, line, writes); }).join();
}

TEST(AccessWatch, neighbours_of_different_threads_make_a_pair_and_one_of_them_writes) {
  const int x = 0;
  const int y = 0;
  watch::begin();
  EXPECT_TRUE(watch::is_on());
  access(&x, 1, false);
  access_elsewhere(&x, 2, false);  // both read
  access(&x, 3, true);             // after 2
  access(&x, 4, true);             // its own
  access_elsewhere(&y, 5, true);   // alone there
  access_elsewhere(&x, 4, true);   // the same place
  access(&x, 6, false);            // after 4
  access_elsewhere(&x, 4, true);   // after 6
  watch::end();
  EXPECT_FALSE(watch::is_on());
  const std::vector<SitePair> rows = watch::seen().rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].first, "where.cpp:2 reads");
  EXPECT_EQ(rows[0].second, "where.cpp:3 writes");
  EXPECT_EQ(rows[0].forward, 1u);
  EXPECT_EQ(rows[0].backward, 0u);
  EXPECT_EQ(rows[1].first, "where.cpp:4 writes");
  EXPECT_EQ(rows[1].second, "where.cpp:6 reads");
  EXPECT_EQ(rows[1].forward, 1u);
  EXPECT_EQ(rows[1].backward, 1u);
}

TEST(AccessWatch, what_was_before_the_beginning_is_forgotten) {
  const int x = 0;
  watch::begin();
  access(&x, 1, true);
  access_elsewhere(&x, 2, true);
  ASSERT_EQ(watch::seen().size(), 1u);
  watch::begin();
  EXPECT_EQ(watch::seen().size(), 0u);
  access(&x, 3, true);  // its neighbour was another time
  watch::end();
  EXPECT_EQ(watch::seen().size(), 0u);
}

TEST(AccessWatch, two_threads_at_one_word_take_turns) {
  constexpr int kTimes = 20'000;
  int shared = 0;  // what the turns guard
  watch::begin();
  const auto count = [&](int line) {
    for (int i = 0; i < kTimes; ++i) {
      watch::Turn turn(&shared);
      turn.note("some/where.cpp", line, true);
      ++shared;
    }
  };
  std::thread other(count, 2);
  count(1);
  other.join();
  watch::end();
  EXPECT_EQ(shared, 2 * kTimes);
  const SitePairs seen = watch::seen();
  ASSERT_EQ(seen.size(), 1u);
  // Each of them once at least comes after the other: who ends last, unless one had done
  // all before the other began.
  const SitePair pair = seen.rows().front();
  EXPECT_GE(pair.forward + pair.backward, 1u);
  EXPECT_LE(pair.forward + pair.backward, 2u * kTimes);
}

}  // namespace
}  // namespace threadmill
