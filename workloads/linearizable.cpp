// SPDX-License-Identifier: Apache-2.0
//
// linearizable-list, -dict, -set: operations on a container have an order.
//
// Imitates   threads that share small containers and do everything to them at once.
// Draws      teams of up to four workers, which share 8 containers (recorded_team.hpp);
//            in each window every member does five random operations on one of them, with
//            few keys or indices. What operations there are, and which are used together,
//            is in recorded_list.cpp, recorded_dict.cpp and recorded_set.cpp. A container
//            keeps its content for the next window, and is renewed after a few.
// Checks     for each window there is an order of its operations in which a sequential
//            container gives the same answers, in which no operation comes before one
//            that was done when it began, and after which the content is the one found
//            at quiescence (linearizability/checker.hpp).
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/factories.hpp"
#include "workloads/recorded.hpp"
#include "workloads/recorded_team.hpp"

namespace threadmill {
namespace {

class Linearizable final : public Workload {
 public:
  using Make = std::unique_ptr<Recorded> (*)();

  explicit Linearizable(Make make) : make_(make) {}

  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    constexpr unsigned kMost = RecordedTeam::kMostMembers;
    const unsigned teams = (settings.threads + kMost - 1) / kMost;
    for (unsigned team = 0; team < teams; ++team) {
      const unsigned members = (settings.threads - team + teams - 1) / teams;
      teams_.push_back(std::make_unique<RecordedTeam>(
          make_, members, mix_seed(settings.seed, ~std::uint64_t{team}), violations_));
    }
  }

  void run(Worker& worker) override {
    const auto teams = static_cast<unsigned>(teams_.size());
    teams_[worker.index() % teams]->play(worker, worker.index() / teams);
  }

  void check(CheckList& checks) override {
    for (const auto& team : teams_) team->judge_the_rest();
    const RecordedTeam::Totals all = totals();
    violations_.report(checks, "every window has an order", all.windows, all.judged);
  }

  void roots(std::vector<Object*>& handles) const override {
    for (const auto& team : teams_) team->roots(handles);
  }

  void drop() override {
    for (const auto& team : teams_) team->drop();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    const RecordedTeam::Totals all = totals();
    std::vector<Fact> facts{{"windows", std::to_string(all.windows)}};
    if (all.judged != 0) {
      facts.push_back(
          {"overlapping operations",
           fmt::format("{:.1f} %", 100.0 * static_cast<double>(all.overlapping) /
                                       static_cast<double>(all.judged))});
    }
    if (all.undecided != 0)
      facts.push_back({"undecided windows", std::to_string(all.undecided)});
    violations_.describe(facts);
    return facts;
  }

  void spoil_for_test() override { teams_.front()->spoil(); }

 private:
  [[nodiscard]] RecordedTeam::Totals totals() const {
    RecordedTeam::Totals all;
    for (const auto& team : teams_) {
      all.windows += team->totals().windows;
      all.judged += team->totals().judged;
      all.overlapping += team->totals().overlapping;
      all.undecided += team->totals().undecided;
    }
    return all;
  }

  const Make make_;
  OrderViolations violations_;
  std::vector<std::unique_ptr<RecordedTeam>> teams_;
};

}  // namespace

std::unique_ptr<Workload> make_linearizable_list() {
  return std::make_unique<Linearizable>(make_recorded_list);
}

std::unique_ptr<Workload> make_linearizable_dict() {
  return std::make_unique<Linearizable>(make_recorded_dict);
}

std::unique_ptr<Workload> make_linearizable_set() {
  return std::make_unique<Linearizable>(make_recorded_set);
}

}  // namespace threadmill
