// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/scratch.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace threadmill {

Scratch::Scratch() {
  std::string folder = (std::filesystem::temp_directory_path() / "tm-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)
    throw std::runtime_error("no scratch folder");
  folder_ = folder;
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Scratch::path(const std::string& name) const {
  return (folder_ / name).string();
}

std::string Scratch::content(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Scratch::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
}

std::size_t Scratch::files() const {
  const std::filesystem::directory_iterator all(folder_);
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace threadmill
