// SPDX-License-Identifier: Apache-2.0
#include "workloads/recorded_team.hpp"

#include <utility>

#include <fmt/format.h>

#include "workloads/linearizability/checker.hpp"
#include "workloads/linearizability/text.hpp"

namespace threadmill {

void OrderViolations::add(const History& window) {
  const std::lock_guard lock(mutex_);
  if (++count_ > kMostMadeSmall) return;
  History smallest = smallest_violation(window);
  if (count_ == 1 || smallest.operations.size() < smallest_.operations.size())
    smallest_ = std::move(smallest);
}

void OrderViolations::report(CheckList& checks,
                             std::string name,
                             std::uint64_t windows,
                             std::uint64_t verified) const {
  const std::lock_guard lock(mutex_);
  std::string detail;
  if (count_ != 0) {
    detail = fmt::format("{} of {} windows, the smallest: {}", count_, windows,
                         explanation(smallest_, judge(smallest_)));
  }
  checks.that(std::move(name), verified, count_ == 0, std::move(detail));
}

void OrderViolations::describe(std::vector<Fact>& facts) const {
  const std::lock_guard lock(mutex_);
  if (count_ == 0) return;
  int number = 0;
  for (std::string& line : columns(smallest_, judge(smallest_)))
    facts.push_back({fmt::format("window {:02}", ++number), std::move(line)});
}

RecordedTeam::RecordedTeam(std::unique_ptr<Recorded> (*make)(),
                           unsigned members,
                           std::uint64_t seed,
                           OrderViolations& violations)
    : members_(members), violations_(violations), windows_(kWindows), seats_(members) {
  meeting_.expect(members);
  for (std::size_t i = 0; i < kWindows; ++i) {
    Window& window = windows_[i];
    window.recorded = make();
    window.recorded->prepare();
    window.random = Random(mix_seed(seed, i));
    for (unsigned supply = 0; supply <= members; ++supply)
      window.supplies[supply].prepare(supply);
    begin(window);
  }
}

void RecordedTeam::Seat::let_go() {
  for (auto& of_window : steps) {
    for (Step& step : of_window) step.let_go();
  }
}

void RecordedTeam::play(Worker& worker, unsigned seat) {
  try {
    play_rounds(worker, seat);
    seats_[seat].let_go();
    if (meeting_.leave()) open_meeting();
  } catch (...) {
    seats_[seat].let_go();
    meeting_.give_up();
    throw;
  }
}

void RecordedTeam::play_rounds(Worker& worker, unsigned seat) {
  for (std::uint64_t round = 1; worker.keep_going(); ++round) {
    draw(seat, round, worker.random());
    if (!meet(worker, 2 * round - 1)) return;
    perform(seat);
    read_answers(seat);
    worker.did(kWindows * kSteps);
    if (!meet(worker, 2 * round)) return;
    judge_windows();
  }
}

bool RecordedTeam::meet(Worker& worker, std::uint64_t meeting) {
  if (!meeting_.arrive()) return meeting_.await(worker, meeting);
  open_meeting();
  return true;
}

void RecordedTeam::open_meeting() {
  next_to_judge_.store(0, std::memory_order_relaxed);  // relaxed: published by open()
  meeting_.open();
}

// While others may still be judging.
void RecordedTeam::draw(unsigned seat, std::uint64_t round, Random& random) {
  for (std::size_t i = 0; i < kWindows; ++i) {
    Window& window = windows_[i];
    if (is_renewed(round)) window.supplies[seat].renew();
    for (Step& step : seats_[seat].steps[i]) {
      step.operation.arguments.clear();
      step.by_text = false;
      window.recorded->draw(step, mode_of(window, round), window.supplies[seat],
                            random);
    }
  }
}

void RecordedTeam::perform(unsigned seat) {
  for (std::size_t i = 0; i < kWindows; ++i) {
    Window& window = windows_[i];
    find_partner(window, i == 0 ? kFirstLooksForPartner : kLooksForPartner);
    for (Step& step : seats_[seat].steps[i]) {
      // edge: moment-order
      step.operation.invoked = window.clock.fetch_add(1, std::memory_order_acq_rel);
      window.recorded->perform(step);
      // edge: moment-order
      step.operation.responded = window.clock.fetch_add(1, std::memory_order_acq_rel);
    }
  }
}

// The first waits for the second, the third for the fourth; not for long, because the
// other may not be running.
void RecordedTeam::find_partner(Window& window, int looks) const {
  // relaxed, both: only to be there at about the same time
  const unsigned place = window.arrived.fetch_add(1, std::memory_order_relaxed) + 1;
  if (place % 2 == 0 || place == members_) return;
  while (looks-- > 0) {
    if (window.arrived.load(std::memory_order_relaxed) > place) return;
  }
}

void RecordedTeam::read_answers(unsigned seat) {
  for (std::size_t i = 0; i < kWindows; ++i) {
    Window& window = windows_[i];
    for (Step& step : seats_[seat].steps[i]) {
      step.operation.thread = seat;
      step.operation.answer = window.recorded->answer_of(step);
      step.let_go();
      window.records[seat].push_back(step.operation);
    }
  }
}

void RecordedTeam::judge_windows() {
  for (;;) {
    // relaxed: hands out numbers; the windows are published by open()
    const std::size_t next = next_to_judge_.fetch_add(1, std::memory_order_relaxed);
    if (next >= kWindows) return;
    judge(windows_[next]);
    begin(windows_[next]);
  }
}

void RecordedTeam::begin(Window& window) {
  if (is_renewed(++window.round) || window.initial.size() > kLargestContent) {
    window.supplies[members_].renew();
    window.recorded->renew(window.supplies[members_], window.random);
    window.initial = window.recorded->content();
  }
  // relaxed, both: published by open()
  window.clock.store(1, std::memory_order_relaxed);
  window.arrived.store(0, std::memory_order_relaxed);
}

void RecordedTeam::judge(Window& window) {
  History history{window.recorded->subject(),
                  window.recorded->is_by_key(mode_of(window, window.round)),
                  std::move(window.initial),
                  {},
                  window.recorded->content()};
  std::uint64_t overlapping = 0;
  for (std::vector<Invocation>& record : window.records) {
    for (Invocation& operation : record) {
      if (operation.responded - operation.invoked > 1) ++overlapping;
      history.operations.push_back(std::move(operation));
    }
    record.clear();
  }
  const HistoryVerdict verdict = verdict_of(history);
  if (verdict == HistoryVerdict::not_linearizable) violations_.add(history);
  if (verdict == HistoryVerdict::undecided) {
    ++window.totals.undecided;
  } else if (!history.operations.empty()) {
    ++window.totals.windows;
    window.totals.judged += history.operations.size();
    window.totals.overlapping += overlapping;
  }
  window.initial = std::move(*history.final);
}

void RecordedTeam::judge_the_rest() {
  for (Window& window : windows_) judge(window);
}

RecordedTeam::Totals RecordedTeam::totals() const {
  Totals all;
  for (const Window& window : windows_) {
    all.windows += window.totals.windows;
    all.judged += window.totals.judged;
    all.overlapping += window.totals.overlapping;
    all.undecided += window.totals.undecided;
  }
  return all;
}

void RecordedTeam::roots(std::vector<Object*>& handles) const {
  for (const Window& window : windows_) {
    window.recorded->roots(handles);
    for (const ValueSupply& supply : window.supplies) supply.roots(handles);
  }
}

void RecordedTeam::drop() {
  for (Window& window : windows_) {
    window.recorded->drop();
    for (ValueSupply& supply : window.supplies) supply.drop();
  }
}

}  // namespace threadmill
