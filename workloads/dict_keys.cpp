// SPDX-License-Identifier: Apache-2.0
//
// Making, finding and recognising the keys of dict_keys.hpp.
#include "workloads/dict_keys.hpp"

#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace threadmill {
namespace {

constexpr std::string_view kPrefix = "key-";

[[nodiscard]] bool is_string(std::size_t number) { return number % 2 == 0; }

}  // namespace

void DictKeys::make_keys(std::size_t count) {
  names_.resize(count);
  keys_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (is_string(i)) names_[i] = fmt::format("{}{}", kPrefix, i);
    keys_.push_back(equal_key(i));
  }
}

Ref<Object> DictKeys::equal_key(std::size_t number) const {
  if (is_string(number)) return must(make<Str>(std::string_view(names_[number])));
  return must(make<Int>(static_cast<std::int64_t>(number)));
}

std::size_t DictKeys::number_of(const Ref<Object>& key) const {
  std::size_t number = size();
  if (const Ref<Int> integer = cast<Int>(key)) {
    number = static_cast<std::size_t>(integer->value());
    return number < size() && !is_string(number) ? number : size();
  }
  if (const Ref<Str> string = cast<Str>(key)) {
    std::string_view text = string->view();
    if (!text.starts_with(kPrefix)) return size();
    text.remove_prefix(kPrefix.size());
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number < size() && names_[number] == string->view() ? number : size();
  }
  return size();
}

Ref<Object> DictKeys::look_up(const Dict& dict,
                              std::size_t number,
                              Random& random) const {
  switch (random.below(4)) {
    case 0:
      return dict.get(equal_key(number));
    case 1:
      if (is_string(number)) return dict.get(std::string_view(names_[number]));
      return dict.get(keys_[number]);
    default:
      return dict.get(keys_[number]);
  }
}

void DictKeys::roots(std::vector<Object*>& handles) const {
  for (const Ref<Object>& key : keys_) handles.push_back(key.get());
}

Ref<Token> verify_value(const Ref<Object>& value,
                        std::size_t number,
                        Violations& violations) {
  Ref<Token> token = cast<Token>(value);
  if (!token) {
    violations.add(fmt::format("key {} had a value of another type", number));
  } else if (!token->sound() || token->key() != number) {
    violations.add(fmt::format("key {} had the value {}", number, token->describe()));
    token.reset();
  }
  return token;
}

}  // namespace threadmill
