// SPDX-License-Identifier: Apache-2.0
//
// The sequential index and its text form; see text_index.hpp.
#include "workloads/text_index.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "workloads/corpus.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kLongestQuote = 60;

// The line of `text` that holds byte `at`, shortened and printable.
[[nodiscard]] std::string line_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return "the end";
  const std::size_t newline =
      at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  const std::string_view line = text.substr(begin, text.find('\n', at) - begin);
  const bool is_long = line.size() > kLongestQuote;
  return fmt::format("'{}{}'", escaped(line.substr(0, kLongestQuote)),
                     is_long ? "..." : "");
}

}  // namespace

void TextIndex::add(std::uint64_t document, const Counts& counts) {
  for (const auto& [word, count] : counts) {
    postings_of_[word].push_back({document, count});
  }
  postings_ += counts.size();
}

std::string TextIndex::text() const {
  std::string text;
  for (const auto& [word, postings] : postings_of_) append_entry(text, word, postings);
  return text;
}

void append_entry(std::string& text,
                  std::string_view word,
                  std::span<const Posting> postings) {
  text += word;
  char separator = '\t';
  for (const Posting& posting : postings) {
    fmt::format_to(std::back_inserter(text), "{}{}:{}", separator, posting.document,
                   posting.count);
    separator = ' ';
  }
  text += '\n';
}

std::string describe_difference(std::string_view expected, std::string_view actual) {
  if (expected == actual) return {};
  const auto [in_expected, in_actual] =
      std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
  const auto at = static_cast<std::size_t>(in_expected - expected.begin());
  return fmt::format("at byte {} expected {} and found {}", at, line_at(expected, at),
                     line_at(actual, at));
}

}  // namespace threadmill
