// SPDX-License-Identifier: Apache-2.0
//
// Which pairs of places are counted, in which order, and what survives the way through a
// worker's process.
#include "harness/explore/coverage.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "harness/explore/explorer.hpp"
#include "harness/explore/scenarios/list.hpp"
#include "harness/explore/search_message.hpp"

namespace threadmill::explore {
namespace {

TEST(Coverage, a_pair_has_one_row_whichever_came_first) {
  SitePairs pairs;
  pairs.see("b", "a", 2);
  pairs.see("a", "c", 1);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs.both(), 0u);
  SitePairs others;
  others.see("a", "b", 5);
  pairs.add(others);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs.both(), 1u);
  const SitePair first = pairs.rows().front();
  EXPECT_EQ(first.first, "a");
  EXPECT_EQ(first.second, "b");
  EXPECT_EQ(first.forward, 5u);
  EXPECT_EQ(first.backward, 2u);
}

// Does nothing but be told.
class Nobody final : public Strategy {
 public:
  bool begin() override { return true; }
  unsigned pick_thread(const State&) override { return 0; }
  unsigned pick(unsigned, Choice) override { return 0; }
  std::string claim(std::uint64_t) const override { return {}; }
};

Operation at(Op op, const void* address, int line) {
  Operation operation;
  operation.op = op;
  operation.address = address;
  operation.site = {"some/where.cpp", line};
  return operation;
}

TEST(Coverage,
     only_different_threads_at_one_address_make_a_pair_and_one_of_them_writes) {
  const int x = 0;
  const int y = 0;
  Nobody nobody;
  CoverageWatch watch(nobody);
  ASSERT_TRUE(watch.begin());
  watch.executed(0, at(Op::load, &x, 1));
  watch.executed(1, at(Op::load, &x, 2));   // both read
  watch.executed(0, at(Op::store, &x, 3));  // against 2; 1 is its own
  watch.executed(1, at(Op::store, &y, 4));  // alone there
  watch.executed(1, at(Op::store, &x, 3));  // against 1; 3 is the same place
  watch.executed(0, at(Op::fence, &x, 5));  // uses no memory
  ASSERT_TRUE(watch.begin());
  watch.executed(0, at(Op::load, &y, 4));  // the last execution is forgotten
  const std::vector<SitePair> rows = watch.pairs().rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].first, "where.cpp:1 reads");
  EXPECT_EQ(rows[0].second, "where.cpp:3 writes");
  EXPECT_EQ(rows[0].forward, 1u);
  EXPECT_EQ(rows[0].backward, 0u);
  EXPECT_EQ(rows[1].first, "where.cpp:2 reads");
  EXPECT_EQ(rows[1].forward, 1u);
}

SearchResult searched(const char* name, bool coverage) {
  for (const ScenarioInfo& info : scenarios()) {
    if (info.name != std::string_view(name)) continue;
    SearchOptions options;
    options.coverage = coverage;
    prepare_engine();
    return search(info, options, [] { return false; });
  }
  return {};
}

TEST(Coverage, of_an_exhaustive_search_changes_nothing_else_and_passes_processes) {
  const SearchResult plain = searched("merge-drop-by-two", false);
  const SearchResult result = searched("merge-drop-by-two", true);
  ASSERT_GT(result.executions, 1u);
  EXPECT_TRUE(result.exhausted);
  EXPECT_EQ(result.executions, plain.executions);
  EXPECT_EQ(plain.pairs.size(), 0u);
  EXPECT_GT(result.pairs.both(), 0u);
  EXPECT_LT(result.pairs.both(), result.pairs.size());  // nobody drops before he holds
  const SearchResult read = from_message(to_message(result));
  EXPECT_EQ(read.pairs.size(), result.pairs.size());
  EXPECT_EQ(read.pairs.both(), result.pairs.both());
}

}  // namespace
}  // namespace threadmill::explore
