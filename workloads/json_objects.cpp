// SPDX-License-Identifier: Apache-2.0
#include "workloads/json_objects.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr auto kLargestInt =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// What nlohmann's parser calls. The names are its own.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(const JsonBools& bools) : bools_(bools) {}

  [[nodiscard]] Ref<Object> take_root() { return std::move(root_); }

  bool null() { return add(none()); }
  bool boolean(bool value) { return add(bools_.of(value)); }
  bool number_integer(std::int64_t value) { return add(must(make<Int>(value))); }
  bool number_unsigned(std::uint64_t value) {
    if (value <= kLargestInt) return number_integer(static_cast<std::int64_t>(value));
    return add(must(make<Float>(static_cast<double>(value))));
  }
  bool number_float(double value, const std::string& /*text*/) {
    return add(must(make<Float>(value)));
  }
  bool string(const std::string& value) { return add(must(make<Str>(value))); }
  bool binary(const Json::binary_t& /*value*/) { return false; }  // never in a text

  bool start_object(std::size_t /*members*/) { return enter(must(make<Dict>())); }
  bool start_array(std::size_t /*elements*/) { return enter(must(make<List>())); }
  bool key(const std::string& name) {
    keys_.back() = must(make<Str>(name));
    return true;
  }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }

  bool parse_error(std::size_t /*at*/,
                   const std::string& /*token*/,
                   const Json::exception& /*error*/) {
    return false;
  }

 private:
  bool add(Ref<Object> value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (const Ref<Dict> dict = cast<Dict>(open_.back())) {
      must(dict->set(std::move(keys_.back()), std::move(value)));
    } else {
      must(cast<List>(open_.back())->append(std::move(value)));
    }
    return true;
  }

  bool enter(Ref<Object> container) {
    add(container);
    open_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }

  bool leave() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  const JsonBools& bools_;
  Ref<Object> root_;
  std::vector<Ref<Object>> open_;  // containers, from the root on
  std::vector<Ref<Str>> keys_;     // of each: of the member that comes next
};

void make_comparable(Json& value) {
  if (value.is_structured()) {
    for (Json& child : value) make_comparable(child);
  } else if (value.is_number_unsigned() && value.get<std::uint64_t>() > kLargestInt) {
    value = static_cast<double>(value.get<std::uint64_t>());
  }
}

[[nodiscard]] Ref<Object> copy_of_list(const List& list) {
  Ref<List> copy = must(make<List>());
  for (std::size_t i = 0; i < list.size(); ++i) {
    must(copy->append(copy_of(list.get(i))));
  }
  return copy;
}

[[nodiscard]] Ref<Object> copy_of_dict(const Dict& dict) {
  Ref<Dict> copy = must(make<Dict>());
  const Ref<List> items = must(dict.items());
  for (std::size_t i = 0; i + 1 < items->size(); i += 2) {
    must(copy->set(copy_of(items->get(i)), copy_of(items->get(i + 1))));
  }
  return copy;
}

[[nodiscard]] Json json_of_list(const List& list) {
  Json json = Json::array();
  for (std::size_t i = 0; i < list.size(); ++i) json.push_back(json_of(list.get(i)));
  return json;
}

[[nodiscard]] Json json_of_dict(const Dict& dict) {
  Json json = Json::object();
  const Ref<List> items = must(dict.items());
  for (std::size_t i = 0; i + 1 < items->size(); i += 2) {
    const Ref<Str> key = cast<Str>(items->get(i));
    if (!key) throw std::logic_error("a key is no string");
    json[std::string(key->view())] = json_of(items->get(i + 1));
  }
  return json;
}

}  // namespace

JsonBools JsonBools::create() {
  return {must(make<JsonBool>(true)), must(make<JsonBool>(false))};
}

Json parse_json(std::string_view text) {
  const auto watch = [](int depth, Json::parse_event_t event, Json& /*value*/) {
    const bool enters = event == Json::parse_event_t::object_start ||
                        event == Json::parse_event_t::array_start;
    if (enters && static_cast<std::size_t>(depth) >= kDeepestJson) {
      throw std::length_error("nested deeper than " + std::to_string(kDeepestJson));
    }
    return true;
  };
  Json value = Json::parse(text, watch);
  make_comparable(value);
  return value;
}

std::string json_text(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::size_t json_depth(const Json& value) {
  if (!value.is_structured()) return 0;
  std::size_t deepest = 0;
  for (const Json& child : value) deepest = std::max(deepest, json_depth(child));
  return deepest + 1;
}

Ref<Object> json_objects_of(std::string_view text, const JsonBools& bools) {
  ObjectBuilder builder(bools);
  if (!Json::sax_parse(text, &builder)) {
    throw std::logic_error("a text that was JSON is none now");
  }
  return builder.take_root();
}

Ref<Object> copy_of(const Ref<Object>& value) {
  safepoint();
  if (const Ref<Dict> dict = cast<Dict>(value)) return copy_of_dict(*dict);
  if (const Ref<List> list = cast<List>(value)) return copy_of_list(*list);
  if (const Ref<Str> text = cast<Str>(value)) return must(make<Str>(text->view()));
  if (const Ref<Int> whole = cast<Int>(value)) return must(make<Int>(whole->value()));
  if (const Ref<Float> number = cast<Float>(value)) {
    return must(make<Float>(number->value()));
  }
  return value;
}

Json json_of(const Ref<Object>& value) {
  safepoint();
  if (const Ref<Dict> dict = cast<Dict>(value)) return json_of_dict(*dict);
  if (const Ref<List> list = cast<List>(value)) return json_of_list(*list);
  if (const Ref<Str> text = cast<Str>(value)) return std::string(text->view());
  if (const Ref<Int> whole = cast<Int>(value)) return whole->value();
  if (const Ref<Float> number = cast<Float>(value)) return number->value();
  if (const Ref<JsonBool> truth = cast<JsonBool>(value)) return truth->value;
  if (value == none()) return nullptr;
  throw std::logic_error("an object is no JSON");
}

}  // namespace threadmill
