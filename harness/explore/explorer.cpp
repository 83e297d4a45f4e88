// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/explorer.hpp"

#include <ctime>

#include <fmt/format.h>

#include "harness/explore/dfs.hpp"
#include "harness/explore/pct.hpp"
#include "harness/explore/pos.hpp"
#include "harness/explore/random_walk.hpp"
#include "harness/explore/shrink.hpp"
#include "harness/explore/trace_text.hpp"
#include "harness/explore/urw.hpp"

namespace threadmill::explore {

SearchClock::time_point SearchClock::now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return time_point(std::chrono::seconds(time.tv_sec) +
                    std::chrono::nanoseconds(time.tv_nsec));
}

const std::vector<std::string>& strategy_names() {
  static const std::vector<std::string> names{"random", "pct", "pos", "urw", "dfs"};
  return names;
}

std::unique_ptr<Strategy> make_strategy(const SearchOptions& options) {
  if (options.strategy == "random") return std::make_unique<RandomWalk>(options.seed);
  if (options.strategy == "pct")
    return std::make_unique<Pct>(options.seed, options.depth);
  if (options.strategy == "pos") return std::make_unique<Pos>(options.seed);
  if (options.strategy == "urw") return std::make_unique<Urw>(options.seed);
  if (options.strategy == "dfs") return std::make_unique<Dfs>(options.preemptions);
  return nullptr;
}

namespace {

// One scenario, made anew for each execution or kept.
class Runner {
 public:
  explicit Runner(const ScenarioInfo& info) : info_(info) {
    if (info.allowed) outcomes_ = OutcomeTable(info.allowed(engine().memory_model()));
  }
  ~Runner() { engine().leave_out(0); }

  Outcome execute(Strategy& strategy, ThreadSet left_out) {
    Engine& the_engine = engine();
    the_engine.limits() = info_.limits;
    the_engine.leave_out(left_out);
    if (scenario_ == nullptr) scenario_ = info_.make();
    Outcome outcome = the_engine.execute(*scenario_, strategy);
    if (outcome.end != Outcome::End::passed) {
      (void)scenario_.release();  // no destructor of what was left where it stood
      return outcome;
    }
    // A test without one of its threads is another test.
    if (info_.allowed && left_out == 0) judge(outcome);
    if (info_.persists) return outcome;
    scenario_.reset();
    if (const std::size_t blocks = the_engine.live_blocks(); blocks != 0) {
      outcome.end = Outcome::End::failed;
      outcome.failure = {FailureKind::leak,
                         fmt::format("{} blocks of memory were never freed", blocks),
                         kNobody,
                         {},
                         outcome.steps};
    }
    return outcome;
  }

  [[nodiscard]] const OutcomeTable& outcomes() const noexcept { return outcomes_; }

 private:
  void judge(Outcome& outcome) {
    const std::string seen = scenario_->outcome();
    if (outcomes_.count(seen)) return;
    outcome.end = Outcome::End::failed;
    outcome.failure = {
        FailureKind::oracle, "forbidden outcome " + seen, kNobody, {}, outcome.steps};
  }

  const ScenarioInfo& info_;
  std::unique_ptr<Scenario> scenario_;
  OutcomeTable outcomes_;
};

// Empty: all that is allowed was seen.
std::string missing(const OutcomeTable& outcomes) {
  for (const OutcomeCount& row : outcomes.rows()) {
    if (row.allowed && row.count == 0)
      return fmt::format("missing outcome {}: allowed, but of no execution",
                         row.outcome);
  }
  return {};
}

Finding examine(const ScenarioInfo& info,
                const Outcome& outcome,
                const Schedule& schedule,
                bool shorter,
                const StopAsked& stop) {
  Finding finding;
  finding.kind = outcome.failure.kind;
  finding.found_operations = schedule.size();
  finding.found_switches = finding.switches = outcome.switches;
  finding.schedule = schedule;
  Replay again(schedule);
  const Outcome second = execute_once(info, again, 0, nullptr);
  finding.repeats = second.end == Outcome::End::failed &&
                    second.failure.kind == finding.kind &&
                    second.steps == outcome.steps;
  if (shorter && finding.repeats) shrink(info, finding, stop);
  std::vector<TraceStep> trace;
  Replay last(finding.schedule);
  const Outcome traced = execute_once(info, last, finding.left_out, &trace);
  const bool failed = traced.end == Outcome::End::failed;
  const Failure& failure = failed ? traced.failure : outcome.failure;
  finding.message = failure.message;
  finding.text = to_text(trace, info.make()->threads(), failure);
  return finding;
}

}  // namespace

Outcome execute_once(const ScenarioInfo& info,
                     Strategy& strategy,
                     ThreadSet left_out,
                     std::vector<TraceStep>* trace) {
  Engine& the_engine = engine();
  Runner runner(info);
  (void)strategy.begin();
  the_engine.record(trace != nullptr);
  Outcome outcome = runner.execute(strategy, left_out);
  the_engine.record(false);
  strategy.end();
  if (trace != nullptr) *trace = the_engine.trace();
  return outcome;
}

SearchResult search(const ScenarioInfo& info,
                    const SearchOptions& options,
                    const StopAsked& stop) {
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
        .count();
  };
  SearchResult result;
  result.scenario = info.name;
  result.strategy = options.strategy;
  result.seed = options.seed;
  engine().use(options.memory);
  const std::unique_ptr<Strategy> strategy = make_strategy(options);
  Recorder recorder(*strategy);
  CoverageWatch watch(recorder);
  Strategy& decides = options.coverage ? static_cast<Strategy&>(watch) : recorder;
  Runner runner(info);
  while ((options.iterations == 0 || result.executions < options.iterations) &&
         !stop()) {
    if (!decides.begin()) {
      result.exhausted = true;
      break;
    }
    const Outcome outcome = runner.execute(decides, 0);
    decides.end();
    ++result.executions;
    result.operations += outcome.steps;
    if (*recorder.complaint() != '\0') {
      result.complaint = recorder.complaint();
      break;
    }
    if (outcome.end == Outcome::End::given_up) ++result.given_up;
    if (outcome.end != Outcome::End::failed) continue;
    const double seconds = elapsed();
    result.finding = examine(info, outcome, recorder.schedule(), options.shrink, stop);
    result.finding->executions = result.executions;
    result.finding->seconds = seconds;
    break;
  }
  result.outcomes = runner.outcomes();
  result.pairs = watch.pairs();
  if (result.exhausted && !options.preemptions)
    result.complaint = missing(result.outcomes);
  result.claim = strategy->claim(result.executions);
  result.seconds = elapsed();
  return result;
}

}  // namespace threadmill::explore
