// SPDX-License-Identifier: Apache-2.0
//
// TaskPool: threads that take tasks, for workloads in which not the thread but the task is
// what a program starts, waits for, and nests. By oneTBB: its threads know nothing of the
// runtime, so each task attaches as it begins and leaves as it ends, whatever slot it gets.
//
// Who waits for tasks is detached meanwhile. Its thread takes up others in that time, which
// attach for themselves: to another slot, since the sections and handles of the task that
// waits belong to the first. So threads hold as many slots as tasks are nested on them.
//
// Where THREADMILL_TEAM is off, plain threads with one queue stand in for it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/runtime.hpp"

namespace threadmill {

class TaskPool {
 public:
  using Task = std::function<void()>;
  using Piece = std::function<void(std::size_t first, std::size_t end)>;

  // `threads` of its own, beside those that call it.
  TaskPool(Runtime& runtime, unsigned threads);
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  // These two: by an attached thread, also within a task. All tasks have ended when they
  // return. They throw what a task threw.

  // Each on whatever thread comes first.
  void run_all(const std::vector<Task>& tasks);
  // Calls `body` for pieces of [0, count), each of at least `least` but the last.
  void for_each_piece(std::size_t count, std::size_t least, const Piece& body);

  // What it is made of.
  [[nodiscard]] static const char* name();

 private:
  struct Threads;

  Runtime& runtime_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace threadmill
