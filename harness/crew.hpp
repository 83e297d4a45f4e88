// SPDX-License-Identifier: Apache-2.0
//
// Crew: the N worker threads of one run. Each attaches to the runtime, waits detached
// at the start line until all are there, and runs the workload's body.
//
// Threads
//   start(), join()            the director, attached to the runtime
//   the others                 any thread, from after the constructor to the destructor
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "harness/progress_oracle.hpp"
#include "harness/safe_text.hpp"
#include "harness/wait_graph.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class Crew {
 public:
  // `limit`: operations per worker, Worker::kNoLimit for none.
  Crew(Workload& workload,
       Runtime& runtime,
       unsigned threads,
       std::uint64_t seed,
       std::uint64_t limit);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();  // stops and joins

  // Before start(): worker i runs on processor `from` + i only; see processor.hpp.
  void bind_to_processors(unsigned from) { bound_from_ = from; }

  // Returns when all workers are released. Throws UsageError if the machine does not
  // give that many threads, or the runtime that many slots.
  void start();

  void stop() noexcept { stop_.store(true, std::memory_order_relaxed); }

  // Returns when every worker has left the runtime; rethrows what one of them threw.
  void join();

  [[nodiscard]] std::vector<WorkerSample> samples() const;
  // The same as JSON. Async-signal-safe.
  void put_samples(SafeText& out) const noexcept;
  // The threads of those that have not returned.
  [[nodiscard]] std::vector<pid_t> at_work() const;
  // The same, as who_waits_for_whom() wants them.
  [[nodiscard]] std::vector<RunThread> threads_at_work() const;
  [[nodiscard]] std::size_t size() const { return seats_.size(); }

 private:
  struct Seat {
    Seat(Runtime& runtime,
         unsigned index,
         unsigned threads,
         std::uint64_t seed,
         std::uint64_t limit,
         const std::atomic<bool>& stop)
        : worker(runtime, index, threads, seed, limit, stop) {}

    Worker worker;
    std::atomic<pid_t> thread{0};  // all three are written by its thread
    std::atomic<SlotId> slot{0};   // 0: not attached yet
    std::atomic<bool> finished{false};
  };

  void work(Seat& seat) noexcept;
  void keep(std::exception_ptr error) noexcept;

  Workload& workload_;
  Runtime& runtime_;
  std::optional<unsigned> bound_from_;
  // relaxed everywhere: it only asks; what workers wrote is handed over by join()
  std::atomic<bool> stop_{false};
  std::atomic<bool> start_failed_{false};  // written before the start line opens
  std::deque<Seat> seats_;                 // never resized after the constructor
  std::latch start_line_;
  std::vector<std::thread> threads_;  // the director's
  std::mutex error_mutex_;
  std::exception_ptr error_;  // the first one; guarded by error_mutex_
};

}  // namespace threadmill
