// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_budgets.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/harness/made_benchmarks.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

TEST(BenchBudgets, are_for_a_python_without_a_gil) {
  EXPECT_FALSE(has_free_threaded_python(Json::object()));
  EXPECT_FALSE(has_free_threaded_python({{"models", "cpython"}}));
  EXPECT_FALSE(has_free_threaded_python({{"models", {{"cpython", {{"gil", "yes"}}}}}}));
  EXPECT_FALSE(has_free_threaded_python({{"models", {{"locked", {{"gil", "no"}}}}}}));
  EXPECT_TRUE(has_free_threaded_python({{"models", {{"cpython", {{"gil", "no"}}}}}}));
}

TEST(BenchBudgets, compare_the_share_of_each_row_that_both_have) {
  const std::string table = budget_table(
      bench_file_of(made_benchmarks({{"counts/own/threads:1", 1, 1, "biased"},
                                     {"counts/own/threads:1", 2, 1, "cpython"},
                                     {"list/append/threads:1", 10, 1, "biased"},
                                     {"list/append/threads:1", 20, 1, "cpython"},
                                     {"dict/read/threads:2", 10, 2, "biased"}},
                                    9, 0.001, 3),
                    ""));
  EXPECT_NE(table.find("counts/own/threads:1"), std::string::npos) << table;
  EXPECT_NE(table.find("0.50 ±1 %     1.00  met"), std::string::npos) << table;
  EXPECT_NE(table.find("0.50 ±1 %     0.40  missed"), std::string::npos) << table;
  EXPECT_EQ(table.find("dict/read"), std::string::npos) << table;
}

}  // namespace
}  // namespace threadmill
