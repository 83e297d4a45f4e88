// SPDX-License-Identifier: Apache-2.0
//
// JSON as runtime objects: an object is a Dict with Str keys, an array a List, a string a
// Str, a number an Int if it is whole and fits into 64 signed bits and else a Float, null
// the None, and true and false are two JsonBools that all documents share.
//
// The canonical text of a value is what nlohmann-json writes of it: no spaces, keys in
// byte order, the shortest digits that read back as the same number.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "runtime/runtime.hpp"

namespace threadmill {

using Json = nlohmann::json;

// How deep documents may be nested; 0 is a number. Within it, recursion is safe.
inline constexpr std::size_t kDeepestJson = 100;

struct JsonBool : Object {
  static constexpr const char* kTypeName = "json bool";
  explicit JsonBool(bool v) : value(v) {}
  const bool value;
};

// Shared by what is made with them.
struct JsonBools {
  Ref<JsonBool> yes;
  Ref<JsonBool> no;

  [[nodiscard]] static JsonBools create();  // throws OutOfMemory
  [[nodiscard]] const Ref<JsonBool>& of(bool value) const { return value ? yes : no; }
};

// --- texts and nlohmann's values, without any runtime ---

// A value as it is compared: whole numbers beyond 64 signed bits become floating-point.
// Throws Json::exception if it is no JSON, and if a number is beyond a double; and
// std::length_error if it is nested deeper than kDeepestJson.
[[nodiscard]] Json parse_json(std::string_view text);
[[nodiscard]] std::string json_text(const Json& value);
[[nodiscard]] std::size_t json_depth(const Json& value);

// --- runtime objects; all throw OutOfMemory ---

// Of a text that parse_json takes; read anew, without it.
[[nodiscard]] Ref<Object> json_objects_of(std::string_view text,
                                          const JsonBools& bools);
// A copy that shares nothing but JsonBools and None with the original.
[[nodiscard]] Ref<Object> copy_of(const Ref<Object>& value);
// Throws std::logic_error if it meets an object that is no JSON.
[[nodiscard]] Json json_of(const Ref<Object>& value);

}  // namespace threadmill
