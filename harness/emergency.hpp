// SPDX-License-Identifier: Apache-2.0
//
// Emergency: the way a run ends when it cannot end in order. While one exists (there is
// at most one in a process)
//   - a failed check of the runtime, on any thread, ends the process with verdict fail;
//   - a deadly signal, on any thread, ends it with verdict crash (not in sanitizer
//     builds, whose own reports say more);
//   - the watchdog ends it with verdict hang, by calling end().
// Each announces the last will, publishes it, and leaves with status 1. One thread does
// so; others that arrive meanwhile stop there for good.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/last_will.hpp"
#include "harness/output_file.hpp"

namespace threadmill {

class Emergency {
 public:
  // `file` may be null: no report was asked for. `lent_to`: the memory file of the
  // launcher, or -1.
  Emergency(OutputFile* file, int lent_to);
  Emergency(const Emergency&) = delete;
  Emergency& operator=(const Emergency&) = delete;
  ~Emergency();

  // From now on this is what to publish. A newer will takes the place of the older.
  void draw_up(LastWill will);
  // The run has come to its end, or its report is written: nothing is to be published.
  void revoke() noexcept;

  // For the report of a death: how far the run has come. Any thread.
  void note_progress(double seconds, std::uint64_t operations) noexcept;

  [[noreturn]] void end(Verdict verdict,
                        std::string_view oracle,
                        std::string_view detail) noexcept;

 private:
  void lend(std::string_view text) const noexcept;

  OutputFile* const file_;
  const int lent_to_;
  std::atomic<const LastWill*> will_{nullptr};
  std::vector<std::unique_ptr<LastWill>>
      drawn_up_;  // kept: another thread may read one
  std::atomic<double> seconds_{-1};
  std::atomic<std::uint64_t> operations_{0};
};

// While it exists, its thread can report even that its stack has overflowed.
class AlternateStack {
 public:
  AlternateStack();
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;
  ~AlternateStack();

 private:
  std::unique_ptr<char[]> memory_;  // null: a sanitizer has set up its own
};

}  // namespace threadmill
