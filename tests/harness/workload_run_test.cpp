// SPDX-License-Identifier: Apache-2.0
//
// Workloads that are wrong in one way each: every oracle must find its own.
#include "harness/workload_run.hpp"

#include <csignal>
#include <optional>
#include <semaphore>
#include <stdexcept>

#include <gtest/gtest.h>

#include "runtime/base/assert.hpp"
#include "runtime/runtime.hpp"
#include "tests/harness/executable.hpp"

namespace threadmill {
namespace {

// The right one: each worker counts, and the sum is known.
class Counting : public Workload {
 public:
  void prepare(Runtime&, const WorkloadSettings& settings) override {
    threads_ = settings.threads;
    kept_ = make<Int>(7);
  }
  void run(Worker& worker) override {
    while (worker.keep_going()) {
      worker.did();
      ++sum_;
    }
  }
  void check(CheckList& checks) override {
    checks.that("sum-is-positive", sum_.load(), sum_ > 0);
  }
  void roots(std::vector<Object*>& handles) const override {
    if (kept_) handles.push_back(kept_.get());
  }
  void drop() override { kept_.reset(); }

 protected:
  unsigned threads_ = 0;
  std::atomic<std::uint64_t> sum_{0};
  Ref<Object> kept_;
};

class Wrong : public Counting {
  void check(CheckList& checks) override { checks.equal("sum", 1, 10, 11); }
};

class Idle : public Counting {
  void run(Worker&) override {}
  void check(CheckList& checks) override { checks.that("sum", 0, true); }
};

class Leaking : public Counting {
  void drop() override { (void)kept_.release(); }
};

class Miscounting : public Counting {
  void roots(std::vector<Object*>& handles) const override {
    Counting::roots(handles);
    Counting::roots(handles);  // two handles are claimed where there is one
  }
};

class Throwing : public Counting {
  void run(Worker& worker) override {
    if (worker.index() == 1) throw std::runtime_error("the worker gave up");
    Counting::run(worker);
  }
};

class Refusing : public Counting {
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    Counting::prepare(runtime, settings);
    throw InputError("--input: nothing in it");
  }
};

class Starving : public Counting {
  void run(Worker& worker) override {
    while (worker.keep_going()) {
      if (worker.index() == 1) continue;
      worker.did();
      ++sum_;
    }
  }
};

class Hanging : public Counting {
  void run(Worker& worker) override {
    while (worker.index() == 1) safepoint();
  }
};

class Deadlocked : public Counting {
  void run(Worker&) override {
    const Detached detached;
    forever_.acquire();
  }
  std::binary_semaphore forever_{0};
};

class HangingCheck : public Counting {
  void check(CheckList&) override {
    for (;;) safepoint();
  }
};

class Broken : public Counting {
  void run(Worker&) override {
    check_failed("I7", "the heap is broken", "heap.cpp", 1);
  }
};

class Crashing : public Counting {
  void run(Worker&) override { ::raise(SIGSEGV); }
};

template <class W>
std::unique_ptr<Workload> new_one() {
  return std::make_unique<W>();
}

template <class W>
RunResult run_of(double seconds = 0.2, std::uint64_t operations = 0) {
  const WorkloadInfo info{"fake", "test", "imitates a mistake", false, 1, new_one<W>};
  StressOptions options;
  options.threads = 3;
  options.seed = 42;
  options.seconds = seconds;
  options.operations = operations;
  Limits limits;
  limits.sample = Seconds(0.02);
  limits.progress_window = Seconds(0.5);
  limits.worker_grace = Seconds(1);
  limits.standstill = Seconds(0.3);
  limits.conclusion = Seconds(1);
  limits.conclusion_factor = 0;
  TimeBudget budget(Clock::now(), Seconds(seconds), 1);
  const std::optional<TimeShare> share = budget.begin(Clock::now());
  EXPECT_TRUE(share.has_value());
  Emergency emergency;
  return WorkloadRun(info, options, limits, emergency)
      .execute(share.value(), [](const Sample&) { return true; })
      .result;
}

const Check* failed_check(const RunResult& run) {
  for (const Check& check : run.checks) {
    if (!check.passed) return &check;
  }
  return nullptr;
}

template <class W>
void expect_only_failure(const std::string& oracle, double seconds = 0.2) {
  ::testing::internal::CaptureStderr();
  const RunResult run = run_of<W>(seconds);
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(run.verdict, Verdict::fail);
  const Check* failed = failed_check(run);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->name, oracle) << failed->detail;
  EXPECT_NE(said.find("workload fake, oracle " + oracle), std::string::npos) << said;
  EXPECT_NE(said.find("reproduce: threadmill stress fake --threads 3 --seed 42"),
            std::string::npos)
      << said;
}

