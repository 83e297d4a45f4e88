// SPDX-License-Identifier: Apache-2.0
//
// Director: the thread of a run that uses the runtime. It takes one workload from
// prepare() to drop() and records what the oracles found at quiescence.
//
//   heap-verifier   the heap is whole: for every object, edges = counts
//   leak-check      after drop() and a collection, as many objects live as before
//   held-memory     nothing but them is held then, and inboxes are empty before
//
// An exception of the workload is a failed check, unless it says that the input or the
// usage is bad: that is kept for whoever started the run. What the workload holds is
// dropped in any case, because handles must not outlive their runtime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>

#include "harness/options.hpp"
#include "harness/report.hpp"
#include "harness/run_state.hpp"
#include "harness/time_budget.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class Director {
 public:
  // `record` is called on the director's thread with each check.
  Director(const WorkloadInfo& info,
           const StressOptions& options,
           const TimeShare& share,
           RunState& state,
           RunResult& result,
           std::function<void(Check)> record);

  void direct() noexcept;  // the body of its thread; ends in stage done

  // After its thread was joined
  void rethrow_bad_usage() const;
  [[nodiscard]] Clock::time_point teardown_began() const { return teardown_began_; }

 private:
  void take_through_stages();
  void prepare_run_check(Workload& workload, Runtime& runtime);
  void run_crew(Workload& workload, Runtime& runtime);
  void verify_heap(const Workload& workload, Runtime& runtime);
  void check_leaks(Runtime& runtime, std::uint64_t live_before);
  void measure_waits(Runtime& runtime);
  void check_held_memory(Runtime& runtime);
  void guarded(const std::function<void()>& part);

  const WorkloadInfo& info_;
  const StressOptions& options_;
  const TimeShare share_;
  RunState& state_;
  RunResult& result_;
  const std::function<void(Check)> record_;
  std::size_t inbox_entries_at_rest_ = 0;  // once all workers had left
  std::exception_ptr bad_usage_;
  Clock::time_point teardown_began_;
};

}  // namespace threadmill
