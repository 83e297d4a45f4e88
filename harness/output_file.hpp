// SPDX-License-Identifier: Apache-2.0
//
// OutputFile: a file that is either written whole or left as it was.
//
// The constructor finds out whether the path can be written, before a long run starts.
// A regular file is written beside the target, under a name that nobody can guess, and
// renamed over it. What is no regular file (a device, a pipe, /dev/stdout) is opened at
// once and written directly.
//
// begin(), append() and commit() are async-signal-safe: a crash handler writes the last
// results through them. They return 0, or an errno.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace threadmill {

class OutputFile {
 public:
  // `option`: what the user gave the path to, for messages. Throws UsageError: one line
  // that names both and what is wrong.
  OutputFile(std::string option, std::string path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  [[nodiscard]] int begin() noexcept;
  [[nodiscard]] int append(const char* bytes, std::size_t size) noexcept;
  [[nodiscard]] int commit() noexcept;

  // All three. Throws UsageError, and then the target is as it was.
  void write(std::string_view text);

  // True for /dev/stdout: then the text for people belongs on stderr.
  [[nodiscard]] bool is_stdout() const { return is_stdout_; }
  [[nodiscard]] const std::string& option() const { return option_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  // Both would be written to the same place.
  [[nodiscard]] bool clashes_with(const OutputFile& other) const;

 private:
  void open_directly();
  void try_beside();
  void discard() noexcept;
  [[noreturn]] void refuse(const char* doing, int error) const;

  const std::string option_;
  const std::string path_;  // as given, for messages
  std::string target_;      // links resolved, so that a link is not replaced by a file
  std::string temporary_;   // empty: written directly
  bool is_stdout_ = false;
  int descriptor_ = -1;
};

}  // namespace threadmill
