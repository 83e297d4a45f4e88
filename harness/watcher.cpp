// SPDX-License-Identifier: Apache-2.0
#include "harness/watcher.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "harness/host.hpp"
#include "harness/numbers.hpp"

namespace threadmill {
namespace {

Clock::duration ticks(Seconds seconds) {
  return std::chrono::duration_cast<Clock::duration>(seconds);
}

// Time that nobody watched, as when the machine slept, is not the workers' fault.
constexpr Seconds kLongestStep{0.5};

std::size_t returned_in(const std::vector<WorkerSample>& workers) {
  return static_cast<std::size_t>(
      std::count_if(workers.begin(), workers.end(),
                    [](const WorkerSample& worker) { return worker.finished; }));
}

}  // namespace

Watcher::Watcher(RunState& state,
                 const Limits& limits,
                 Emergency& emergency,
                 OnSample on_sample)
    : state_(state),
      limits_(limits),
      emergency_(emergency),
      on_sample_(std::move(on_sample)),
      began_(Clock::now()),
      last_look_(began_) {}

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
  judge_memory();
  judge_stage(view, now);
  if (now - last_look_ > limits_.sample + kLongestStep) unwatched_ += now - last_look_;
  const bool go_on = on_sample_(sample_);
  if (!go_on && view.stage == Stage::running) tell_to_stop();
  last_look_ = now;
}

void Watcher::look_at_workers(const View& view, Clock::time_point now) {
  sample_.workers = state_.crew().samples();
  sample_.running = now - view.began;
  sample_.operations = 0;
  for (const WorkerSample& worker : sample_.workers)
    sample_.operations += worker.completed;
  prepared_and_ran_ = now - began_;
  if (!progress_) {
    const auto workers = static_cast<unsigned>(sample_.workers.size());
    progress_.emplace(workers, limits_.progress_window, view.began);
  }
  if (told_to_stop_) return;  // from here on workers may stand still
  progress_->observe(sample_.workers, now, processors_.since_last_look(now));
  if (now >= view.stop_at) tell_to_stop();
}

void Watcher::tell_to_stop() {
  state_.crew().stop();
  told_to_stop_ = true;
}

void Watcher::judge_memory() {
  if (limits_.memory_bytes == 0) return;
  const std::uint64_t resident = resident_bytes();
  if (resident <= limits_.memory_bytes) return;
  const std::string detail = fmt::format(
      "{} of memory are resident, and the limit is {}; --memory-limit sets another",
      with_byte_unit(resident), with_byte_unit(limits_.memory_bytes));
  emergency_.end({Verdict::fail, "memory-limit", detail});
}

void Watcher::judge_stage(const View& view, Clock::time_point now) {
  switch (view.stage) {
    case Stage::preparing:
      return require_end_of(view, now, limits_.preparation);
    case Stage::running:
      return judge_workers(now);
    case Stage::checking:
    case Stage::releasing:
      standstill_.observe(std::array{state_.director()}, now);
      return require_end_of(
          view, now,
          limits_.conclusion + limits_.conclusion_factor * prepared_and_ran_);
    case Stage::done:
      return;
  }
}

void Watcher::judge_workers(Clock::time_point now) {
  standstill_.observe(state_.crew().at_work(), now);
  if (!told_to_stop_) {
    // They will not come to the end of their time either: why wait for it?
    if (standstill_.lasted() > limits_.progress_window) tell_to_stop();
    return;
  }
  const std::size_t returned = returned_in(sample_.workers);
  const Seconds step = std::min(Seconds(now - last_look_), kLongestStep);
  none_returned_ = returned == returned_ ? none_returned_ + step : Seconds(0);
  returned_ = returned;
  if (standstill_.lasted() > limits_.standstill) {
    end_workers_hang(fmt::format("all threads have been asleep for {:.0f} s",
                                 standstill_.lasted().count()));
  }
  if (none_returned_ > limits_.worker_grace) {
    end_workers_hang(
        fmt::format("none of them has within {:.0f} s", limits_.worker_grace.count()));
  }
}

Clock::time_point Watcher::next_look(const View& view, Clock::time_point now) const {
  const Clock::time_point next = now + ticks(limits_.sample);
  const bool will_stop = view.stage == Stage::running && !told_to_stop_;
  return will_stop ? std::min(next, view.stop_at) : next;
}

void Watcher::end_workers_hang(const std::string& why) {
  const std::vector<WorkerSample>& workers = sample_.workers;
  const std::string detail = fmt::format(
      "{} of {} workers have not returned since they were told to stop, and {}",
      workers.size() - returned_in(workers), workers.size(), why);
  emergency_.end({Verdict::hang, "watchdog", detail}, state_.who_waits_for_whom());
}

void Watcher::require_end_of(const View& view, Clock::time_point now, Seconds limit) {
  std::string detail;
  if (now - view.began > limit) {
    detail = fmt::format("stage {} did not end within {:.0f} s", name_of(view.stage),
                         limit.count());
  } else if (standstill_.lasted() > limits_.standstill) {
    detail =
        fmt::format("stage {} does not end: all threads have been asleep for {:.0f} s",
                    name_of(view.stage), standstill_.lasted().count());
  } else {
    return;
  }
  emergency_.end({Verdict::hang, "watchdog", detail}, state_.who_waits_for_whom());
}

}  // namespace threadmill
