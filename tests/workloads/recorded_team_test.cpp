// SPDX-License-Identifier: Apache-2.0
//
// A team that records a container which now and then tells a lie: the windows with lies are
// found and counted, and the smallest is described.
#include "workloads/recorded_team.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "workloads/linearizability/model.hpp"

namespace threadmill {
namespace {

// Values behind a lock, which answers size() with one too many once in `kHonest` times.
class Liar final : public Recorded {
 public:
  static inline std::atomic<bool> lies{false};

  [[nodiscard]] Subject subject() const override { return Subject::list; }
  [[nodiscard]] unsigned modes() const override { return 1; }
  [[nodiscard]] bool is_by_key(unsigned) const override { return false; }
  void prepare() override {}
  void renew(ValueSupply&, Random&) override { content_.clear(); }
  [[nodiscard]] Values content() const override { return content_; }
  void spoil() override { content_.push_back(kForeign); }
  void roots(std::vector<Object*>&) const override {}
  void drop() override {}

  void draw(Step& step, unsigned, ValueSupply&, Random& random) override {
    constexpr CallShare kShares[] = {
        {Call::append, 1}, {Call::pop, 1}, {Call::size, 1}};
    step.operation.call = draw_call(kShares, random);
    if (step.operation.call == Call::append)
      step.operation.arguments = {static_cast<Value>(random.below(1'000'000))};
  }
  void perform(Step& step) override {
    const std::lock_guard lock(mutex_);
    Invocation& operation = step.operation;
    operation.answer =
        apply(Subject::list, content_, operation.call, operation.arguments);
    if (lies && operation.call == Call::size && ++sizes_ % kHonest == 0)
      ++operation.answer[0];
  }
  [[nodiscard]] Values answer_of(const Step& step) const override {
    return step.operation.answer;
  }

 private:
  static constexpr int kHonest = 50;

  std::mutex mutex_;
  Values content_;
  int sizes_ = 0;
};

std::unique_ptr<Recorded> make_liar() { return std::make_unique<Liar>(); }

struct Played {
  RecordedTeam::Totals totals;
  std::vector<CheckResult> checks;
  std::vector<Fact> facts;
};

Played play(unsigned members, bool lies, bool spoils = false) {
  Liar::lies = lies;
  const std::unique_ptr<Runtime> runtime = Runtime::create();
  const Attached attached(*runtime);
  const std::atomic<bool> stop{false};
  OrderViolations violations;
  RecordedTeam team(make_liar, members, 1, violations);
  std::deque<Worker> workers;
  for (unsigned i = 0; i < members; ++i)
    workers.emplace_back(*runtime, i, members, 1, 4000, stop);
  {
    const Detached detached;
    std::vector<std::jthread> threads;
    for (Worker& worker : workers) {
      threads.emplace_back([&] {
        const Attached here(*runtime);
        team.play(worker, worker.index());
      });
    }
  }
  if (spoils) team.spoil();
  team.judge_the_rest();
  Played played{team.totals(), {}, {}};
  CheckList checks;
  violations.report(checks, "order", played.totals.windows, played.totals.judged);
  violations.describe(played.facts);
  played.checks = checks.results();
  team.drop();
  return played;
}

TEST(RecordedTeam, judges_every_operation_that_it_did) {
  for (const unsigned members : {1U, 3U, 4U}) {
    const Played played = play(members, false);
    EXPECT_TRUE(played.checks.at(0).passed) << played.checks[0].detail;
    EXPECT_EQ(played.totals.judged, members * 4000U);
    EXPECT_EQ(played.totals.undecided, 0U);
    EXPECT_TRUE(played.facts.empty());
  }
}

TEST(RecordedTeam, finds_a_lie_and_describes_a_small_window_that_shows_it) {
  const Played played = play(3, true);
  const CheckResult& check = played.checks.at(0);
  EXPECT_FALSE(check.passed);
  EXPECT_NE(check.detail.find(" windows, the smallest: a list of ["), std::string::npos)
      << check.detail;
  EXPECT_NE(check.detail.find("size -> "), std::string::npos) << check.detail;
  EXPECT_NE(check.detail.find(" should be "), std::string::npos) << check.detail;
  ASSERT_GE(played.facts.size(), 4U);
  EXPECT_EQ(played.facts[0].name, "window 01");
  EXPECT_EQ(played.facts[0].value.substr(0, 9), "list of [");
  EXPECT_EQ(played.facts[1].value.substr(0, 11), "  moments |");
}

TEST(RecordedTeam, finds_what_no_operation_has_put_there) {
  const Played played = play(2, false, true);
  EXPECT_FALSE(played.checks.at(0).passed);
  EXPECT_NE(played.checks[0].detail.find("-1"), std::string::npos)
      << played.checks[0].detail;
}

}  // namespace
}  // namespace threadmill
