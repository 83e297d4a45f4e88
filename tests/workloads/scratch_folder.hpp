// SPDX-License-Identifier: Apache-2.0
//
// A folder of its own for one test, gone afterwards, and the odd things to put into it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace threadmill {

class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path(std::string_view name) const;

  // All of these throw if they fail. Names may hold slashes; the folders must be there.
  void folder(std::string_view name) const;
  void file(std::string_view name, std::string_view content) const;
  void link(std::string_view name, const std::string& target) const;
  void fifo(std::string_view name) const;
  void socket(std::string_view name) const;
  void remove(std::string_view name) const;

  // Folders within folders, `depth` of them, and in the last a file "deep". The path is
  // longer than one system call takes. Returns it.
  [[nodiscard]] std::string deep_file(std::size_t depth,
                                      std::string_view content) const;

 private:
  std::string path_;
};

}  // namespace threadmill
