// SPDX-License-Identifier: Apache-2.0
//
// One fault against one instrument: the executable that carries the fault is started as a
// user would start it, and its report is read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "harness/report_json.hpp"

namespace threadmill {

// Each needs another executable beside this one, or another memory model of it.
enum class Instrument : unsigned char { stress, tsan, asan, explore_sc, explore_rc11 };

[[nodiscard]] std::span<const Instrument> all_instruments();
[[nodiscard]] const char* name_of(Instrument instrument);

struct Detection {
  enum class State {
    detected,
    silent,   // the time was over, and nothing was wrong
    not_run,  // nothing of this fault's is for this instrument, or it is not here
  };

  State state = State::not_run;
  double seconds = 0;            // to the finding; of a silent one: how long it took
  std::uint64_t executions = 0;  // to the finding, of the explorer's; 0: not counted
  bool exhaustive = false;       // silent, and every execution of the scenario was seen
  std::string oracle;            // that saw it; of a sanitizer's report: its kind
  std::string reproduce;         // a command line
  std::string reason;            // of not_run
};

// What a workload is without any fault: given to an instrument like one, it shows whether
// what the instrument reports is the fault's doing.
[[nodiscard]] FaultEntry without_fault(const std::string& workload);
[[nodiscard]] bool is_without_fault(const FaultEntry& entry);

// The kind of the first report of a sanitizer in what a process printed, as in "data race"
// and "heap-use-after-free"; empty: there is none.
[[nodiscard]] std::string sanitizer_report_in(std::string_view text);

// As in "1.2 ms".
[[nodiscard]] std::string time_text(double seconds);

// Rounds of a few seconds of the fault's workload, or its scenario, until something is
// found or `seconds` are over. Throws UsageError if an executable cannot be started, or
// leaves no report that can be read.
[[nodiscard]] Detection detect(Instrument instrument,
                               const FaultEntry& fault,
                               double seconds,
                               std::uint64_t seed);

}  // namespace threadmill
