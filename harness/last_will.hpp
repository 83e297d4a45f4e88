// SPDX-License-Identifier: Apache-2.0
//
// LastWill: what is to be said of a run that does not come to its end.
//
// A process that dies cannot be trusted to allocate, lock or format. So before anything
// can go wrong the whole report is written into memory, with blanks for what only the
// death decides, and whoever is there at the end fills them in and publishes it: the
// crash handler, a failed check on any thread, the watchdog, or - when a signal leaves
// nobody - the launcher, to which the will was lent through a memory file.
//
// A will is never changed after it was made. publish() is async-signal-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/output_file.hpp"
#include "harness/report.hpp"

namespace threadmill {

// The blanks, each a JSON string of its own in the text.
namespace blank {
inline constexpr const char* kVerdict = "@verdict@";
inline constexpr const char* kOracle = "@oracle@";
inline constexpr const char* kDetail = "@detail@";
inline constexpr const char* kSeconds = "@seconds@";  // filled with a number, or null
inline constexpr const char* kOperations = "@operations@";  // same
inline constexpr const char* kRate = "@rate@";              // same
}  // namespace blank

struct LastWill {
  std::string workload;
  std::string seed;       // as text
  std::string reproduce;  // the command line
  std::string json;       // the report with its blanks
};

// What the death decided.
struct Death {
  Verdict verdict = Verdict::crash;
  std::string_view oracle;
  std::string_view detail;
  double seconds = -1;  // below 0: not known
  std::uint64_t operations = 0;
};

// Two lines on stderr: what happened, and how to see it again.
void announce(const LastWill& will, const Death& death) noexcept;

// The report, its blanks filled. 0, or an errno.
[[nodiscard]] int publish(const LastWill& will,
                          const Death& death,
                          OutputFile& file) noexcept;

// Lending: the text that passes from the running process to its launcher.
[[nodiscard]] std::string to_memory_file(const LastWill& will);
[[nodiscard]] bool from_memory_file(std::string_view text, LastWill& will);

}  // namespace threadmill
