// SPDX-License-Identifier: Apache-2.0
#include "harness/director.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "harness/emergency.hpp"
#include "harness/held_memory_oracle.hpp"
#include "harness/latency_oracle.hpp"
#include "harness/numbers.hpp"
#include "harness/summary.hpp"
#include "harness/watch/access_watch.hpp"

namespace threadmill {
namespace {

ChaosSettings chaos_of(const StressOptions& options, std::uint64_t seed) {
  ChaosSettings chaos;
  chaos.seed = seed;
  chaos.level = options.chaos.value_or(options.fault.empty() ? 0 : 1);
  if (options.reuses_late)
    chaos.reuses_late = *options.reuses_late;
  else if (options.chaos.value_or(0) != 0)
    chaos.reuses_late = Random(seed).below(2) != 0;
  return chaos;
}

// For as long as the watcher may look at it.
class NotedRuntime {
 public:
  NotedRuntime(RunState& state, const Runtime& runtime) : state_(state) {
    state_.note_runtime(&runtime);
  }
  ~NotedRuntime() { state_.note_runtime(nullptr); }

  NotedRuntime(const NotedRuntime&) = delete;
  NotedRuntime& operator=(const NotedRuntime&) = delete;

 private:
  RunState& state_;
};

// From before the first worker to after the last; where accesses cannot be watched, the
// command does not come to here.
class WatchedAccesses {
 public:
  explicit WatchedAccesses(bool wanted) : wanted_(wanted) {
    if constexpr (watch::kWatched) {
      if (wanted_) watch::begin();
    }
  }
  WatchedAccesses(const WatchedAccesses&) = delete;
  WatchedAccesses& operator=(const WatchedAccesses&) = delete;
  ~WatchedAccesses() {
    if constexpr (watch::kWatched) watch::end();
  }

  [[nodiscard]] std::optional<PairCoverage> coverage() const {
    if constexpr (watch::kWatched) {
      watch::end();
      if (wanted_) return coverage_of(watch::seen());
    }
    return std::nullopt;
  }

