// SPDX-License-Identifier: Apache-2.0
//
// The corpus: which files a workload reads, and how it reads them.
//
// Folders are walked to any depth. What is not a regular file, and what cannot be opened
// or read, is skipped and listed with the reason. A symbolic link to a file stands for the
// file; one to a folder is not followed, so that no loop of links is walked. Nothing is
// ever opened in a way that could block: a FIFO or a device that takes the place of a file
// between the look and the opening is opened non-blocking, recognised and closed.
//
// Names are bytes. For people they are escaped (see escaped()).
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace threadmill {

// Tells whether a file is still the one that was read before.
struct FileState {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileState&, const FileState&) = default;
};

struct Document {
  std::string path;
  FileState state;
};

struct Skipped {
  std::string path;
  std::string reason;
};

struct Corpus {
  std::vector<Document> documents;  // per input in byte order of the paths
  std::vector<Skipped> skipped;
};

// Throws InputError if an input itself is no file or folder that can be opened.
[[nodiscard]] Corpus find_documents(const std::vector<std::string>& inputs);

// The project's own folders, but for workloads/data, which holds no text, and the system's
// licences, as far as they are found. Throws InputError if none is.
[[nodiscard]] std::vector<std::string> default_inputs();

// Where the project's own file `name`, such as "workloads/data/x.heap", is. Empty: it is
// not found.
[[nodiscard]] std::string find_own_file(const std::string& name);

// Printable ASCII, whatever the bytes: \n, \t, \\ and \xHH.
[[nodiscard]] std::string escaped(std::string_view name);

// Reads one regular file from begin to end.
class DocumentReader {
 public:
  explicit DocumentReader(const std::string& path);
  ~DocumentReader();
  DocumentReader(const DocumentReader&) = delete;
  DocumentReader& operator=(const DocumentReader&) = delete;

  // Empty as long as everything went well.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  // The file may well be readable: there was no file descriptor left for it.
  [[nodiscard]] bool starved() const { return starved_; }

  [[nodiscard]] FileState state() const;
  // How many bytes of `block` were filled; 0 at the end, or when there is trouble.
  [[nodiscard]] std::size_t read(std::span<char> block);

 private:
  int file_ = -1;
  bool starved_ = false;
  std::string trouble_;
};

}  // namespace threadmill
