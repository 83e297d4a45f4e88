// SPDX-License-Identifier: Apache-2.0
#include "harness/sibling.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "harness/child_process.hpp"
#include "harness/descriptor.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill {

std::string sibling_executable(const char* name, const char* what) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string path = (self.parent_path() / name).string();
  if (error || ::access(path.c_str(), X_OK) != 0) {
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

void become_sibling(const char* name, const char* what, char** words) {
  const std::string path = sibling_executable(name, what);
  ::execv(path.c_str(), words);
  throw UsageError(
      fmt::format("'{}' cannot be started: {}", printable(path), std::strerror(errno)));
}

}  // namespace threadmill
