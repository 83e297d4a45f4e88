// SPDX-License-Identifier: Apache-2.0
#include "workloads/task_pool.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "workloads/support.hpp"

#if TM_TASKS_TBB
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>
#endif

namespace threadmill {
namespace {

// On a thread that is not attached, or no longer.
template <class Body>
void attached(Runtime& runtime, Body body) {
  const Attached here(runtime);
  if (!here) throw OutOfMemory();
  body();
}

}  // namespace

#if TM_TASKS_TBB

struct TaskPool::Threads {
  explicit Threads(unsigned threads)
      : at_most(tbb::global_control::max_allowed_parallelism, threads + 1),
        arena(static_cast<int>(threads + 1)) {}

  tbb::global_control at_most;
  tbb::task_arena arena;
};

void TaskPool::run_all(const std::vector<Task>& tasks) {
  const Detached waiting;
  threads_->arena.execute([&] {
    tbb::task_group group;
    for (const Task& task : tasks)
      group.run([this, &task] { attached(runtime_, task); });
    group.wait();
  });
}

void TaskPool::for_each_piece(std::size_t count, std::size_t least, const Piece& body) {
  const Detached waiting;
  threads_->arena.execute([&] {
    const tbb::blocked_range<std::size_t> all(0, count,
                                              std::max<std::size_t>(least, 1));
    tbb::parallel_for(all, [&](const tbb::blocked_range<std::size_t>& piece) {
      attached(runtime_, [&] { body(piece.begin(), piece.end()); });
    });
  });
}

const char* TaskPool::name() { return "oneTBB"; }

#else

// Who waits takes tasks from the queue, so that nested waits come to an end.
struct TaskPool::Threads {
  struct Batch {
    std::size_t unfinished = 0;  // these two guarded by mutex
    std::exception_ptr thrown;
  };
  struct Entry {
    Task task;
    Batch* batch = nullptr;
  };

  explicit Threads(unsigned count) {
    for (unsigned i = 0; i < count; ++i) threads.emplace_back([this] { serve(); });
  }
  ~Threads() {
    const std::lock_guard lock(mutex);
    is_over = true;
    changed.notify_all();
  }

  void run_all(std::vector<Task> tasks) {
    Batch batch;
    std::unique_lock lock(mutex);
    batch.unfinished = tasks.size();
    for (Task& task : tasks) queue.push_back({std::move(task), &batch});
    changed.notify_all();
    while (batch.unfinished != 0) {
      if (!run_one(lock)) changed.wait(lock);
    }
    if (batch.thrown) std::rethrow_exception(batch.thrown);
  }

  void serve() {
    std::unique_lock lock(mutex);
    while (!is_over) {
      if (!run_one(lock)) changed.wait(lock);
    }
  }

  // False: there is none.
  bool run_one(std::unique_lock<std::mutex>& lock) {
    if (queue.empty()) return false;
    const Entry entry = std::move(queue.back());
    queue.pop_back();
    lock.unlock();
    std::exception_ptr thrown;
    try {
      entry.task();
    } catch (...) {
      thrown = std::current_exception();
    }
    lock.lock();
    if (thrown) entry.batch->thrown = thrown;
    if (--entry.batch->unfinished == 0) changed.notify_all();
    return true;
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Entry> queue;  // these two guarded by mutex
  bool is_over = false;
  std::vector<std::jthread> threads;  // the last member: joined first
};

void TaskPool::run_all(const std::vector<Task>& tasks) {
  std::vector<Task> all;
  all.reserve(tasks.size());
  for (const Task& task : tasks)
    all.emplace_back([this, &task] { attached(runtime_, task); });
  const Detached waiting;
  threads_->run_all(std::move(all));
}

void TaskPool::for_each_piece(std::size_t count, std::size_t least, const Piece& body) {
  least = std::max<std::size_t>(least, 1);
  std::vector<Task> all;
  for (std::size_t first = 0; first < count; first += least) {
    all.emplace_back([this, &body, first, end = std::min(first + least, count)] {
      attached(runtime_, [&] { body(first, end); });
    });
  }
  const Detached waiting;
  threads_->run_all(std::move(all));
}

const char* TaskPool::name() { return "plain threads"; }

#endif

TaskPool::TaskPool(Runtime& runtime, unsigned threads)
    : runtime_(runtime), threads_(std::make_unique<Threads>(threads)) {}

TaskPool::~TaskPool() = default;

}  // namespace threadmill
