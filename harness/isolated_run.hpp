// SPDX-License-Identifier: Apache-2.0
//
// IsolatedRun: one workload in a process of its own, which is this program once more
// (supervised_run.hpp is its side). Whatever becomes of that process, there is a result.
//
//   what it told                 the result is
//   that it has ended            what it says; `exit` failed if it then died nevertheless
//   why it dies                  that verdict, with the last steps that were seen
//   nothing, and it is gone      crash: it was killed, or left with a status of its own,
//                                as under a sanitizer
//   nothing for too long         hang: even its watcher stands still; it is killed
#pragma once

#include <optional>
#include <string>

#include "harness/child_process.hpp"
#include "harness/descriptor.hpp"
#include "harness/options.hpp"
#include "harness/report.hpp"
#include "harness/run_message.hpp"
#include "harness/throughput.hpp"
#include "harness/time_budget.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class IsolatedRun {
 public:
  // Throws UsageError if the machine gives no process.
  IsolatedRun(const WorkloadInfo& info,
              const StressOptions& options,
              const TimeShare& share);

  // Readable when there is something to receive().
  [[nodiscard]] int descriptor() const { return channel_.ours.number(); }
  // False: there is nothing more, it is time to finish().
  [[nodiscard]] bool receive();

  void ask_to_stop();  // it ends with the results so far
  // It was silent while it was waited for, so long. Time that nobody watched, as when
  // the machine slept, is not to be counted.
  void note_silence(Seconds duration);

  [[nodiscard]] const WorkloadInfo& workload() const { return info_; }
  [[nodiscard]] const TimeShare& share() const { return share_; }
  [[nodiscard]] const Sample& sample() const { return sample_; }  // the last one

  struct Outcome {
    RunResult result;
    std::optional<Clock::time_point> teardown_began;  // empty: it died
    std::string refusal;  // not empty: no result, but one line for the user
  };
  [[nodiscard]] Outcome finish();

 private:
  struct Ends {
    Ends();
    Descriptor ours;
    Descriptor its;

   private:
    explicit Ends(const std::pair<int, int>& numbers);
  };

  void take(Message message);
  void take_line(std::string_view line);
  void add_what_its_end_says(const ChildProcess::End& end);
  void fail(Verdict verdict, std::string oracle, std::string detail);

  const WorkloadInfo& info_;
  const TimeShare share_;
  Ends channel_;
  ChildProcess process_;
  std::string unread_;  // the beginning of a line
  Seconds silent_{0};
  Sample sample_;
  Throughput throughput_;
  RunResult run_;  // planned, with the checks so far; at the end, all of it
  std::optional<Clock::time_point> teardown_began_;  // set: it has told that it ended
  std::optional<LastWord> last_word_;
  std::vector<std::string> stack_;
  std::string refusal_;
};

}  // namespace threadmill
