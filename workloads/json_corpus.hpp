// SPDX-License-Identifier: Apache-2.0
//
// The documents of the workload json-store: made from a seed, and read from files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/random.hpp"
#include "workloads/corpus.hpp"
#include "workloads/json_objects.hpp"

namespace threadmill {

struct JsonDocument {
  std::string text;  // as it was found
  Json value;
};

struct JsonCorpus {
  std::vector<JsonDocument> documents;
  std::vector<Skipped> skipped;
};

// A value of at most `depth` levels: all kinds, odd numbers, odd strings.
[[nodiscard]] Json random_json(Random& random, std::size_t depth);

// An object of a few such members.
[[nodiscard]] Json random_document(Random& random, std::size_t depth);

// The same document in a form that is not the canonical one: spaces, escapes, a member
// that is there twice.
[[nodiscard]] std::string untidy_json_text(const Json& value, Random& random);

// What is JSON among the files given, and the files named *.json in the folders given. The
// rest of them is skipped and listed: what cannot be read, is no JSON, is nested deeper
// than kDeepestJson, or is too large. Throws InputError if an input is no file or folder
// that can be opened.
[[nodiscard]] JsonCorpus read_json_documents(const std::vector<std::string>& inputs);

// Whether that would find any document.
[[nodiscard]] bool has_json_document(const std::vector<std::string>& inputs);

}  // namespace threadmill
