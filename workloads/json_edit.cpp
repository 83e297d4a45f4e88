// SPDX-License-Identifier: Apache-2.0
#include "workloads/json_edit.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kMostMembersPassed = 1000;  // to find one by its number

[[noreturn]] void refuse() {
  throw std::logic_error("a document's objects are not where they should be");
}

void descend(JsonPlace& place, Random& random) {
  Json& here = *place.value;
  JsonStep step;
  if (here.is_object()) {
    const std::size_t number = random.below(std::min(here.size(), kMostMembersPassed));
    const auto member = std::next(here.begin(), static_cast<std::ptrdiff_t>(number));
    step.key = member.key();
    place.value = &*member;
  } else {
    step.index = random.below(here.size());
    place.value = &here[step.index];
  }
  place.parent = &here;
  place.path.push_back(std::move(step));
}

[[nodiscard]] Ref<Object> child_of(const Ref<Object>& parent, const JsonStep& step) {
  Ref<Object> child;
  if (const Ref<Dict> dict = cast<Dict>(parent)) {
    child = dict->get(step.key);
  } else if (const Ref<List> list = cast<List>(parent)) {
    child = list->get(step.index);
  }
  if (!child) refuse();
  return child;
}

[[nodiscard]] Ref<Object> follow(Ref<Object> root,
                                 const JsonPlace& place,
                                 std::size_t steps) {
  for (std::size_t i = 0; i < steps; ++i) root = child_of(root, place.path[i]);
  return root;
}

}  // namespace

JsonPlace any_place(Json& root, Random& random) {
  JsonPlace place{{}, &root, nullptr};
  while (place.value->is_structured() && !place.value->empty() &&
         (place.path.empty() || random.below(4) != 0)) {
    descend(place, random);
  }
  return place;
}

JsonPlace any_container(Json& root, Random& random) {
  if (!root.is_structured()) return {};
  JsonPlace place{{}, &root, nullptr};
  while (!place.value->empty() && random.below(4) != 0) {
    JsonPlace next = place;
    descend(next, random);
    if (!next.value->is_structured()) break;
    place = std::move(next);
  }
  return place;
}

Json take_out(Json& parent, const JsonStep& step) {
  if (parent.is_object()) {
    Json value = std::move(parent[step.key]);
    parent.erase(step.key);
    return value;
  }
  std::swap(parent[step.index], parent.back());
  Json value = std::move(parent.back());
  parent.erase(parent.size() - 1);
  return value;
}

void insert(Json& container, const std::string& key, Json value) {
  if (container.is_object()) {
    container[key] = std::move(value);
  } else {
    container.push_back(std::move(value));
  }
}

Ref<Object> at(Ref<Object> root, const JsonPlace& place) {
  return follow(std::move(root), place, place.path.size());
}

Ref<Object> parent_of(Ref<Object> root, const JsonPlace& place) {
  return follow(std::move(root), place, place.path.size() - 1);
}

void set_at(const Ref<Object>& parent, const JsonStep& step, Ref<Object> value) {
  if (const Ref<Dict> dict = cast<Dict>(parent)) {
    must(dict->set(must(make<Str>(step.key)), std::move(value)));
  } else if (const Ref<List> list = cast<List>(parent)) {
    if (!list->set(step.index, std::move(value))) refuse();
  } else {
    refuse();
  }
}

Ref<Object> take_out(const Ref<Object>& parent, const JsonStep& step) {
  Ref<Object> value = child_of(parent, step);
  if (const Ref<Dict> dict = cast<Dict>(parent)) {
    if (!dict->erase(must(make<Str>(step.key)))) refuse();
    return value;
  }
  const Ref<List> list = cast<List>(parent);
  Ref<Object> last = list->get(list->size() - 1);
  if (!list->set(step.index, std::move(last))) refuse();
  list->pop().reset();
  return value;
}

void insert(const Ref<Object>& container, const std::string& key, Ref<Object> value) {
  if (const Ref<Dict> dict = cast<Dict>(container)) {
    must(dict->set(must(make<Str>(key)), std::move(value)));
  } else if (const Ref<List> list = cast<List>(container)) {
    must(list->append(std::move(value)));
  } else {
    refuse();
  }
}

}  // namespace threadmill
