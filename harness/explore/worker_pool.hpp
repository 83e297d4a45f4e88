// SPDX-License-Identifier: Apache-2.0
//
// WorkerPool: pieces of work in forked processes, at most so many at a time. There is one
// engine in a process, so this is how a search uses every core; and what brings the
// engine down costs one piece of work.
//
// Used by one thread, in a process without others. A worker ends with this process.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace threadmill::explore {

class WorkerPool {
 public:
  struct Report {
    std::size_t number = 0;  // of the piece of work
    std::string text;        // what it returned
    std::string death;       // not empty: it did not return, and this is why
  };

  explicit WorkerPool(unsigned most) : most_(most) {}
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();  // kills the workers that are left

  [[nodiscard]] bool is_full() const noexcept { return workers_.size() >= most_; }
  [[nodiscard]] bool is_empty() const noexcept { return workers_.empty(); }

  // Calls `work` in a new process. Throws std::system_error if there can be none.
  void start(std::size_t number, const std::function<std::string()>& work);

  // The next worker that ends; empty: none did for a tenth of a second. Not if
  // is_empty().
  [[nodiscard]] std::optional<Report> wait();

 private:
  struct Worker {
    std::size_t number;
    pid_t process;
    int pipe;
    std::string text;
  };

  Report finish(std::size_t index);

  const unsigned most_;
  std::vector<Worker> workers_;
};

}  // namespace threadmill::explore
