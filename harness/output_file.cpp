// SPDX-License-Identifier: Apache-2.0
#include "harness/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill {
namespace {

constexpr mode_t kReadableByAll = 0666;  // less the umask

// Where a write to `path` ends up. A link to a file that does not exist yet is followed
// by one step, as open() would.
std::string resolved(const std::string& path) {
  char buffer[PATH_MAX];
  if (::realpath(path.c_str(), buffer) != nullptr) return buffer;
  const ssize_t length = ::readlink(path.c_str(), buffer, sizeof buffer - 1);
  if (length <= 0) return path;
  const std::string link(buffer, static_cast<std::size_t>(length));
  if (link.front() == '/') return link;
  return path.substr(0, path.rfind('/') + 1) + link;
}

bool names_stdout(const std::string& path) {
  return path == "/dev/stdout" || path == "/dev/fd/1" || path == "/proc/self/fd/1";
}

}  // namespace

OutputFile::OutputFile(std::string option, std::string path)
    : option_(std::move(option)),
      path_(std::move(path)),
      target_(resolved(path_)),
      is_stdout_(names_stdout(path_)) {
  if (path_.empty())
    throw UsageError(option_ + " '': give the path of a file to write");
  struct stat status {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (is_stdout_ || (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))) {
    open_directly();
    return;
  }
  if (exists && S_ISDIR(status.st_mode)) refuse("cannot write", EISDIR);
  if (exists && ::access(target_.c_str(), W_OK) != 0) refuse("cannot write", errno);
  try_beside();
}

OutputFile::~OutputFile() { discard(); }

void OutputFile::open_directly() {
  if (is_stdout_) {
    descriptor_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  } else {
    // O_NONBLOCK: a pipe that nobody reads is an error now rather than a hang.
    descriptor_ =
        ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor_ >= 0) ::fcntl(descriptor_, F_SETFL, O_APPEND);
  }
  if (descriptor_ < 0) refuse("cannot open", errno);
}

// Makes a file beside the target and removes it: what can go wrong goes wrong now, and
// a run that is killed leaves nothing behind. Its random name is kept for begin().
void OutputFile::try_beside() {
  temporary_ = target_ + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary_.data(), O_CLOEXEC);
  if (descriptor < 0) refuse("cannot create a file there", errno);
  ::close(descriptor);
  ::unlink(temporary_.c_str());
}

int OutputFile::begin() noexcept {
  if (temporary_.empty()) return 0;
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                       kReadableByAll);
  return descriptor_ < 0 ? errno : 0;
}

int OutputFile::append(const char* bytes, std::size_t size) noexcept {
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      discard();
      return error;
    }
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return 0;
}

int OutputFile::commit() noexcept {
  const int closed = ::close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno;
  if (temporary_.empty()) return closed;
  const bool renamed =
      closed == 0 && ::rename(temporary_.c_str(), target_.c_str()) == 0;
  if (renamed) return 0;
  const int error = closed != 0 ? closed : errno;
  ::unlink(temporary_.c_str());
  return error;
}

void OutputFile::write(std::string_view text) {
  int error = begin();
  if (error == 0) error = append(text.data(), text.size());
  if (error == 0) error = commit();
  if (error != 0) refuse("cannot write it", error);
}

bool OutputFile::clashes_with(const OutputFile& other) const {
  if (is_stdout_ || other.is_stdout_) return is_stdout_ && other.is_stdout_;
  if (temporary_.empty() || other.temporary_.empty()) return false;
  std::error_code ignored;
  return std::filesystem::weakly_canonical(target_, ignored) ==
         std::filesystem::weakly_canonical(other.target_, ignored);
}

void OutputFile::refuse(const char* doing, int error) const {
  throw UsageError(fmt::format("{} '{}': {}: {}; give a path that can be written",
                               option_, printable(path_), doing, std::strerror(error)));
}

void OutputFile::discard() noexcept {
  if (descriptor_ < 0) return;
  ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

}  // namespace threadmill
