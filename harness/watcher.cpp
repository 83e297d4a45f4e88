// SPDX-License-Identifier: Apache-2.0
#include "harness/watcher.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "harness/interrupt.hpp"
#include "harness/numbers.hpp"

namespace threadmill {
namespace {

Clock::duration ticks(Seconds seconds) {
  return std::chrono::duration_cast<Clock::duration>(seconds);
}

std::string counters_of(const std::vector<WorkerSample>& samples) {
  std::string text;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    text += fmt::format("  worker {}: {} operations, {}\n", i,
                        with_thousands(samples[i].completed),
                        samples[i].finished ? "returned" : "has not returned");
  }
  return text;
}

}  // namespace

Watcher::Watcher(RunState& state,
                 const Limits& limits,
                 Emergency& emergency,
                 std::function<void(const Sample&)> on_sample)
    : state_(state),
      limits_(limits),
      emergency_(emergency),
      on_sample_(std::move(on_sample)),
      began_(Clock::now()) {}

void Watcher::watch() {
  View view{Stage::preparing, began_, {}};
  while (view.stage != Stage::done) {
    view = state_.wait(view.stage, next_look(view, Clock::now()));
    look(view, Clock::now());
  }
}

std::optional<Check> Watcher::progress() const {
  if (!progress_) return std::nullopt;
  return progress_->check();
}

void Watcher::look(const View& view, Clock::time_point now) {
  sample_.stage = view.stage;
  if (view.stage == Stage::running) look_at_workers(view, now);
  judge_stage(view, now);
  on_sample_(sample_);
}

void Watcher::look_at_workers(const View& view, Clock::time_point now) {
  const std::vector<WorkerSample> samples = state_.crew().samples();
  sample_.running = now - view.began;
  sample_.operations = 0;
  for (const WorkerSample& worker : samples) sample_.operations += worker.completed;
  emergency_.note_progress(sample_.running.count(), sample_.operations);
  prepared_and_ran_ = now - began_;
  if (!progress_) {
    const auto workers = static_cast<unsigned>(samples.size());
    progress_.emplace(workers, limits_.progress_window, view.began);
  }
  if (told_to_stop_) return;  // from here on workers may stand still
  progress_->observe(samples, now);
  if (now >= view.stop_at || interrupted()) tell_to_stop(now);
}

void Watcher::tell_to_stop(Clock::time_point now) {
  state_.crew().stop();
  told_to_stop_ = now;
}

void Watcher::judge_stage(const View& view, Clock::time_point now) {
  if (view.stage == Stage::done) return;
  if (view.stage == Stage::running) {
    if (told_to_stop_ && now - *told_to_stop_ > limits_.worker_grace)
      end_workers_hang();
    return;
  }
  const Seconds limit = limit_of(view.stage);
  if (now - view.began > limit) end_stage_hang(view.stage, limit);
}

Clock::time_point Watcher::next_look(const View& view, Clock::time_point now) const {
  const Clock::time_point next = now + ticks(limits_.sample);
  const bool will_stop = view.stage == Stage::running && !told_to_stop_;
  return will_stop ? std::min(next, view.stop_at) : next;
}

Seconds Watcher::limit_of(Stage stage) const {
  if (stage == Stage::preparing) return limits_.preparation;
  return limits_.conclusion + limits_.conclusion_factor * prepared_and_ran_;
}

void Watcher::end_workers_hang() {
  const std::vector<WorkerSample> samples = state_.crew().samples();
  const auto missing = std::count_if(samples.begin(), samples.end(),
                                     [](const WorkerSample& s) { return !s.finished; });
  const std::string counters = "\n" + counters_of(samples);
  std::fwrite(counters.data(), 1, counters.size(), stderr);
  emergency_.end(Verdict::hang, "watchdog",
                 fmt::format("{} of {} workers did not return within {:.0f} s of being "
                             "told to stop",
                             missing, samples.size(), limits_.worker_grace.count()));
}

void Watcher::end_stage_hang(Stage stage, Seconds limit) {
  emergency_.end(Verdict::hang, "watchdog",
                 fmt::format("stage {} did not end within {:.0f} s", name_of(stage),
                             limit.count()));
}

}  // namespace threadmill
