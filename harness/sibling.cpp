// SPDX-License-Identifier: Apache-2.0
#include "harness/sibling.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "harness/child_process.hpp"
#include "harness/descriptor.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "runtime/base/build_info.hpp"
#include "runtime/base/config.hpp"

namespace threadmill {

namespace {

std::filesystem::path this_executable() {
  std::error_code ignored;  // then it is called as everybody calls it
  const auto path = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return path.empty() ? "threadmill" : path;
}

std::string path_of(const char* sibling) {
  std::string name = program_name();
  if (*sibling != '\0') name += std::string("-") + sibling;
  return (this_executable().parent_path() / name).string();
}

bool is_executable(const std::string& path) {
  return ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::string program_name() {
  std::string name = this_executable().filename().string();
  for (const std::string_view sibling : {"-faults", "-atomic", "-locked"}) {
    if (name.ends_with(sibling)) {
      name.resize(name.size() - sibling.size());
      break;
    }
  }
  return name;
}

bool is_variant() {
  return !kFaults &&
         this_executable().filename() == program_name() + "-" + build_info().refcount;
}

bool has_sibling(const char* sibling) { return is_executable(path_of(sibling)); }

std::vector<std::string> siblings_beginning_with(const char* prefix) {
  const std::string begin = program_name() + "-" + prefix;
  std::vector<std::string> names;
  std::error_code error;  // then none is seen
  for (std::filesystem::directory_iterator at(this_executable().parent_path(), error),
       end;
       !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool is_one = name.size() > begin.size() && name.starts_with(begin) &&
                        at->is_regular_file(error) &&
                        is_executable(at->path().string());
    if (is_one) names.push_back(name.substr(begin.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string sibling_executable(const char* sibling, const char* what) {
  std::string path = path_of(sibling);
  if (!is_executable(path)) {
    throw UsageError(fmt::format("{} '{}', which is not there; build all targets", what,
                                 printable(path)));
  }
  return path;
}

std::string output_of(const std::string& executable,
                      const std::vector<std::string>& arguments) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  std::vector<std::string> words = {executable};
  words.insert(words.end(), arguments.begin(), arguments.end());
  ChildProcess child(executable, std::move(words), {.stdout_to = writing.number()});
  writing.close();
  std::string text = read_all(reading.number());
  return child.wait().status == 0 ? text : std::string();
}

void become_sibling(const char* sibling, const char* what, char** words) {
  const std::string path = sibling_executable(sibling, what);
  ::execv(path.c_str(), words);
  throw UsageError(
      fmt::format("'{}' cannot be started: {}", printable(path), std::strerror(errno)));
}

}  // namespace threadmill
