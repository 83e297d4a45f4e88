// SPDX-License-Identifier: Apache-2.0
#include "workloads/json_corpus.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace threadmill {
namespace {

constexpr std::size_t kLargestFile = std::size_t{4} << 20;
constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // of all
constexpr std::size_t kBlock = std::size_t{64} * 1024;
constexpr std::size_t kLongestReason = 160;

constexpr const char* kStrings[] = {
    "",
    "a",
    "name",
    "\xc3\xa4\xc3\xb6",
    "\xe2\x82\xac 5",
    "\xf0\x9f\x90\x8d",
    "\"\\",
    "\n\t",
    "\x01\x1f",
    "/<>&",
    "null",
};
constexpr const char* kSpaces[] = {"", "", "", " ", "\n  ", "\t", "\r\n"};
constexpr double kNumbers[] = {
    0.0, -0.0, 0.1, 1.0, -1.5, 1e100, 5e-324, 1.7976931348623157e308, 1e22, 2.0 / 3.0};
constexpr std::int64_t kIntegers[] = {0,         1,        -1, 255, 1'000'000'007,
                                      INT64_MAX, INT64_MIN};

template <class T, std::size_t kSize>
[[nodiscard]] T one_of(const T (&all)[kSize], Random& random) {
  return all[random.below(kSize)];
}

[[nodiscard]] Json random_scalar(Random& random) {
  switch (random.below(8)) {
    case 0:
      return nullptr;
    case 1:
      return random.below(2) == 0;
    case 2:
      return one_of(kIntegers, random);
    case 3:
      return one_of(kNumbers, random);
    case 4:
      return random.unit() * 1000;
    case 5:
      return static_cast<std::int64_t>(random.below(1000));
    case 6:
      return std::string(random.below(8) == 0 ? 1200 : random.below(30), 'x');
    default:
      return one_of(kStrings, random);
  }
}

[[nodiscard]] std::string spaces(Random& random) { return one_of(kSpaces, random); }

void append_untidy(std::string& text, const Json& value, Random& random) {
  text += spaces(random);
  if (value.is_object()) {
    text += '{';
    for (auto member = value.begin(); member != value.end(); ++member) {
      if (member != value.begin()) text += ',';
      const std::string key = Json(member.key()).dump(-1, ' ', random.below(2) == 0);
      // the last one counts
      if (random.below(16) == 0) text += key + ":[1,{}],";
      text += key + spaces(random) + ':';
      append_untidy(text, *member, random);
    }
    text += '}';
  } else if (value.is_array()) {
    text += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i != 0) text += ',';
      append_untidy(text, value[i], random);
    }
    text += ']';
  } else {
    text += value.dump(-1, ' ', random.below(2) == 0);
  }
  text += spaces(random);
}

// Files that may hold a document.
[[nodiscard]] std::vector<std::string> candidates(const std::string& input,
                                                  std::vector<Skipped>& skipped) {
  std::vector<std::string> paths;
  Corpus found = find_documents({input});
  for (Document& file : found.documents) {
    if (file.path == input || file.path.ends_with(".json")) {
      paths.push_back(std::move(file.path));
    }
  }
  std::move(found.skipped.begin(), found.skipped.end(), std::back_inserter(skipped));
  return paths;
}

// Empty: `text` is the file's.
[[nodiscard]] std::string read_text(const std::string& path, std::string& text) {
  DocumentReader reader(path);
  std::vector<char> block(kBlock);
  while (const std::size_t size = reader.read(block)) {
    text.append(block.data(), size);
    if (text.size() > kLargestFile) return "larger than 4 MiB";
  }
  return reader.trouble();
}

[[nodiscard]] std::string one_line(const std::string& reason) {
  std::string line = escaped(reason);
  if (line.size() > kLongestReason) line.replace(kLongestReason, line.npos, "...");
  return line;
}

// Empty: `document` is the file's. Otherwise the reason why there is none.
[[nodiscard]] std::string read(const std::string& path, JsonDocument& document) {
  std::string trouble = read_text(path, document.text);
  if (!trouble.empty()) return trouble;
  try {
    document.value = parse_json(document.text);
  } catch (const Json::exception& error) {
    return "no JSON: " + one_line(error.what());
  } catch (const std::length_error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

Json random_json(Random& random, std::size_t depth) {
  const std::uint64_t kind = depth == 0 ? 0 : random.below(5);
  if (kind < 2) return random_scalar(random);
  const std::uint64_t size = random.below(7);
  Json value = kind == 2 ? Json::array() : Json::object();
  for (std::uint64_t i = 0; i < size; ++i) {
    Json child = random_json(random, depth - 1);
    if (kind == 2) {
      value.push_back(std::move(child));
    } else {
      const char* word = one_of(kStrings, random);
      value[fmt::format("{}{}", word, random.below(20))] = std::move(child);
    }
  }
  return value;
}

Json random_document(Random& random, std::size_t depth) {
  Json document = Json::object();
  for (std::uint64_t i = 4 + random.below(9); i != 0; --i) {
    document[fmt::format("field {}", i)] = random_json(random, depth - 1);
  }
  return document;
}

std::string untidy_json_text(const Json& value, Random& random) {
  std::string text;
  append_untidy(text, value, random);
  return text;
}

JsonCorpus read_json_documents(const std::vector<std::string>& inputs) {
  JsonCorpus corpus;
  std::size_t bytes = 0;
  for (const std::string& input : inputs) {
    for (std::string& path : candidates(input, corpus.skipped)) {
      JsonDocument document;
      std::string reason = read(path, document);
      if (reason.empty() && bytes + document.text.size() > kMostBytes) {
        reason = "beyond the first 16 MiB";
      }
      if (reason.empty()) {
        bytes += document.text.size();
        corpus.documents.push_back(std::move(document));
      } else {
        corpus.skipped.push_back({std::move(path), std::move(reason)});
      }
    }
  }
  return corpus;
}

bool has_json_document(const std::vector<std::string>& inputs) {
  std::vector<Skipped> skipped;
  for (const std::string& input : inputs) {
    for (const std::string& path : candidates(input, skipped)) {
      JsonDocument document;
      if (read(path, document).empty()) return true;
    }
  }
  return false;
}

}  // namespace threadmill
