// SPDX-License-Identifier: Apache-2.0
#include "harness/safe_text.hpp"

#include <unistd.h>

#include <cerrno>

namespace threadmill {

SafeText& SafeText::put(std::string_view text) noexcept {
  for (const char c : text) {
    if (used_ == bytes_.size()) flush();
    bytes_[used_++] = c;
  }
  return *this;
}

SafeText& SafeText::put_harmless(std::string_view text) noexcept {
  for (const char c : text) {
    const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    put(plain ? std::string_view(&c, 1) : (c == '"' ? "'" : "?"));
  }
  return *this;
}

SafeText& SafeText::put_number(std::uint64_t value) noexcept {
  return put_digits(value, 10);
}

SafeText& SafeText::put_hexadecimal(std::uint64_t value) noexcept {
  return put("0x").put_digits(value, 16);
}

SafeText& SafeText::put_digits(std::uint64_t value, unsigned base) noexcept {
  std::array<char, 20> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value > 0);
  return put({&digits[at], digits.size() - at});
}

void SafeText::flush() noexcept {
  std::string_view rest(bytes_.data(), used_);
  used_ = 0;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace threadmill
