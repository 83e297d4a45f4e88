// SPDX-License-Identifier: Apache-2.0
//
// A JSON file that is said to be a report. It may be anything: its size, its nesting and
// every value that is used are looked at.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace threadmill {

// What is wrong with the file, in a few words; who reads it says which file it is.
struct Unfit {
  std::string what;
};

// All of these throw Unfit. A file that is not too large; what it holds, if it is JSON; and
// both, of the schema that this program writes.
[[nodiscard]] std::string content_of_file(const std::string& path);
[[nodiscard]] nlohmann::ordered_json any_json_in(const std::string& text);
[[nodiscard]] nlohmann::ordered_json json_in_file(const std::string& path);

[[nodiscard]] const nlohmann::ordered_json& member(const nlohmann::ordered_json& object,
                                                   const char* name);
[[nodiscard]] const nlohmann::ordered_json& object_member(
    const nlohmann::ordered_json& object, const char* name);
// An array of objects.
[[nodiscard]] const nlohmann::ordered_json& list_member(
    const nlohmann::ordered_json& object, const char* name);
[[nodiscard]] std::string text_member(const nlohmann::ordered_json& object,
                                      const char* name,
                                      std::size_t longest = 1000);
[[nodiscard]] std::vector<std::string> texts_member(
    const nlohmann::ordered_json& object, const char* name);
[[nodiscard]] std::uint64_t whole_member(
    const nlohmann::ordered_json& object,
    const char* name,
    std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
[[nodiscard]] double number_member(const nlohmann::ordered_json& object,
                                   const char* name,
                                   double most);  // from 0
[[nodiscard]] bool flag_member(const nlohmann::ordered_json& object, const char* name);

// Null is what it is where a value was not known.
[[nodiscard]] bool has(const nlohmann::ordered_json& object, const char* name);

[[noreturn]] void refuse_member(const char* name);

}  // namespace threadmill
