// SPDX-License-Identifier: Apache-2.0
//
// threadmill-misbehaving: the lab's program with these workloads instead of its own. Each goes wrong in one way, between two that do not; so the tests see that each is
// named rightly and that the others come to no harm.
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <memory>
#include <mutex>
#include <vector>

#include "harness/reproduce.hpp"
#include "harness/stress_main.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

class Good : public Workload {
 public:
  void prepare(Runtime&, const WorkloadSettings&) override { kept_ = make<Int>(7); }
  void run(Worker& worker) override {
    while (worker.keep_going()) {
      go_wrong(worker);
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
  // Once in a while.
  virtual void go_wrong(Worker&) {}

  Ref<Object> kept_;
  std::atomic<std::uint64_t> sum_{0};
};

[[nodiscard]] bool is_time(const Worker& worker) {
  return worker.index() == 1 && worker.completed() == 1000;
}

class Segfault : public Good {
  void go_wrong(Worker& worker) override {
    if (is_time(worker)) break_here();
  }

 public:
  [[gnu::noinline]] static void break_here() {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
  }
};

class Abort : public Good {
  void go_wrong(Worker& worker) override {
    if (is_time(worker)) std::abort();
  }
};

class Exit : public Good {
  void go_wrong(Worker& worker) override {
    if (is_time(worker)) ::_exit(7);
  }
};

class Killed : public Good {
  void go_wrong(Worker& worker) override {
    if (is_time(worker)) ::kill(::getpid(), SIGKILL);
  }
};

class Overflow : public Good {
  void go_wrong(Worker& worker) override {
    if (is_time(worker)) (void)descend(0);
  }
  [[gnu::noinline]] static int descend(int depth) {
    if (depth < 0) return 0;
    volatile char page[4096];
    page[0] = static_cast<char>(depth);
    return descend(depth + 1) + page[0];
  }
};

// Two locks in two orders.
class Deadlock : public Good {
  void run(Worker& worker) override {
    const Detached detached;
    std::mutex& first = worker.index() % 2 == 0 ? a_ : b_;
    std::mutex& second = worker.index() % 2 == 0 ? b_ : a_;
    const std::lock_guard outer(first);
    both_have_one_.count_down();
    both_have_one_.wait();
    const std::lock_guard inner(second);
  }
  std::mutex a_;
  std::mutex b_;
  std::latch both_have_one_{2};
};

// A lock of the machine's and one of an object, in two orders.
class SectionDeadlock : public Good {
  void run(Worker& worker) override {
    if (worker.index() > 1) return Good::run(worker);
    if (worker.index() == 0) {
      const CriticalSection section(*kept_);
      both_have_one_.arrive_and_wait();
      const std::lock_guard lock(mutex_);
    } else {
      const std::lock_guard lock(mutex_);
      both_have_one_.arrive_and_wait();
      const CriticalSection section(*kept_);
    }
  }
  std::mutex mutex_;
  std::latch both_have_one_{2};
};

// Says so, and does nothing else any more.
class Spin : public Good {
  void run(Worker& worker) override {
    if (worker.index() != 0) return Good::run(worker);
    std::fputs("spinning\n", stderr);
    for (;;) safepoint();
  }
};

// Compares nothing.
class Silent : public Good {
  void check(CheckList&) override {}
};

class Leak : public Good {
  void drop() override { (void)kept_.release(); }
};

// Only with seeds from 44 on.
class Sometimes : public Good {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    Good::prepare(runtime, settings);
    for (std::uint64_t seed = 44; seed < 100; ++seed) {
      fails_ = fails_ || settings.seed == workload_seed(seed, "sometimes");
    }
  }
  void check(CheckList& checks) override { checks.that("luck", 1, !fails_); }

 private:
  bool fails_ = false;
};

// Until somebody stops it.
class Eater : public Good {
  void go_wrong(Worker&) override {
    constexpr std::size_t kBytes = 1 << 20;
    const std::lock_guard lock(mutex_);
    eaten_.push_back(std::make_unique<char[]>(kBytes));  // cleared, so really there
  }
  std::mutex mutex_;
  std::vector<std::unique_ptr<char[]>> eaten_;
};

class Frozen : public Good {
  void go_wrong(Worker& worker) override {
    if (is_time(worker)) ::raise(SIGSTOP);
  }
};

constexpr WorkloadInfo kWorkloads[] = {
    workload<Good>("good-first", "nothing is wrong with it", "test"),
    workload<Segfault>("segfault", "writes to address 0", "test"),
    workload<Abort>("abort", "calls abort()", "test"),
    workload<Exit>("exit", "ends its process with status 7", "test"),
    workload<Killed>("killed", "kills its process", "test"),
    workload<Overflow>("overflow", "overflows a stack", "test"),
    workload<Deadlock>("deadlock", "takes two locks in two orders", "test"),
    workload<SectionDeadlock>(
        "section-deadlock", "takes a mutex and an object's lock in two orders", "test"),
    workload<Spin>("spin", "has a worker that ignores its stop", "test"),
    workload<Silent>("silent", "has nothing to compare", "test"),
    workload<Leak>("leak", "forgets an object", "test"),
    workload<Sometimes>("sometimes", "fails with seeds from 44 on", "test"),
    workload<Eater>("eater", "eats memory", "test"),
    workload<Frozen>("frozen", "stops its process", "test"),
    workload<Good>("good-last", "nothing is wrong with it", "test"),
};

}  // namespace
}  // namespace threadmill

int main(int count, char** words) {
  return threadmill::stress_main(count, words, threadmill::kWorkloads);
}
