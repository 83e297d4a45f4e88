// SPDX-License-Identifier: Apache-2.0
//
// StackTrace: where a thread stands, taken by a process that may be about to die, and
// made readable by one that is not.
//
// A frame as text is "SYMBOL+0x12 (FILE+0x3456)", with the linker's name of the symbol,
// or only the parentheses where there is none; `addr2line -e FILE 0x3456` has the line.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "harness/safe_text.hpp"

namespace threadmill {

class StackTrace {
 public:
  // Loads what taking one needs, which later cannot be loaded any more.
  static void prepare() noexcept;

  // Of the calling thread. `from`: an address in the first frame that matters, null for
  // all of them; so a signal handler leaves out its own. Async-signal-safe.
  void take(const void* from) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  void put_frame(SafeText& out, std::size_t index) const noexcept;

 private:
  static constexpr std::size_t kMostFrames = 48;

  std::array<void*, kMostFrames> frames_{};
  std::size_t size_ = 0;
};

// The frame with the symbol as C++ calls it.
[[nodiscard]] std::string demangled(std::string_view frame);

}  // namespace threadmill
