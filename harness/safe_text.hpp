// SPDX-License-Identifier: Apache-2.0
//
// SafeText: text on its way to a descriptor, put together without allocation, locks or
// formatting, so that a process that dies can still say why. Async-signal-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace threadmill {

class SafeText {
 public:
  explicit SafeText(int descriptor) noexcept : descriptor_(descriptor) {}
  SafeText(const SafeText&) = delete;
  SafeText& operator=(const SafeText&) = delete;
  ~SafeText() { flush(); }

  SafeText& put(std::string_view text) noexcept;
  // Foreign text within JSON quotes, or on one line: no byte of it means anything there.
  SafeText& put_harmless(std::string_view text) noexcept;
  SafeText& put_number(std::uint64_t value) noexcept;
  SafeText& put_hexadecimal(std::uint64_t value) noexcept;

  // What fits into the buffer leaves in one write, so that what other threads print does
  // not come between.
  void flush() noexcept;

 private:
  SafeText& put_digits(std::uint64_t value, unsigned base) noexcept;

  const int descriptor_;
  std::array<char, 2048> bytes_{};
  std::size_t used_ = 0;
};

}  // namespace threadmill
