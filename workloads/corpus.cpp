// SPDX-License-Identifier: Apache-2.0
//
// Walking folders and opening files so that no entry can hurt; see corpus.hpp.
#include "workloads/corpus.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "workloads/workload.hpp"

#ifndef THREADMILL_SOURCE_DIR
#define THREADMILL_SOURCE_DIR ""
#endif

namespace threadmill {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLicences = "/usr/share/common-licenses";
// Not all: under a sanitizer a pass has to end within a second or two.
constexpr const char* kOwnFolders[] = {"runtime", "workloads"};
constexpr const char* kNoText = "data";  // within one of those
constexpr int kFoldersAboveExecutable = 4;

[[nodiscard]] std::string error_text(int error) {
  return std::generic_category().message(error);
}

[[nodiscard]] std::string kind_of(mode_t mode) {
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  if (S_ISDIR(mode)) return "a folder";
  return "not a regular file";
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

[[nodiscard]] int open_once(int folder, const std::string& path, int flags) {
  int file = -1;
  do {
    file = ::openat(folder, path.c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  } while (file < 0 && errno == EINTR);
  return file;
}

// Opens a path of any length, the folders of one that is too long for one call in pieces.
// -1 and errno if it cannot.
[[nodiscard]] int open_path(std::string_view path, int flags) {
  Descriptor folder(AT_FDCWD);
  while (path.size() >= PATH_MAX) {
    const std::size_t slash = path.rfind('/', PATH_MAX - 2);
    if (slash == std::string_view::npos || slash == 0) break;
    const std::string piece(path.substr(0, slash));
    Descriptor next(open_once(folder.number(), piece, O_PATH | O_DIRECTORY));
    if (next.number() < 0) return -1;
    folder = std::move(next);
    path.remove_prefix(slash + 1);
  }
  return open_once(folder.number(), std::string(path), flags);
}

class FolderStream {
 public:
  explicit FolderStream(int file) : stream_(file < 0 ? nullptr : ::fdopendir(file)) {
    if (stream_ == nullptr && file >= 0) ::close(file);
  }
  ~FolderStream() {
    if (stream_ != nullptr) ::closedir(stream_);
  }
  FolderStream(const FolderStream&) = delete;
  FolderStream& operator=(const FolderStream&) = delete;

  [[nodiscard]] bool opened() const { return stream_ != nullptr; }
  [[nodiscard]] int number() const { return ::dirfd(stream_); }

  // Null at the end, and with errno set if the folder cannot be read further.
  [[nodiscard]] const char* next() {
    errno = 0;
    // a stream of its own: readdir is safe
    const dirent* entry = ::readdir(stream_);  // NOLINT(concurrency-mt-unsafe)
    return entry == nullptr ? nullptr : entry->d_name;
  }

 private:
  DIR* stream_;
};

class Walk {
 public:
  [[nodiscard]] Corpus take_corpus() { return std::move(corpus_); }

  void add_input(const std::string& input) {
    struct stat status {};
    const Descriptor file(open_path(input, O_RDONLY));
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
      refuse(input, error_text(errno));
    }
    const std::size_t first = corpus_.documents.size();
    if (S_ISREG(status.st_mode)) {
      add_file(input);
    } else if (S_ISDIR(status.st_mode)) {
      walk_folders(input);
    } else {
      refuse(input, "it is " + kind_of(status.st_mode));
    }
    std::sort(corpus_.documents.begin() + static_cast<std::ptrdiff_t>(first),
              corpus_.documents.end(),
              [](const Document& a, const Document& b) { return a.path < b.path; });
  }

 private:
  [[noreturn]] static void refuse(const std::string& input, const std::string& why) {
    throw InputError(
        fmt::format("input '{}' cannot be read: {}; name a file or folder that can",
                    escaped(input), why));
  }

  void skip(std::string path, std::string reason) {
    corpus_.skipped.push_back({std::move(path), std::move(reason)});
  }

  void walk_folders(const std::string& top) {
    std::vector<std::string> waiting{top};
    while (!waiting.empty()) {
      const std::string path = std::move(waiting.back());
      waiting.pop_back();
      // only the input itself may be a link
      const int link = path == top ? 0 : O_NOFOLLOW;
      FolderStream folder(open_path(path, O_RDONLY | O_DIRECTORY | link));
      if (!folder.opened()) {
        skip(path, "folder cannot be opened: " + error_text(errno));
        continue;
      }
      while (const char* name = folder.next()) {
        if (std::strcmp(name, ".") != 0 && std::strcmp(name, "..") != 0) {
          visit(folder.number(), path, name, waiting);
        }
      }
      if (errno != 0) skip(path, "folder cannot be read further: " + error_text(errno));
    }
  }

  void visit(int folder,
             const std::string& folder_path,
             const char* name,
             std::vector<std::string>& waiting) {
    std::string path = folder_path;
    if (!path.ends_with('/')) path += '/';
    path += name;
    struct stat status {};
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      skip(std::move(path), "cannot be examined: " + error_text(errno));
      return;
    }
    const bool is_link = S_ISLNK(status.st_mode);
    if (is_link && ::fstatat(folder, name, &status, 0) != 0) {
      skip(std::move(path), "symbolic link to nowhere: " + error_text(errno));
    } else if (S_ISREG(status.st_mode)) {
      add_file(std::move(path));
    } else if (S_ISDIR(status.st_mode) && !is_link) {
      waiting.push_back(std::move(path));
    } else {
      skip(std::move(path),
           (is_link ? "symbolic link to " : "") + kind_of(status.st_mode));
    }
  }

  void add_file(std::string path) {
    const DocumentReader reader(path);
    if (reader.trouble().empty()) {
      corpus_.documents.push_back({std::move(path), reader.state()});
    } else {
      skip(std::move(path), reader.trouble());
    }
  }

  Corpus corpus_;
};

// All but kNoText.
void add_entries(const fs::path& folder, std::vector<std::string>& inputs) {
  std::error_code error;
  std::vector<std::string> entries;
  for (fs::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().filename() != kNoText) entries.push_back(at->path());
  }
  std::sort(entries.begin(), entries.end());
  inputs.insert(inputs.end(), entries.begin(), entries.end());
}