 private:
  const bool wanted_;
};

// What it did where; empty: nothing.
std::string chaos_text(const Runtime& runtime) {
  const auto disturbances = runtime.disturbances();
  std::string text;
  for (std::size_t i = 0; i < disturbances.size(); ++i) {
    if (disturbances[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                        name_of(static_cast<ChaosPoint>(i)),
                        with_thousands(disturbances[i]));
  }
  return text;
}

// What it made most of; empty: nothing.
std::string allocations_text(Runtime& runtime) {
  struct Made {
    const char* type = nullptr;
    AllocationCount count;
  };
  constexpr std::size_t kMost = 6;
  std::vector<Made> made(kMaxTypes);
  runtime.for_each_allocation_count(
      [&made](SlotId, TypeId type, const AllocationCount& count) {
        if (detail::type_table[type] == nullptr) return;
        made[type].type = detail::type_table[type]->name;
        made[type].count += count;
      });
  std::sort(made.begin(), made.end(),
            [](const Made& a, const Made& b) { return a.count.made > b.count.made; });
  std::string text;
  for (std::size_t i = 0; i < kMost && made[i].count.made != 0; ++i) {
    text += fmt::format("{}{} {} ({} at the end)", text.empty() ? "" : ", ",
                        made[i].type, with_thousands(made[i].count.made),
                        with_thousands(made[i].count.live()));
  }
  return text;
}

}  // namespace

Director::Director(const WorkloadInfo& info,
                   const StressOptions& options,
                   const TimeShare& share,
                   RunState& state,
                   RunResult& result,
                   std::function<void(Check)> record)
    : info_(info),
      options_(options),
      share_(share),
      state_(state),
      result_(result),
      record_(std::move(record)),
      teardown_began_(Clock::now()) {}

void Director::direct() noexcept {
  const AlternateStack stack;
  state_.note_director();
  guarded([this] { take_through_stages(); });
  state_.enter(Stage::done);
}

void Director::rethrow_bad_usage() const {
  if (bad_usage_ != nullptr) std::rethrow_exception(bad_usage_);
}

void Director::take_through_stages() {
  Runtime::Options settings;
  settings.chaos = chaos_of(options_, result_.workload_seed);
  const std::unique_ptr<Runtime> runtime = Runtime::create(settings);
  if (runtime == nullptr) {
    throw UsageError("not enough memory for a runtime; raise the limit (ulimit -v)");
  }
  const Attached attached(*runtime);
  if (!attached)
    throw UsageError("not enough memory for the first thread of a runtime");
  const NotedRuntime noted(state_, *runtime);
  const std::uint64_t live_before = runtime->live_objects();
  const std::unique_ptr<Workload> workload = info_.make();
  guarded([&] { prepare_run_check(*workload, *runtime); });
  state_.enter(Stage::releasing);
  guarded([&] { workload->drop(); });
  check_leaks(*runtime, live_before);
  check_held_memory(*runtime);
}

void Director::prepare_run_check(Workload& workload, Runtime& runtime) {
  workload.prepare(runtime, {options_.threads, result_.workload_seed, options_.inputs});
  run_crew(workload, runtime);
  state_.enter(Stage::checking);
  measure_waits(runtime);
  CheckList checks;
  workload.check(checks);
  for (const CheckResult& check : checks.results()) {
    record_(
        {check.name, check.verified, check.passed, check.detail, CheckedBy::workload});
  }
  for (const Fact& fact : workload.facts()) {
    result_.facts.emplace_back(fact.name, fact.value);
  }
  if (std::string text = allocations_text(runtime); !text.empty())
    result_.facts.emplace_back(kObjectsMade, std::move(text));
  if (std::string text = chaos_text(runtime); !text.empty())
    result_.facts.emplace_back("chaos", std::move(text));
  verify_heap(workload, runtime);  // after check(): roots() are what is held then
}

void Director::run_crew(Workload& workload, Runtime& runtime) {
  const std::uint64_t limit =
      options_.operations == 0 ? Worker::kNoLimit : options_.operations;
  Crew& crew = state_.make_crew(workload, runtime, options_.threads,
                                result_.workload_seed, limit);
  if (options_.pin) crew.bind_to_processors(options_.pin_from);
  state_.note_start_line();
  const WatchedAccesses accesses(options_.coverage);
  crew.start();
  const Clock::time_point start = Clock::now();
  const Clock::time_point stop_at = share_.stop_at(start);
  state_.start_running(start, stop_at);
  crew.join();
  const Clock::time_point end = Clock::now();
  teardown_began_ = std::min(stop_at, end);
  result_.seconds = Seconds(end - start).count();
  result_.coverage = accesses.coverage();

  const std::vector<WorkerSample> samples = crew.samples();
  result_.minimum_operations = samples.front().completed;
  for (const WorkerSample& sample : samples) {
    result_.operations += sample.completed;
    result_.minimum_operations = std::min(result_.minimum_operations, sample.completed);
    result_.maximum_operations = std::max(result_.maximum_operations, sample.completed);
  }
}

void Director::verify_heap(const Workload& workload, Runtime& runtime) {
  std::vector<Object*> roots;
  workload.roots(roots);
  const HeapReport heap = runtime.verify(roots);
  const bool whole = heap.violations == 0;
  record_({"heap-verifier", heap.objects + heap.edges, whole,
           whole ? ""
                 : fmt::format("{} violations; the first: {}", heap.violations,
                               heap.message)});
}

void Director::check_leaks(Runtime& runtime, std::uint64_t live_before) {
  (void)runtime.gc().collect();
  const std::uint64_t live = runtime.live_objects();
  record_({"leak-check", 1, live == live_before,
           live == live_before
               ? ""
               : fmt::format("{} objects live after everything was dropped, {} before",
                             live, live_before)});
}

// First inboxes: a pause ends by merging what is in them.
void Director::measure_waits(Runtime& runtime) {
  safepoint();  // this thread's own
  inbox_entries_at_rest_ = runtime.held_memory().inbox_entries;
  const Latencies latencies = runtime.latencies();
  result_.latencies = latencies_for_report(latencies);
  result_.most_pauses_to_attach = latencies.most_pauses_to_attach;
}

void Director::check_held_memory(Runtime& runtime) {
  // What died after the first collection had looked goes back at this one.
  (void)runtime.gc().collect();
  const HeldMemory held = runtime.held_memory();
  result_.held = {held.most_retired_bytes, held.longest_inbox,
                  held.most_pages * kPageBytes};
  record_(judge_held_memory(held, inbox_entries_at_rest_));
}

// Bad usage ends the run; any other exception of a workload is a finding.
void Director::guarded(const std::function<void()>& part) {
  try {
    part();
  } catch (const InputError&) {
    if (bad_usage_ == nullptr) bad_usage_ = std::current_exception();
  } catch (const UsageError&) {
    if (bad_usage_ == nullptr) bad_usage_ = std::current_exception();
  } catch (const std::exception& error) {
    record_({"exception", 1, false, error.what()});
  }
}

}  // namespace threadmill