TEST(WorkloadRun, a_right_workload_passes_every_oracle) {
  const RunResult run = run_of<Counting>();
  EXPECT_EQ(run.verdict, Verdict::pass);
  EXPECT_EQ(failed_check(run), nullptr) << failed_check(run)->detail;
  EXPECT_GT(run.operations, 0u);
  EXPECT_LE(run.minimum_operations, run.maximum_operations);
  std::vector<std::string> names;
  for (const Check& check : run.checks) names.push_back(check.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"sum-is-positive", "heap-verifier", "leak-check",
                                      "held-memory", "progress", "latency"}));
  EXPECT_EQ(run.latencies.size(), 3u);
  EXPECT_TRUE(run.held.has_value());
}

TEST(WorkloadRun, a_share_of_operations_ends_it_before_its_time) {
  const Clock::time_point began = Clock::now();
  const RunResult run = run_of<Counting>(60, 100);
  EXPECT_LT(Seconds(Clock::now() - began).count(), 30);
  EXPECT_EQ(run.operations, 300u);
  EXPECT_EQ(run.minimum_operations, 100u);
}

TEST(WorkloadRun, a_workload_that_compares_nothing_is_unverified) {
  EXPECT_EQ(run_of<Idle>().verdict, Verdict::unverified);
}

TEST(WorkloadRun, the_workloads_own_check_fails_it) {
  expect_only_failure<Wrong>("sum");
}

TEST(WorkloadRun, the_leak_check_finds_what_was_not_dropped) {
  expect_only_failure<Leaking>("leak-check");
}

TEST(WorkloadRun, the_heap_verifier_finds_a_handle_that_is_not_counted) {
  expect_only_failure<Miscounting>("heap-verifier");
}

TEST(WorkloadRun, the_progress_oracle_finds_a_worker_that_starves) {
  expect_only_failure<Starving>("progress", 2);
}

TEST(WorkloadRun, an_exception_of_a_worker_fails_it) {
  expect_only_failure<Throwing>("exception", 60);
}

TEST(WorkloadRun, bad_input_is_passed_on_and_leaves_no_object_behind) {
  EXPECT_THROW((void)run_of<Refusing>(), InputError);
}

class WorkloadRunDeathTest : public ::testing::Test {
 protected:
  WorkloadRunDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(WorkloadRunDeathTest, the_watchdog_ends_workers_that_do_not_return) {
  EXPECT_EXIT((void)run_of<Hanging>(), ::testing::ExitedWithCode(1),
              "hang: workload fake, oracle watchdog, seed 42: 1 of 3 workers(.|\n)*"
              "worker 1: 0 operations, attached, ");
}

TEST_F(WorkloadRunDeathTest, a_deadlock_is_told_from_slowness_by_all_threads_sleeping) {
  EXPECT_EXIT(
      (void)run_of<Deadlocked>(60), ::testing::ExitedWithCode(1),
      "hang: workload fake, oracle watchdog, seed 42: 3 of 3 workers (.*)asleep");
}

TEST_F(WorkloadRunDeathTest, the_watchdog_ends_a_check_that_does_not_end) {
  EXPECT_EXIT((void)run_of<HangingCheck>(), ::testing::ExitedWithCode(1),
              "hang: workload fake, oracle watchdog, seed 42: stage checking");
}

TEST_F(WorkloadRunDeathTest, a_failed_check_of_the_runtime_names_its_invariant) {
  EXPECT_EXIT((void)run_of<Broken>(), ::testing::ExitedWithCode(1),
              "fail: workload fake, oracle I7, seed 42: the heap is broken");
}

TEST_F(WorkloadRunDeathTest, a_deadly_signal_is_reported_as_a_crash) {
  if (built_with_sanitizers()) GTEST_SKIP() << "the sanitizer reports it";
  EXPECT_EXIT((void)run_of<Crashing>(), ::testing::ExitedWithCode(1),
              "crash: workload fake, oracle crash, seed 42: SIGSEGV");
}

}  // namespace
}  // namespace threadmill
