// SPDX-License-Identifier: Apache-2.0
//
// Scratch: a fresh folder for one test, gone when the test is over.
#pragma once

#include <filesystem>
#include <string>

namespace threadmill {

class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  [[nodiscard]] std::string path(const std::string& name) const;
  [[nodiscard]] std::string content(const std::string& name) const;  // "": not there
  void write(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::size_t files() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace threadmill
