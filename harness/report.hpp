// SPDX-License-Identifier: Apache-2.0
//
// What a stress run found: a Report of RunResults of Checks, and the exit status that
// says it in one number. Knows nothing of the runtime, so that everything which prints
// or writes results is compiled once.
//
//   verdict      of one run
//   pass         every check passed, and the workload's own checks verified something
//   unverified   nothing failed, but the workload could compare nothing in its time
//   fail         a check or an oracle found something wrong
//   crash        the process died while the workload ran
//   hang         a worker or a stage did not come to its end
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/host.hpp"
#include "harness/site_pairs.hpp"

namespace threadmill {

enum class Verdict { pass, unverified, fail, crash, hang };  // from good to bad

enum class CheckedBy { workload, oracle };

struct Check {
  std::string name;
  std::uint64_t verified = 0;  // how many things were really compared
  bool passed = false;
  std::string detail;
  CheckedBy by = CheckedBy::oracle;
};

// How long something took (runtime/thread/latency.hpp), each time that it happened.
// Nanoseconds; percentiles are exact to a sixteenth.
struct Latency {
  struct Bucket {
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // exclusive
    std::uint64_t count = 0;
  };

  std::string name;  // stop, pause, attach
  std::uint64_t count = 0;
  std::uint64_t p50 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t max = 0;
  std::vector<Bucket> buckets;  // those that are not empty, ascending
};

// The most that a run ever held (runtime/memory/held.hpp).
struct HeldPeaks {
  std::uint64_t retired_bytes = 0;
  std::uint64_t inbox_entries = 0;  // merged at once
  std::uint64_t page_bytes = 0;
};

// What was last known of a run whose process died.
struct LastSteps {
  std::string stage;
  std::vector<std::uint64_t> operations;  // of each worker; empty: none had begun
  std::vector<std::string> stack;         // of the thread that died, where it could say
  std::vector<std::string> more;          // lines: what the oracle had to say besides
};

// Of all workers together, since the start line.
struct ThroughputPoint {
  double seconds = 0;
  std::uint64_t operations = 0;
};

// With --trace: what was so in a lane of the run's timeline (timeline.hpp).
struct TraceSpan {
  std::string lane;
  std::string name;
  std::int64_t from = 0;  // nanoseconds of the steady clock, which all processes share
  std::int64_t length = 0;  // likewise
};

struct RunResult {
  std::string workload;
  unsigned threads = 0;
  std::uint64_t seed = 0;           // what --seed takes to repeat the run
  std::uint64_t workload_seed = 0;  // derived from it and the workload's name
  double seconds = 0;               // from the start line to the last worker's return;
                                    // below 0: not known
  std::uint64_t operations = 0;
  std::uint64_t minimum_operations = 0;  // of the worker that did least
  std::uint64_t maximum_operations = 0;
  std::vector<Check> checks;
  Verdict verdict = Verdict::unverified;
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<Latency> latencies;           // empty: not known
  std::uint64_t most_pauses_to_attach = 0;  // that one wait to attach lasted
  std::optional<HeldPeaks> held;            // none: not known
  std::optional<PairCoverage> coverage;     // with --coverage
  std::vector<ThroughputPoint> throughput;  // over time; see throughput.hpp
  std::vector<TraceSpan> trace{};           // empty: not asked for, or its process died
  std::uint64_t resident_peak_bytes = 0;    // of its process; 0: not its own process
  std::optional<LastSteps> last_steps;      // its process died
  std::optional<double> baseline_ratio;  // operations per second now / in the baseline
  std::string reproduce;                 // a command line
};

// What was asked for, as far as results depend on it.
struct Settings {
  unsigned threads = 0;
  double seconds = 0;            // of each round
  std::uint64_t operations = 0;  // per worker; 0: until time is up
  unsigned jobs = 1;
  bool pin = false;
  std::string fault;              // empty: none
  std::optional<unsigned> chaos;  // level; none: that of the fault, if any
  std::optional<bool> reuses_late;
};

// The report held against an earlier one; see baseline.hpp.
struct Comparison {
  std::string baseline;                  // its path
  double fail_below = 0;                 // 0: no ratio is a failure
  std::vector<std::string> differences;  // of machine, build and settings, in words
  std::vector<std::string> worse;    // workloads whose verdict became worse, in words
  std::vector<std::string> missing;  // workloads that are not in the baseline
};

struct Report {
  Host host;
  Build build;
  Settings settings;
  std::int64_t began = 0;      // seconds since 1970, UTC
  double elapsed_seconds = 0;  // from the start of the process to its results
  std::uint64_t seed = 0;
  std::uint64_t rounds = 0;  // that were begun
  std::string shard;         // as in 2/8; empty: it is the whole
  std::vector<RunResult> runs;
  std::uint64_t resident_peak_bytes = 0;    // of the process that had most
  std::vector<std::string> missing_shards;  // of a merged report, as in 2/8
  std::vector<std::string> differences;     // between merged reports, in words
  std::optional<Comparison> comparison;     // with --baseline
  std::vector<std::string> not_run;         // selected, but the time was over
  std::string refusal;  // one line: bad input or usage, which ended the run
  bool interrupted = false;
};

enum class ExitStatus : int {
  well = 0,
  wrong = 1,
  bad_usage = 2,
  nothing_said = 3,
  interrupted = 130,
};

// The same for people, below the help of a command.
inline constexpr const char* kExitStatuses =
    "Exit status: 0 all well; 1 something wrong was found; 2 bad usage or input;\n"
    "3 time ran out before anything could be said; 130 interrupted, nothing found.";

[[nodiscard]] const char* name_of(Verdict verdict);
// The same in a sentence.
[[nodiscard]] const char* meaning_of(Verdict verdict);
// Empty: no verdict is called so.
[[nodiscard]] std::optional<Verdict> verdict_named(std::string_view name);

[[nodiscard]] Verdict verdict_of(const std::vector<Check>& checks);
[[nodiscard]] Verdict verdict_of(const Report& report);  // the worst of its runs
[[nodiscard]] ExitStatus exit_status_of(const Report& report);
// Why the workloads in `not_run` were not.
[[nodiscard]] std::string why_not_run(const Report& report);

[[nodiscard]] double operations_per_second(const RunResult& run);
[[nodiscard]] std::uint64_t total_verified(const RunResult& run);

}  // namespace threadmill
