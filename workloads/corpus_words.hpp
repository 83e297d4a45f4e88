// SPDX-License-Identifier: Apache-2.0
//
// The words of the default corpus, cut into documents of the same number of words, for
// benchmarks: each document is as much work as the next.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace threadmill {

inline constexpr std::size_t kWordsPerDocument = 256;

using WordDocument = std::vector<std::string>;  // kWordsPerDocument of them

// At most 256 documents, the same in every run over the same files; read the first time.
// Throws InputError if there is no corpus.
[[nodiscard]] const std::vector<WordDocument>& corpus_words();

}  // namespace threadmill
