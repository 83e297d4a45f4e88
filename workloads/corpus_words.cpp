// SPDX-License-Identifier: Apache-2.0
#include "workloads/corpus_words.hpp"

#include <string_view>
#include <utility>

#include "workloads/corpus.hpp"
#include "workloads/text_index.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kMostDocuments = 256;
constexpr std::size_t kBlock = 64 * 1024;

[[nodiscard]] std::vector<WordDocument> read_words() {
  std::vector<WordDocument> documents;
  WordDocument open;
  const auto add = [&](std::string_view word) {
    if (documents.size() == kMostDocuments) return;
    open.emplace_back(word);
    if (open.size() == kWordsPerDocument)
      documents.push_back(std::exchange(open, WordDocument()));
  };
  std::vector<char> block(kBlock);
  for (const Document& file : find_documents(default_inputs()).documents) {
    if (documents.size() == kMostDocuments) break;
    DocumentReader reader(file.path);
    Tokenizer tokenizer;
    while (const std::size_t size = reader.read(block))
      tokenizer.feed(std::string_view(block.data(), size), add);
    tokenizer.finish(add);
  }
  if (documents.empty())
    throw InputError("the default input has too few words to index");
  return documents;
}

}  // namespace

const std::vector<WordDocument>& corpus_words() {
  static const std::vector<WordDocument> words = read_words();
  return words;
}

}  // namespace threadmill
