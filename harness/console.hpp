// SPDX-License-Identifier: Apache-2.0
//
// Console: the stream that people read. On a terminal its last line may be a live one,
// which is rewritten in place; elsewhere all lines are plain. Used by one thread.
#pragma once

#include <cstdio>
#include <string_view>

namespace threadmill {

class Console {
 public:
  explicit Console(std::FILE* stream);

  [[nodiscard]] bool is_terminal() const { return is_terminal_; }
  [[nodiscard]] bool has_colour() const { return has_colour_; }

  void print(std::string_view text);  // whole lines, above the live one
  void live(std::string_view text);   // on a terminal only; cut to its width

  // Throws UsageError if what was printed did not arrive, as on a full disk. (A reader
  // that went away, as `head` does, is no failure.)
  void finish();

 private:
  void erase_live();

  std::FILE* const stream_;
  const bool is_terminal_;
  const bool has_colour_;
  bool live_shown_ = false;
  bool failed_ = false;
};

}  // namespace threadmill
