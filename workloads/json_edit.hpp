// SPDX-License-Identifier: Apache-2.0
//
// The same change twice: to a document of runtime objects, and to nlohmann's value of it.
//
// A place is chosen in the value and found again, by its path, in the objects. What is
// taken out of an array leaves its place to the last element. What is inserted goes to an
// array's end, or under the key given, in the place of what was there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "workloads/json_objects.hpp"

namespace threadmill {

// From a container to one of its values.
struct JsonStep {
  std::string key;        // in an object
  std::size_t index = 0;  // in an array
};

struct JsonPlace {
  std::vector<JsonStep> path;  // from the root
  Json* value = nullptr;
  Json* parent = nullptr;  // null: it is the root
};

// Any value but the root; the root if there is no other.
[[nodiscard]] JsonPlace any_place(Json& root, Random& random);
// Any object or array; a value of null if the root is neither.
[[nodiscard]] JsonPlace any_container(Json& root, Random& random);

[[nodiscard]] Json take_out(Json& parent, const JsonStep& step);
void insert(Json& container, const std::string& key, Json value);

// The functions below throw std::logic_error if the objects are not what the place says,
// and OutOfMemory.
[[nodiscard]] Ref<Object> at(Ref<Object> root, const JsonPlace& place);
[[nodiscard]] Ref<Object> parent_of(Ref<Object> root, const JsonPlace& place);
void set_at(const Ref<Object>& parent, const JsonStep& step, Ref<Object> value);
[[nodiscard]] Ref<Object> take_out(const Ref<Object>& parent, const JsonStep& step);
void insert(const Ref<Object>& container, const std::string& key, Ref<Object> value);

}  // namespace threadmill
