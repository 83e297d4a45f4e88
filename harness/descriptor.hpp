// SPDX-License-Identifier: Apache-2.0
//
// Descriptor: an open file of the kernel's, closed at the end of its scope.
#pragma once

#include <unistd.h>

#include <string>
#include <utility>

namespace threadmill {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}  // -1: none
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int number() const { return number_; }

  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

// From where it stands to the end, or to an error.
[[nodiscard]] std::string read_all(int descriptor);

}  // namespace threadmill
