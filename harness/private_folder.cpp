// SPDX-License-Identifier: Apache-2.0
#include "harness/private_folder.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <stdlib.h>

#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill {

PrivateFolder::PrivateFolder() {
  std::error_code error;
  path_ = (std::filesystem::temp_directory_path(error) / "threadmill-XXXXXX").string();
  if (!error && ::mkdtemp(path_.data()) != nullptr) return;
  throw UsageError(
      fmt::format("a folder for temporary files cannot be made in '{}': {}; set TMPDIR",
                  printable(std::filesystem::path(path_).parent_path().string()),
                  error ? error.message() : std::strerror(errno)));
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;  // what is left there harms nobody
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace threadmill
