// SPDX-License-Identifier: Apache-2.0
//
// What a workload is: a program over the runtime that knows its right answer.
//
// The harness makes one, and then calls, in this order:
//   prepare()  once, on an attached thread, before any worker starts
//   run()      on every worker thread at the same time, each attached, with its Worker
//   roots()    the handles still held once all workers have left, for the heap verifier;
//              before check() or after it, or both
//   check()    once, on an attached thread, after all workers have left the runtime
//   drop()     releases what is held: afterwards nothing of the workload may be alive
//
// Rules for run()
//   R1  it returns soon after keep_going() turned false, whatever the other workers do;
//       a worker may meet a keep_going() that is false from its first call on.
//   R2  it calls keep_going() about every millisecond, because that is where a thread
//       stops for a pause and merges what others dropped.
//   R3  all random choices come from worker.random(), so that the seed repeats them.
//   R4  did() counts only what was really done; the harness reports these numbers.
//   R5  what it throws ends the run as failed; it lets go of its references first.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/runtime.hpp"

namespace threadmill {

struct WorkloadSettings {
  unsigned threads = 1;
  std::uint64_t seed = 0;
  std::vector<std::string> inputs;  // files or folders of --input, in the order given
};

// Input that cannot be used. The text is one line: what, where, what to do.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One worker's side of a run. Aligned so that two workers' counters share no cache line
// (nor a pair of lines that the prefetcher fetches together).
class alignas(128) Worker {
 public:
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

  // `stop` is the harness's: set once, read by all workers. `limit` is this worker's
  // share of the operations, kNoLimit for none; 0 means that it does nothing at all.
  Worker(Runtime& runtime,
         unsigned index,
         unsigned threads,
         std::uint64_t seed,
         std::uint64_t limit,
         const std::atomic<bool>& stop)
      : runtime_(runtime),
        stop_(stop),
        random_(mix_seed(seed, index)),
        limit_(limit),
        index_(index),
        threads_(threads) {}

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] unsigned threads() const { return threads_; }
  [[nodiscard]] Random& random() { return random_; }
  [[nodiscard]] Runtime& runtime() { return runtime_; }

  // False once time is up or this worker has done its share. Polls a safepoint, so no
  // lock may be held across it.
  [[nodiscard]] bool keep_going() {
    // relaxed, twice: the flag publishes nothing, and only this worker writes its count
    if (stop_.load(std::memory_order_relaxed)) return false;
    if (completed_.load(std::memory_order_relaxed) >= limit_) return false;
    safepoint();
    return true;
  }

  // For loops that may not poll, such as inside a Detached scope.
  [[nodiscard]] bool stop_requested() const {
    return stop_.load(std::memory_order_relaxed);  // relaxed: as above
  }

  void did(std::uint64_t operations = 1) {
    // relaxed load and store: only this worker writes; the sampler reads a recent value
    completed_.store(completed_.load(std::memory_order_relaxed) + operations,
                     std::memory_order_relaxed);
  }

  // For any thread: the operations done up to about now.
  [[nodiscard]] std::uint64_t completed() const {
    return completed_.load(std::memory_order_relaxed);  // relaxed: a sample
  }

 private:
  std::atomic<std::uint64_t> completed_{0};  // written by this worker only
  Runtime& runtime_;
  const std::atomic<bool>& stop_;
  Random random_;
  const std::uint64_t limit_;
  const unsigned index_;
  const unsigned threads_;
};

struct CheckResult {
  std::string name;
  std::uint64_t verified = 0;  // how many things were really compared
  bool passed = false;
  std::string detail;  // empty when passed and there is nothing to say
};

class CheckList {
 public:
  void equal(std::string name,
             std::uint64_t verified,
             std::uint64_t expected,
             std::uint64_t actual);
  void that(std::string name,
            std::uint64_t verified,
            bool passed,
            std::string detail = {});

  [[nodiscard]] const std::vector<CheckResult>& results() const { return results_; }

 private:
  std::vector<CheckResult> results_;
};

// Something worth printing that is no verdict, such as the files that were skipped.
struct Fact {
  std::string name;
  std::string value;
};

class Workload {
 public:
  Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;
  virtual ~Workload() = default;

  virtual void prepare(Runtime& /*runtime*/, const WorkloadSettings& /*settings*/) {}
  virtual void run(Worker& worker) = 0;
  virtual void check(CheckList& checks) = 0;
  // One entry per counted handle that the workload holds after its workers have left.
  virtual void roots(std::vector<Object*>& /*handles*/) const {}
  virtual void drop() {}
  [[nodiscard]] virtual std::vector<Fact> facts() const { return {}; }

  // Between run() and check(): damages what check() looks at, so that it has to fail.
  // That is how the tests know that it can.
  virtual void spoil_for_test() {}
};

struct WorkloadInfo {
  const char* name;
  const char* family;
  const char* purpose;
  bool reads_input;
  unsigned shares;  // of the time of a run; most have 1
  std::unique_ptr<Workload> (*make)();
  // Whether there is anything for it in these files and folders, at a quick look; may throw
  // InputError. Null: in any.
  bool (*finds_input)(const std::vector<std::string>& inputs) = nullptr;
};

// W, made by its default constructor.
template <std::derived_from<Workload> W>
[[nodiscard]] constexpr WorkloadInfo workload(const char* name,
                                              const char* purpose,
                                              const char* family = "own") {
  const auto make = []() -> std::unique_ptr<Workload> { return std::make_unique<W>(); };
  return {name, family, purpose, false, 1, make};
}

// The lab's own.
[[nodiscard]] std::span<const WorkloadInfo> all_workloads();

}  // namespace threadmill
