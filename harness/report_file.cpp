// SPDX-License-Identifier: Apache-2.0
#include "harness/report_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "harness/descriptor.hpp"
#include "harness/numbers.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostBytes = 32 << 20;
constexpr std::size_t kLongestText = 1 << 16;  // of a list of texts
constexpr int kDeepest = 16;                   // of brackets; a report has 5

}  // namespace

std::string content_of_file(const std::string& path) {
  // O_NONBLOCK: a pipe is not waited for.
  const Descriptor file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0)
    throw Unfit{std::strerror(errno)};
  if (!S_ISREG(status.st_mode)) throw Unfit{"it is no regular file"};
  std::string text;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t size = ::read(file.number(), bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw Unfit{std::strerror(errno)};
    if (size == 0) return text;
    text.append(bytes.data(), static_cast<std::size_t>(size));
    if (text.size() > kMostBytes)
      throw Unfit{"it is larger than " + with_byte_unit(kMostBytes)};
  }
}

Json any_json_in(const std::string& text) {
  const auto look = [](int depth, Json::parse_event_t, const Json&) {
    if (depth > kDeepest) throw Unfit{"its brackets are nested too deep"};
    return true;
  };
  Json json = Json::parse(text, look, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw Unfit{"it is not JSON"};
  return json;
}

namespace {

bool holds_text(const Json& value, std::size_t longest) {
  return value.is_string() && value.get_ref<const std::string&>().size() <= longest;
}

}  // namespace

Json json_in_file(const std::string& path) {
  Json json = any_json_in(content_of_file(path));
  if (!json.is_object() || !json.contains("schema"))
    throw Unfit{"it is JSON, but no report"};
  if (json["schema"] != 1)
    throw Unfit{"its schema is " + json["schema"].dump().substr(0, 20) +
                ", and this program reads 1"};
  return json;
}

void refuse_member(const char* name) {
  throw Unfit{fmt::format("its '{}' cannot be right", name)};
}

bool has(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && !found->is_null();
}

const Json& member(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) throw Unfit{fmt::format("it has no '{}'", name)};
  return *found;
}

const Json& object_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (!value.is_object()) refuse_member(name);
  return value;
}

const Json& list_member(const Json& object, const char* name) {
  const Json& list = member(object, name);
  const bool objects =
      list.is_array() && std::all_of(list.begin(), list.end(),
                                     [](const Json& each) { return each.is_object(); });
  if (!objects) refuse_member(name);
  return list;
}

std::string text_member(const Json& object, const char* name, std::size_t longest) {
  const Json& value = member(object, name);
  if (!holds_text(value, longest)) refuse_member(name);
  return value;
}

std::vector<std::string> texts_member(const Json& object, const char* name) {
  const Json& list = member(object, name);
  if (!list.is_array()) refuse_member(name);
  std::vector<std::string> texts;
  for (const Json& value : list) {
    if (!holds_text(value, kLongestText)) refuse_member(name);
    texts.push_back(value);
  }
  return texts;
}

std::uint64_t whole_member(const Json& object, const char* name, std::uint64_t most) {
  const Json& value = member(object, name);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
    refuse_member(name);
  return value;
}

double number_member(const Json& object, const char* name, double most) {
  const Json& value = member(object, name);
  const double number = value.is_number() ? value.get<double>() : -1;
  if (!(number >= 0 && number <= most)) refuse_member(name);
  return number;
}

bool flag_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (!value.is_boolean()) refuse_member(name);
  return value;
}

}  // namespace threadmill
