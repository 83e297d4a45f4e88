// SPDX-License-Identifier: Apache-2.0
//
// Executable: one of the programs under test, run as its users run it, in a folder where
// nothing else is.
#pragma once

#include <string>
#include <vector>

namespace threadmill {

struct Outcome {
  int status = -1;  // of exit; -1: a signal killed it
  int signal = 0;
  std::string out;
  std::string err;
  double seconds = 0;

  [[nodiscard]] std::size_t error_lines() const;
};

class Executable {
 public:
  // In the folder of this build's programs; or "../tests/name".
  explicit Executable(const std::string& name);

  // A program of the system, by its path.
  [[nodiscard]] static Executable of_system(std::string path);
  // The same, run in that folder.
  [[nodiscard]] Executable in(std::string folder) const;

  [[nodiscard]] bool exists() const;
  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] Outcome run(const std::vector<std::string>& arguments) const;

  // Sends `signal` as soon as `text` was printed on stdout.
  [[nodiscard]] Outcome run_and_signal(const std::vector<std::string>& arguments,
                                       const std::string& text,
                                       int signal) const;

  // Likewise on stderr. Returns when every process that it has started is gone, too.
  [[nodiscard]] Outcome run_all_and_signal(const std::vector<std::string>& arguments,
                                           const std::string& text,
                                           int signal) const;

 private:
  std::string path_;
  std::string folder_;
};

[[nodiscard]] bool built_with_sanitizers();

}  // namespace threadmill
