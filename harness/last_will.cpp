// SPDX-License-Identifier: Apache-2.0
#include "harness/last_will.hpp"

#include <unistd.h>

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace threadmill {
namespace {

// Bytes on their way to a descriptor, without allocation.
class SafeWriter {
 public:
  virtual ~SafeWriter() = default;
  virtual void put(std::string_view text) noexcept = 0;
};

// Leaves in one write, so that what other threads print does not come between.
class ToStderr final : public SafeWriter {
 public:
  void put(std::string_view text) noexcept override {
    for (const char c : text) {
      if (used_ == bytes_.size()) flush();
      bytes_[used_++] = c;
    }
  }

  void flush() noexcept {
    std::string_view rest(bytes_.data(), used_);
    used_ = 0;
    while (!rest.empty()) {
      const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (written <= 0) return;
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  std::array<char, 2048> bytes_{};
  std::size_t used_ = 0;
};

class ToFile final : public SafeWriter {
 public:
  explicit ToFile(OutputFile& file) : file_(file), error_(file.begin()) {}

  void put(std::string_view text) noexcept override {
    if (error_ == 0) error_ = file_.append(text.data(), text.size());
  }

  int finish() noexcept {
    if (error_ == 0) error_ = file_.commit();
    return error_;
  }

 private:
  OutputFile& file_;
  int error_;
};

void put_number(SafeWriter& out, std::uint64_t value) noexcept {
  std::array<char, 24> digits{};
  std::size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0);
  out.put({&digits[at], digits.size() - at});
}

void put_milliseconds(SafeWriter& out, double seconds) noexcept {
  const auto milliseconds = static_cast<std::uint64_t>(seconds * 1000);
  put_number(out, milliseconds / 1000);
  const std::array<char, 4> fraction = {
      '.', static_cast<char>('0' + milliseconds / 100 % 10),
      static_cast<char>('0' + milliseconds / 10 % 10),
      static_cast<char>('0' + milliseconds % 10)};
  out.put({fraction.data(), fraction.size()});
}

// Foreign text within JSON quotes, or on one line: no byte of it means anything there.
void put_harmless(SafeWriter& out, std::string_view text) noexcept {
  for (const char c : text) {
    const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    out.put(plain ? std::string_view(&c, 1) : (c == '"' ? "'" : "?"));
  }
}

void put_quoted(SafeWriter& out, std::string_view text) noexcept {
  out.put("\"");
  put_harmless(out, text);
  out.put("\"");
}

void fill(SafeWriter& out, std::string_view name, const Death& death) noexcept {
  const bool timed = death.seconds >= 0;
  if (name == blank::kVerdict) return put_quoted(out, name_of(death.verdict));
  if (name == blank::kOracle) return put_quoted(out, death.oracle);
  if (name == blank::kDetail) return put_quoted(out, death.detail);
  if (!timed) return out.put("null");
  if (name == blank::kSeconds) return put_milliseconds(out, death.seconds);
  if (name == blank::kOperations) return put_number(out, death.operations);
  const double rate =
      death.seconds > 0 ? static_cast<double>(death.operations) / death.seconds : 0;
  put_number(out, static_cast<std::uint64_t>(rate));
}

constexpr std::array kBlanks = {
    std::string_view(blank::kVerdict),    std::string_view(blank::kOracle),
    std::string_view(blank::kDetail),     std::string_view(blank::kSeconds),
    std::string_view(blank::kOperations), std::string_view(blank::kRate)};

// The blank that starts with the quote at the front of `text`; empty: none does. A part
// of another string is not taken for one, because there the quotes are escaped.
std::string_view blank_at(std::string_view text) noexcept {
  for (const std::string_view name : kBlanks) {
    if (text.size() < name.size() + 2 || text[name.size() + 1] != '"') continue;
    if (text.substr(1, name.size()) == name) return name;
  }
  return {};
}

void put_filled(SafeWriter& out, std::string_view text, const Death& death) noexcept {
  while (!text.empty()) {
    const std::size_t quote = text.find("\"@");
    out.put(text.substr(0, quote));
    if (quote == std::string_view::npos) return;
    text.remove_prefix(quote);
    const std::string_view name = blank_at(text);
    if (name.empty()) {
      out.put(text.substr(0, 1));
      text.remove_prefix(1);
    } else {
      fill(out, name, death);
      text.remove_prefix(name.size() + 2);
    }
  }
}

}  // namespace

void announce(const LastWill& will, const Death& death) noexcept {
  ToStderr out;
  if (::isatty(STDERR_FILENO) == 1) out.put("\r\x1b[K");  // there may be a live line
  out.put("threadmill: ");
  out.put(name_of(death.verdict));
  out.put(": workload ");
  out.put(will.workload);
  out.put(", oracle ");
  put_harmless(out, death.oracle);
  out.put(", seed ");
  out.put(will.seed);
  out.put(": ");
  put_harmless(out, death.detail);
  out.put("\nthreadmill: reproduce: ");
  out.put(will.reproduce);
  out.put("\n");
  out.flush();
}

int publish(const LastWill& will, const Death& death, OutputFile& file) noexcept {
  ToFile out(file);
  put_filled(out, will.json, death);
  return out.finish();
}

std::string to_memory_file(const LastWill& will) {
  return fmt::format("{}\n{}\n{}\n{}", will.workload, will.seed, will.reproduce,
                     will.json);
}

bool from_memory_file(std::string_view text, LastWill& will) {
  for (std::string* line : {&will.workload, &will.seed, &will.reproduce}) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    *line = std::string(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  will.json = std::string(text);
  return will.json.ends_with("}\n");
}

}  // namespace threadmill
