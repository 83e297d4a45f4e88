// SPDX-License-Identifier: Apache-2.0
#include "harness/crew.hpp"

#include <unistd.h>

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/emergency.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/processor.hpp"

namespace threadmill {

Crew::Crew(Workload& workload,
           Runtime& runtime,
           unsigned threads,
           std::uint64_t seed,
           std::uint64_t limit)
    : workload_(workload), runtime_(runtime), start_line_(threads + 1) {
  for (unsigned i = 0; i < threads; ++i) {
    seats_.emplace_back(runtime, i, threads, seed, limit, stop_);
  }
  threads_.reserve(threads);
}

Crew::~Crew() {
  stop();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Crew::start() {
  try {
    for (Seat& seat : seats_) threads_.emplace_back([this, &seat] { work(seat); });
  } catch (const std::system_error& error) {
    start_failed_ = true;
    const auto missing = static_cast<std::ptrdiff_t>(seats_.size() - threads_.size());
    start_line_.count_down(missing + 1);  // their places, and ours
    throw UsageError(
        fmt::format("--threads {}: only {} threads could be started ({}); "
                    "give fewer, or raise the limit",
                    seats_.size(), threads_.size(), error.code().message()));
  }
  const Detached detached;
  start_line_.arrive_and_wait();
}

void Crew::join() {
  {
    const Detached detached;
    for (std::thread& thread : threads_) thread.join();
  }
  threads_.clear();
  const std::lock_guard lock(error_mutex_);
  if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
}

std::vector<WorkerSample> Crew::samples() const {
  std::vector<WorkerSample> samples;
  samples.reserve(seats_.size());
  for (const Seat& seat : seats_) {
    samples.push_back({seat.worker.completed(), seat.finished.load()});
  }
  return samples;
}

void Crew::put_samples(SafeText& out) const noexcept {
  bool first = true;
  for (const Seat& seat : seats_) {
    out.put(first ? "[" : ",[").put_number(seat.worker.completed());
    out.put(seat.finished ? ",true]" : ",false]");
    first = false;
  }
}

std::vector<pid_t> Crew::at_work() const {
  std::vector<pid_t> threads;
  for (const Seat& seat : seats_) {
    if (!seat.finished) threads.push_back(seat.thread);
  }
  return threads;
}

std::vector<RunThread> Crew::threads_at_work() const {
  std::vector<RunThread> threads;
  for (const Seat& seat : seats_) {
    if (seat.finished) continue;
    threads.push_back({fmt::format("worker {}", seat.worker.index()), seat.thread,
                       seat.slot,
                       with_thousands(seat.worker.completed()) + " operations"});
  }
  return threads;
}

void Crew::work(Seat& seat) noexcept {
  seat.thread = ::gettid();
  if (bound_from_) bind_to_processor(*bound_from_ + seat.worker.index());
  const AlternateStack stack;
  try {
    const Attached attached(runtime_);
    if (!attached) {
      start_line_.count_down();
      throw UsageError(fmt::format(
          "--threads {}: the runtime has no slot left for them; give fewer", size()));
    }
    seat.slot = current()->id;
    {
      const Detached detached;
      start_line_.arrive_and_wait();
    }
    if (!start_failed_) workload_.run(seat.worker);
  } catch (...) {
    keep(std::current_exception());
  }
  seat.finished = true;
}

void Crew::keep(std::exception_ptr error) noexcept {
  stop();  // the run is decided
  const std::lock_guard lock(error_mutex_);
  if (error_ == nullptr) error_ = std::move(error);
}

}  // namespace threadmill
