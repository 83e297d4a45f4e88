// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/shrink.hpp"

#include <algorithm>
#include <utility>

namespace threadmill::explore {
namespace {

class Shrinker {
 public:
  Shrinker(const ScenarioInfo& info, Finding& finding, const StopAsked& stop)
      : info_(info), finding_(finding), stop_(stop) {}

  void shrink() {
    leave_out_threads();
    shorten();
    while (remove_preemption() && !stop_()) {
    }
    plain_picks();
  }

 private:
  struct Result {
    bool fails;
    Schedule schedule;  // as it was made
    std::uint32_t switches;
  };

  Result attempt(const Schedule& wish, ThreadSet left_out) {
    Replay replay(wish);
    Recorder recorder(replay);
    const Outcome outcome = execute_once(info_, recorder, left_out, nullptr);
    const bool fails =
        outcome.end == Outcome::End::failed && outcome.failure.kind == finding_.kind;
    return {fails, recorder.schedule(), outcome.switches};
  }

  void keep(Result result, ThreadSet left_out) {
    finding_.schedule = std::move(result.schedule);
    finding_.switches = result.switches;
    finding_.left_out = left_out;
  }

  void leave_out_threads() {
    const unsigned threads = info_.make()->threads();
    for (unsigned t = 0; t < threads && !stop_(); ++t) {
      const auto without = static_cast<ThreadSet>(finding_.left_out | 1u << t);
      Result result = attempt(finding_.schedule, without);
      if (result.fails && makes_sense(without)) keep(std::move(result), without);
    }
  }

  // What a scenario expects may need the thread, whatever the order.
  [[nodiscard]] bool makes_sense(ThreadSet left_out) {
    const Schedule nobody_is_preempted;
    Replay replay(nobody_is_preempted);
    return execute_once(info_, replay, left_out, nullptr).end != Outcome::End::failed;
  }

  // The shortest beginning after which it fails if nobody is preempted any more.
  void shorten() {
    for (std::size_t length = 0; length < finding_.schedule.size() && !stop_();
         ++length) {
      const Schedule beginning(
          finding_.schedule.begin(),
          finding_.schedule.begin() + static_cast<std::ptrdiff_t>(length));
      Result result = attempt(beginning, finding_.left_out);
      if (!result.fails || result.switches > finding_.switches) continue;
      keep(std::move(result), finding_.left_out);
      return;
    }
  }

  // Where a thread stops and goes on later, it goes on at once, or waits with all it did.
  bool remove_preemption() {
    const Schedule& schedule = finding_.schedule;
    for (std::size_t end = 1; end < schedule.size() && !stop_(); ++end) {
      const std::uint8_t thread = schedule[end - 1].thread;
      if (schedule[end].thread == thread) continue;
      const auto later = std::find_if(
          schedule.begin() + static_cast<std::ptrdiff_t>(end), schedule.end(),
          [&](const ScheduleEntry& entry) { return entry.thread == thread; });
      if (later == schedule.end()) continue;
      for (const bool onwards : {true, false}) {
        Result result = attempt(onwards ? pulled_forward(end, later - schedule.begin())
                                        : pushed_back(end, later - schedule.begin()),
                                finding_.left_out);
        if (!result.fails || result.switches >= finding_.switches) continue;
        keep(std::move(result), finding_.left_out);
        return true;
      }
    }
    return false;
  }

  // The run of entries of one thread that begins at `later` comes to `end`.
  [[nodiscard]] Schedule pulled_forward(std::size_t end, std::ptrdiff_t later) const {
    Schedule wish = finding_.schedule;
    const std::uint8_t thread = wish[static_cast<std::size_t>(later)].thread;
    const auto first = wish.begin() + later;
    const auto last = std::find_if(
        first, wish.end(), [&](const ScheduleEntry& e) { return e.thread != thread; });
    std::rotate(wish.begin() + static_cast<std::ptrdiff_t>(end), first, last);
    return wish;
  }

  // The run of entries of one thread that ends before `end` comes to `later`.
  [[nodiscard]] Schedule pushed_back(std::size_t end, std::ptrdiff_t later) const {
    Schedule wish = finding_.schedule;
    std::size_t begin = end;
    while (begin > 0 && wish[begin - 1].thread == wish[end - 1].thread) --begin;
    std::rotate(wish.begin() + static_cast<std::ptrdiff_t>(begin),
                wish.begin() + static_cast<std::ptrdiff_t>(end), wish.begin() + later);
    return wish;
  }

  // What was chosen without need is chosen as usual.
  void plain_picks() {
    for (std::size_t i = 0; i < finding_.schedule.size() && !stop_(); ++i) {
      for (std::size_t k = 0; k < finding_.schedule[i].picks.size(); ++k) {
        if (finding_.schedule[i].picks[k] == 0) continue;
        Schedule wish = finding_.schedule;
        wish[i].picks[k] = 0;
        Result result = attempt(wish, finding_.left_out);
        if (result.fails && result.switches <= finding_.switches) {
          keep(std::move(result), finding_.left_out);
          if (i >= finding_.schedule.size()) return;
          break;
        }
      }
    }
  }

  const ScenarioInfo& info_;
  Finding& finding_;
  const StopAsked& stop_;
};

}  // namespace

void shrink(const ScenarioInfo& info, Finding& finding, const StopAsked& stop) {
  Shrinker(info, finding, stop).shrink();
}

}  // namespace threadmill::explore
