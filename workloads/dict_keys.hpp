// SPDX-License-Identifier: Apache-2.0
//
// The keys of the shared dicts, and what a value has to look like to belong to one.
//
// Even keys are strings, odd keys integers. A value is a Token whose key() is the key's
// number. Workers look keys up through the shared key object, through an equal one made
// for the occasion, or (strings) through a string_view, so that identity never decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/runtime.hpp"
#include "workloads/census.hpp"
#include "workloads/support.hpp"

namespace threadmill {

class DictKeys {
 public:
  void make_keys(std::size_t count);

  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] const Ref<Object>& key(std::size_t number) const {
    return keys_[number];
  }
  [[nodiscard]] Ref<Object> equal_key(std::size_t number) const;
  // The key's number; size() if it is none of these keys.
  [[nodiscard]] std::size_t number_of(const Ref<Object>& key) const;

  [[nodiscard]] Ref<Object> look_up(const Dict& dict,
                                    std::size_t number,
                                    Random& random) const;

  void roots(std::vector<Object*>& handles) const;
  void drop() { keys_.clear(); }

 private:
  std::vector<Ref<Object>> keys_;
  std::vector<std::string> names_;  // of the string keys
};

// The value as a token; null, and a violation, if it does not belong to that key.
Ref<Token> verify_value(const Ref<Object>& value,
                        std::size_t number,
                        Violations& violations);

}  // namespace threadmill
