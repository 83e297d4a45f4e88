// SPDX-License-Identifier: Apache-2.0
//
// The driver of drive.hpp.
#include "tests/workloads/drive.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>

#include "runtime/runtime.hpp"

namespace threadmill {
namespace {

// The first exception that any worker threw.
class FirstException {
 public:
  void keep(std::exception_ptr thrown) {
    const std::lock_guard lock(mutex_);
    if (!first_) first_ = std::move(thrown);
  }
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::mutex mutex_;
  std::exception_ptr first_;
};

std::uint64_t run_workers(Runtime& runtime, Workload& workload, const Drive& how) {
  const std::atomic<bool> stop{how.stopped_from_the_start};
  std::deque<Worker> workers;
  for (unsigned i = 0; i < how.threads; ++i) {
    workers.emplace_back(runtime, i, how.threads, how.seed, how.operations_each, stop);
  }
  FirstException exception;
  {
    const Detached blocking;
    std::vector<std::jthread> threads;  // joined at the end of the scope
    for (Worker& worker : workers) {
      threads.emplace_back([&] {
        try {
          const Attached attached(runtime);
          if (!attached) throw std::runtime_error("a worker could not attach");
          workload.run(worker);
        } catch (...) {
          exception.keep(std::current_exception());
        }
      });
    }
  }
  exception.rethrow();
  std::uint64_t operations = 0;
  for (const Worker& worker : workers) operations += worker.completed();
  return operations;
}

// Adds to what was found before.
void verify_heap(Runtime& runtime, const Workload& workload, Outcome& outcome) {
  std::vector<Object*> roots;
  workload.roots(roots);
  const HeapReport heap = runtime.verify(roots);
  if (outcome.heap_violations == 0) outcome.heap_message = heap.message;
  outcome.heap_violations += heap.violations;
}

}  // namespace

Outcome drive(const WorkloadInfo& info, const Drive& how) {
  const std::unique_ptr<Runtime> runtime = Runtime::create();
  if (!runtime) throw std::runtime_error("no memory for a runtime");
  const Attached attached(*runtime);
  if (!attached) throw std::runtime_error("the test could not attach");
  const std::unique_ptr<Workload> workload = info.make();
  const std::uint64_t alive_before = runtime->live_objects();

  Outcome outcome;
  workload->prepare(*runtime, {how.threads, how.seed, how.inputs});
  if (how.after_prepare) how.after_prepare();
  outcome.operations = run_workers(*runtime, *workload, how);
  safepoint();
  if (how.spoiled) workload->spoil_for_test();
  verify_heap(*runtime, *workload, outcome);
  CheckList checks;
  workload->check(checks);
  outcome.checks = checks.results();
  outcome.facts = workload->facts();
  verify_heap(*runtime, *workload, outcome);
  workload->drop();
  safepoint();
  outcome.leaked = runtime->live_objects() - alive_before;
  return outcome;
}

const WorkloadInfo& workload_named(std::string_view name) {
  const std::span<const WorkloadInfo> all = all_workloads();
  const auto found =
      std::find_if(all.begin(), all.end(),
                   [&](const WorkloadInfo& info) { return info.name == name; });
  if (found == all.end()) throw std::runtime_error("no workload of that name");
  return *found;
}

bool Outcome::checks_passed() const {
  return std::all_of(checks.begin(), checks.end(),
                     [](const CheckResult& check) { return check.passed; });
}

std::uint64_t Outcome::verified() const {
  std::uint64_t sum = 0;
  for (const CheckResult& check : checks) sum += check.verified;
  return sum;
}

std::string Outcome::complaints() const {
  std::string text;
  for (const CheckResult& check : checks) {
    if (!check.passed) text += check.name + ": " + check.detail + "\n";
  }
  if (heap_violations != 0) text += "heap: " + heap_message + "\n";
  if (leaked != 0) text += std::to_string(leaked) + " objects leaked\n";
  return text;
}

std::vector<std::string> Outcome::fact(std::string_view name) const {
  std::vector<std::string> values;
  for (const Fact& one : facts) {
    if (one.name == name) values.push_back(one.value);
  }
  return values;
}

}  // namespace threadmill
