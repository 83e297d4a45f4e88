// SPDX-License-Identifier: Apache-2.0
//
// Words across block borders, and the text form of the sequential index.
#include "workloads/text_index.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

using Words = std::vector<std::string>;

Words words_of(std::string_view text, std::size_t block) {
  Words words;
  const auto keep = [&](std::string_view word) { words.emplace_back(word); };
  Tokenizer tokenizer;
  for (std::size_t at = 0; at < text.size(); at += block) {
    tokenizer.feed(text.substr(at, block), keep);
  }
  tokenizer.finish(keep);
  return words;
}

struct Case {
  std::string_view text;
  Words words;
};

const std::vector<Case>& cases() {
  using std::string_view_literals::operator""sv;
  static const std::vector<Case> all = {
      {"", {}},
      {" \n\t.,-_", {}},
      {"word", {"word"}},
      {" word ", {"word"}},
      {"two words", {"two", "words"}},
      {"Case is Kept", {"Case", "is", "Kept"}},
      {"snake_case don't", {"snake", "case", "don", "t"}},
      {"a1 2b 345", {"a1", "2b", "345"}},
      {"nul\0is no letter"sv, {"nul", "is", "no", "letter"}},
      {"stra\xc3\x9f"
       "e \xff\x80\xfe",
       {"stra\xc3\x9f"
        "e",
        "\xff\x80\xfe"}},
      {"\x7f\x1b@[`{/:", {}},
      {"end\n", {"end"}},
  };
  return all;
}

TEST(Tokenizer, words_do_not_depend_on_the_blocks) {
  for (const Case& one : cases()) {
    for (std::size_t block = 1; block <= one.text.size() + 1; ++block) {
      EXPECT_EQ(words_of(one.text, block), one.words) << one.text << " by " << block;
    }
  }
}

TEST(Tokenizer, empty_blocks_change_nothing) {
  Words words;
  const auto keep = [&](std::string_view word) { words.emplace_back(word); };
  Tokenizer tokenizer;
  for (const std::string_view block : {"", "wo", "", "rd", "", " ", ""}) {
    tokenizer.feed(block, keep);
  }
  tokenizer.finish(keep);
  tokenizer.finish(keep);
  EXPECT_EQ(words, Words{"word"});
}

TEST(Tokenizer, one_word_may_be_as_long_as_the_file) {
  const std::string text(5'000'000, 'x');
  EXPECT_EQ(words_of(text, 64 * 1024), Words{text});
}

TEST(Tokenizer, letters_digits_and_high_bytes_make_words) {
  std::size_t count = 0;
  for (int byte = 0; byte < 256; ++byte) {
    if (is_word_byte(static_cast<char>(byte))) ++count;
  }
  EXPECT_EQ(count, 26U + 26U + 10U + 128U);
}

TEST(TextIndex, words_are_in_byte_order_and_documents_in_rising_order) {
  TextIndex index;
  index.add(0, {{"b", 2}, {"B", 1}, {"\xc3\xa4", 1}});
  index.add(1, {{"b", 3}});
  index.add(12, {{"b", 1}, {"1", 4}});
  EXPECT_EQ(index.text(), "1\t12:4\nB\t0:1\nb\t0:2 1:3 12:1\n\xc3\xa4\t0:1\n");
  EXPECT_EQ(index.words(), 4U);
  EXPECT_EQ(index.postings(), 6U);
}

TEST(TextIndex, equal_texts_have_no_difference) {
  EXPECT_EQ(describe_difference("", ""), "");
  EXPECT_EQ(describe_difference("a\t0:1\n", "a\t0:1\n"), "");
}

TEST(TextIndex, a_difference_is_shown_with_its_line) {
  const std::string expected = "a\t0:1\nb\t0:1 1:2\nc\t1:1\n";
  EXPECT_EQ(describe_difference(expected, "a\t0:1\nb\t0:1 1:3\nc\t1:1\n"),
            "at byte 14 expected 'b\\t0:1 1:2' and found 'b\\t0:1 1:3'");
  EXPECT_EQ(describe_difference(expected, "a\t0:1\n"),
            "at byte 6 expected 'b\\t0:1 1:2' and found the end");
  EXPECT_EQ(describe_difference("x\t0:1\n", "y\t0:1\n"),
            "at byte 0 expected 'x\\t0:1' and found 'y\\t0:1'");
  const std::string longer = std::string(100, 'w') + "\t0:1\n";
  EXPECT_EQ(describe_difference(longer, ""),
            "at byte 0 expected '" + std::string(60, 'w') + "...' and found the end");
}

}  // namespace
}  // namespace threadmill
