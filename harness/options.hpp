// SPDX-License-Identifier: Apache-2.0
//
// What a command line asks for, after it was understood and its values were checked.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/shard.hpp"

namespace threadmill {

// Bad usage: exit status 2. The text is one line: what, where, what to do.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ListOptions {
  bool json = false;
  bool faults_only = false;  // what the normal executable asks of threadmill-faults
};

struct VersionOptions {
  bool json = false;
};

struct OutputPaths {  // empty: none
  std::string json;
  std::string html;
  std::string junit;
  std::string trace{};  // of stress only
};

struct MergeOptions {
  std::vector<std::string> paths;  // of reports
  OutputPaths outputs;
};

struct DoctorOptions {
  bool json = false;
};

struct FaultsOptions {
  std::vector<std::string> patterns;  // shell patterns of their names; none: all
  double seconds = 12;                // of each fault with each instrument
  std::uint64_t seed = 1;
  OutputPaths outputs;  // no JUnit
};

struct BenchOptions {  // of models that take turns
  std::string models = "all";
  std::uint64_t repetitions = 5;
  bool quick = false;
  std::string threads;             // for the benchmarks; empty: as they like
  std::string json;                // the merged results; empty: not kept
  bool json_to_stdout = false;     // and the table to stderr
  std::vector<std::string> flags;  // of Google Benchmark, for each process
};

struct CompareOptions {
  std::vector<std::string> paths;
  std::string models;                // of one file, with commas between them; or "all"
  std::optional<double> fail_above;  // percent
  bool cpu_time = false;             // instead of real_time
};

struct ReportOptions {
  std::string folder;
  std::string page;
};

struct StressOptions {
  std::string program = "threadmill";  // as users call it
  std::vector<std::string> patterns;   // shell patterns of workload names; none: all
  Shard shard;                         // of the workloads that they select
  unsigned threads = 0;                // workers of each workload
  double seconds = 60;                 // budget of the whole run
  std::uint64_t operations = 0;        // per worker; 0: until time is up
  std::uint64_t seed = 0;
  std::vector<std::string> inputs;
  OutputPaths outputs;
  std::string baseline;           // path of an earlier report; empty: none
  double fail_below = 0;          // ratio to it that is a failure; 0: none
  std::string refcount;           // the variant of the runtime; empty: this one
  std::string fault;              // empty: none
  std::optional<unsigned> chaos;  // level; none: that of the fault, if any
  std::optional<bool>
      reuses_late;             // dead blocks wait; none: as chaos or the build has it
  unsigned jobs = 1;           // workloads at once
  std::uint64_t repeat = 1;    // rounds; 0: until something wrong is found
  bool until_failure = false;  // end with the first round that finds something
  bool coverage = false;       // watch accesses; see watch/access_watch.hpp
  bool pin = false;            // each worker to a processor ...
  unsigned pin_from = 0;       // ... the first one to this, among those allowed
  bool in_process = false;     // workloads run in this process
  bool timeline = false;       // of each run, for a trace
  std::uint64_t memory_limit = 0;  // resident bytes of one workload; 0: the default
  std::string supervision;  // empty: started by a user; else see supervised_run.hpp
};

}  // namespace threadmill
