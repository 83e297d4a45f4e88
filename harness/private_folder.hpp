// SPDX-License-Identifier: Apache-2.0
//
// PrivateFolder: a new folder that nobody else can guess or enter, for files that pass
// between processes. It is removed at the end of its scope, with all that is in it.
#pragma once

#include <string>

namespace threadmill {

class PrivateFolder {
 public:
  PrivateFolder();  // throws UsageError
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace threadmill
