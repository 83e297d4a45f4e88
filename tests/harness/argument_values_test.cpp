// SPDX-License-Identifier: Apache-2.0
#include "harness/argument_values.hpp"

#include <gtest/gtest.h>

#include "harness/options.hpp"

namespace threadmill {
namespace {

TEST(ArgumentValues, threads_are_whole_numbers_from_1_to_1024) {
  EXPECT_EQ(parse_threads("1"), 1u);
  EXPECT_EQ(parse_threads("1024"), 1024u);
  for (const char* bad : {"0", "1025", "100000", "-1", "x", "4x", "4.0", " 4", "",
                          "18446744073709551617"}) {
    EXPECT_THROW((void)parse_threads(bad), UsageError) << bad;
  }
}

TEST(ArgumentValues, seconds_are_finite_and_above_zero) {
  EXPECT_DOUBLE_EQ(parse_seconds("0.25"), 0.25);
  EXPECT_DOUBLE_EQ(parse_seconds("1e2"), 100);
  for (const char* bad : {"0", "-1", "nan", "inf", "-inf", "1e999", "1e9", "2s", ""}) {
    EXPECT_THROW((void)parse_seconds(bad), UsageError) << bad;
  }
}

TEST(ArgumentValues, operations_and_seeds_use_all_64_bits) {
  EXPECT_EQ(parse_operations("18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(parse_seed("18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(parse_seed("0xff"), 255u);
  for (const char* bad : {"-1", "1.5", "18446744073709551616", "0x", ""}) {
    EXPECT_THROW((void)parse_operations(bad), UsageError) << bad;
    EXPECT_THROW((void)parse_seed(bad), UsageError) << bad;
  }
}

TEST(ArgumentValues, bytes_take_units_of_1024) {
  EXPECT_EQ(parse_bytes("--memory-limit", "2000000"), 2'000'000u);
  EXPECT_EQ(parse_bytes("--memory-limit", "1024K"), 1u << 20);
  EXPECT_EQ(parse_bytes("--memory-limit", "512M"), 512u << 20);
  EXPECT_EQ(parse_bytes("--memory-limit", "2G"), std::uint64_t{2} << 30);
  EXPECT_EQ(parse_bytes("--memory-limit", "1T"), std::uint64_t{1} << 40);
}

TEST(ArgumentValues, a_refusal_is_one_line_that_names_option_and_value) {
  try {
    (void)parse_threads("4\nx");
    FAIL() << "accepted";
  } catch (const UsageError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("--threads '4\\nx'"), std::string::npos) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  }
}

TEST(ArgumentValues, default_threads_are_at_least_four) {
  EXPECT_GE(default_threads(), 4u);
  EXPECT_LE(default_threads(), kMaxThreads);
}

}  // namespace
}  // namespace threadmill