// A folder that happens to have a tests/ is not this project.
[[nodiscard]] bool is_own_root(const fs::path& root) {
  std::error_code error;
  return fs::is_regular_file(root / "runtime" / "runtime.hpp", error);
}

void add_own_folders(const fs::path& root, std::vector<std::string>& inputs) {
  if (!is_own_root(root)) return;
  std::error_code error;
  for (const char* name : kOwnFolders) {
    const fs::path folder = root / name;
    if (!fs::is_directory(folder, error)) continue;
    if (fs::is_directory(folder / kNoText, error)) {
      add_entries(folder, inputs);
    } else {
      inputs.push_back(folder);
    }
  }
}

// Where the project was built from, or else the folders above the executable, or else the
// current one.
[[nodiscard]] std::vector<fs::path> likely_roots() {
  std::vector<fs::path> roots{THREADMILL_SOURCE_DIR};
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (int i = 0; i < kFoldersAboveExecutable && !folder.empty(); ++i) {
    folder = folder.parent_path();
    roots.push_back(folder);
  }
  roots.emplace_back(".");
  return roots;
}

}  // namespace

Corpus find_documents(const std::vector<std::string>& inputs) {
  Walk walk;
  for (const std::string& input : inputs) walk.add_input(input);
  return walk.take_corpus();
}

std::vector<std::string> default_inputs() {
  std::vector<std::string> inputs;
  for (const fs::path& root : likely_roots()) {
    if (inputs.empty()) add_own_folders(root, inputs);
  }
  std::error_code error;
  if (fs::is_directory(kLicences, error)) inputs.emplace_back(kLicences);
  if (inputs.empty()) {
    throw InputError(
        fmt::format("no input: neither the project's own folders nor {} were found; "
                    "name a folder of "
                    "text files with --input",
                    kLicences));
  }
  return inputs;
}

std::string find_own_file(const std::string& name) {
  std::error_code error;
  for (const fs::path& root : likely_roots()) {
    if (is_own_root(root) && fs::is_regular_file(root / name, error)) {
      return root / name;
    }
  }
  return {};
}

std::string escaped(std::string_view name) {
  std::string text;
  for (const char byte : name) {
    if (byte == '\n') {
      text += "\\n";
    } else if (byte == '\t') {
      text += "\\t";
    } else if (byte == '\\') {
      text += "\\\\";
    } else if (byte >= ' ' && byte <= '~') {
      text += byte;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
  }
  return text;
}

DocumentReader::DocumentReader(const std::string& path) {
  Descriptor file(open_path(path, O_RDONLY));
  struct stat status {};
  if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
    starved_ = errno == EMFILE || errno == ENFILE;
    trouble_ = "cannot be opened: " + error_text(errno);
  } else if (!S_ISREG(status.st_mode)) {
    trouble_ = kind_of(status.st_mode);
  } else {
    file_ = file.release();
  }
}

DocumentReader::~DocumentReader() {
  if (file_ >= 0) ::close(file_);
}

FileState DocumentReader::state() const {
  struct stat status {};
  if (file_ < 0 || ::fstat(file_, &status) != 0) return {};
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

std::size_t DocumentReader::read(std::span<char> block) {
  if (file_ < 0) return 0;
  ssize_t count = -1;
  do {
    count = ::read(file_, block.data(), block.size());
  } while (count < 0 && errno == EINTR);
  if (count >= 0) return static_cast<std::size_t>(count);
  trouble_ = "cannot be read: " + error_text(errno);
  return 0;
}

}  // namespace threadmill
