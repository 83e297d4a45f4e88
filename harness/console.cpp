// SPDX-License-Identifier: Apache-2.0
#include "harness/console.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "harness/options.hpp"

namespace threadmill {
namespace {

constexpr std::string_view kEraseLine = "\r\x1b[K";

bool colour_wanted() {
  const char* no_colour = std::getenv("NO_COLOR");
  return no_colour == nullptr || *no_colour == '\0';
}

std::size_t width_of(std::FILE* terminal) {
  winsize size{};
  if (::ioctl(::fileno(terminal), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return 80;
  return size.ws_col;
}

}  // namespace

Console::Console(std::FILE* stream)
    : stream_(stream),
      is_terminal_(::isatty(::fileno(stream)) == 1),
      has_colour_(is_terminal_ && colour_wanted()) {}

void Console::print(std::string_view text) {
  erase_live();
  errno = 0;
  std::fwrite(text.data(), 1, text.size(), stream_);
  if (std::fflush(stream_) != 0 && errno != EPIPE) failed_ = true;
}

void Console::live(std::string_view text) {
  if (!is_terminal_) return;
  erase_live();
  text = text.substr(0, width_of(stream_) - 1);
  std::fwrite(text.data(), 1, text.size(), stream_);
  std::fflush(stream_);
  live_shown_ = true;
}

void Console::finish() {
  erase_live();
  if (failed_) {
    throw UsageError(
        "stdout: what was printed could not be written; is the disk full?");
  }
}

void Console::erase_live() {
  if (!live_shown_) return;
  std::fwrite(kEraseLine.data(), 1, kEraseLine.size(), stream_);
  std::fflush(stream_);
  live_shown_ = false;
}

}  // namespace threadmill
