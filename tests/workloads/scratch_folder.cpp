// SPDX-License-Identifier: Apache-2.0
//
// Making and removing what scratch_folder.hpp describes.
#include "tests/workloads/scratch_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace threadmill {
namespace {

void must_succeed(bool success, const std::string& what) {
  if (!success) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

ScratchFolder::ScratchFolder()
    : path_(std::filesystem::temp_directory_path() / "threadmill-test-XXXXXX") {
  must_succeed(::mkdtemp(path_.data()) != nullptr, path_);
}

ScratchFolder::~ScratchFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::string ScratchFolder::path(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

void ScratchFolder::folder(std::string_view name) const {
  must_succeed(::mkdir(path(name).c_str(), 0700) == 0, path(name));
}

void ScratchFolder::file(std::string_view name, std::string_view content) const {
  std::ofstream stream(path(name), std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + path(name));
}

void ScratchFolder::link(std::string_view name, const std::string& target) const {
  must_succeed(::symlink(target.c_str(), path(name).c_str()) == 0, path(name));
}

void ScratchFolder::fifo(std::string_view name) const {
  must_succeed(::mkfifo(path(name).c_str(), 0600) == 0, path(name));
}

void ScratchFolder::socket(std::string_view name) const {
  must_succeed(::mknod(path(name).c_str(), S_IFSOCK | 0600, 0) == 0, path(name));
}

void ScratchFolder::remove(std::string_view name) const {
  std::filesystem::remove_all(path(name));
}

std::string ScratchFolder::deep_file(std::size_t depth,
                                     std::string_view content) const {
  const std::string name(200, 'd');
  std::string deep = path_;
  int folder = ::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (std::size_t i = 0; i < depth; ++i) {
    must_succeed(::mkdirat(folder, name.c_str(), 0700) == 0, name);
    const int next = ::openat(folder, name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    ::close(folder);
    folder = next;
    deep += "/" + name;
  }
  const int file = ::openat(folder, "deep", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ::close(folder);
  must_succeed(file >= 0, deep);
  const bool written = ::write(file, content.data(), content.size()) ==
                       static_cast<ssize_t>(content.size());
  ::close(file);
  must_succeed(written, deep);
  return deep + "/deep";
}

}  // namespace threadmill
