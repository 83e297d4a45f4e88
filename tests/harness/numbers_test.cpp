// SPDX-License-Identifier: Apache-2.0
#include "harness/numbers.hpp"

#include <gtest/gtest.h>

#include "harness/text_table.hpp"

namespace threadmill {
namespace {

TEST(Numbers, thousands_are_separated) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(12345678), "12,345,678");
}

TEST(Numbers, units_keep_one_decimal_and_never_show_a_thousand) {
  EXPECT_EQ(with_unit(12), "12.0  ");
  EXPECT_EQ(with_unit(999.94), "999.9  ");
  EXPECT_EQ(with_unit(999.96), "1.0 k");
  EXPECT_EQ(with_unit(12.34e6), "12.3 M");
  EXPECT_EQ(with_byte_unit(1536 * 1024), "1.5 MiB");
  EXPECT_EQ(with_byte_unit(std::uint64_t{3} << 30), "3.00 GiB");
}

TEST(Numbers, times_have_the_unit_that_fits) {
  EXPECT_EQ(with_time_unit(0), "0.0 us");
  EXPECT_EQ(with_time_unit(950), "0.9 us");
  EXPECT_EQ(with_time_unit(12'340), "12.3 us");
  EXPECT_EQ(with_time_unit(999'960), "1.0 ms");
  EXPECT_EQ(with_time_unit(6'000'000'000), "6.0 s");
}

TEST(Numbers, printable_text_is_one_harmless_line) {
  EXPECT_EQ(printable("a\nb\x1b[31m"), "a\\nb\\x1b[31m");
  EXPECT_EQ(printable("gr\xc3\xbcn"), "gr\xc3\xbcn");
}

TEST(Numbers, shell_words_are_quoted_only_where_needed) {
  EXPECT_EQ(shell_word("dir/file-1.txt"), "dir/file-1.txt");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("a\nb'"), "$'a\\nb\\''");
}

TEST(TextTable, columns_are_aligned_and_lines_have_no_trailing_blanks) {
  using enum TextTable::Align;
  TextTable table({{"name", left}, {"count", right}, {"verdict", left}});
  table.add({"a", "12,345", "pass"});
  table.add({"longer", "1", "hang"});
  const std::vector<std::string> expected = {
      "name     count  verdict",
      "a       12,345  pass",
      "longer       1  hang",
  };
  EXPECT_EQ(table.lines(), expected);
}

}  // namespace
}  // namespace threadmill
