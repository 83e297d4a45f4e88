// SPDX-License-Identifier: Apache-2.0
//
// The words of a text, and a plain sequential inverted index made with the standard
// library: what the shared index of the workload inverted-index has to equal.
//
// A word is a maximal run of ASCII letters, digits, or bytes >= 0x80. Case is kept. In the
// text form of an index every word has a line, in byte order of the words:
//     word<TAB>document:count document:count ...<NEWLINE>
// with the documents' numbers in rising order. Different indexes have different texts, as
// no word holds a tab, a space, a colon or a newline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace threadmill {

struct Posting {
  std::uint64_t document;
  std::uint64_t count;
};

[[nodiscard]] constexpr bool is_word_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || static_cast<unsigned char>(byte) >= 0x80;
}

// Splits a text that comes in blocks into words; a word may span any number of blocks.
class Tokenizer {
 public:
  // Calls `use(std::string_view)` with every word that ends in this block.
  template <class Use>
  void feed(std::string_view block, Use&& use) {
    std::size_t at = 0;
    if (!open_word_.empty()) {
      at = word_end(block, 0);
      open_word_.append(block.substr(0, at));
      if (at == block.size()) return;
      finish(use);
    }
    while (at < block.size()) {
      if (!is_word_byte(block[at])) {
        ++at;
        continue;
      }
      const std::size_t end = word_end(block, at);
      const std::string_view word = block.substr(at, end - at);
      if (end == block.size()) {
        open_word_ = word;
      } else {
        use(word);
      }
      at = end;
    }
  }

  // At the end of the text: the last word, if it goes up to there.
  template <class Use>
  void finish(Use&& use) {
    if (open_word_.empty()) return;
    use(std::string_view(open_word_));
    open_word_.clear();
  }

 private:
  [[nodiscard]] static std::size_t word_end(std::string_view block, std::size_t at) {
    while (at < block.size() && is_word_byte(block[at])) ++at;
    return at;
  }

  std::string open_word_;  // the part of an unfinished word that came in earlier blocks
};

class TextIndex {
 public:
  using Counts = std::unordered_map<std::string, std::uint64_t>;

  // Documents are added in rising order.
  void add(std::uint64_t document, const Counts& counts);

  [[nodiscard]] std::uint64_t words() const { return postings_of_.size(); }
  [[nodiscard]] std::uint64_t postings() const { return postings_; }
  [[nodiscard]] std::string text() const;

 private:
  std::map<std::string, std::vector<Posting>> postings_of_;
  std::uint64_t postings_ = 0;
};

// One line of the text form.
void append_entry(std::string& text,
                  std::string_view word,
                  std::span<const Posting> postings);

// Where two index texts differ first, in words; empty if they are equal.
[[nodiscard]] std::string describe_difference(std::string_view expected,
                                              std::string_view actual);

}  // namespace threadmill
