// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/worker_pool.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/child_process.hpp"

namespace threadmill::explore {
namespace {

constexpr int kWaitMilliseconds = 100;

// The worker's side: never returns.
[[noreturn]] void work_and_exit(const std::function<std::string()>& work,
                                int pipe,
                                pid_t parent) {
  die_with(parent);
  try {
    const std::string text = work();
    std::size_t written = 0;
    while (written < text.size()) {
      const ssize_t some = ::write(pipe, text.data() + written, text.size() - written);
      if (some < 0 && errno != EINTR) ::_exit(1);
      if (some > 0) written += static_cast<std::size_t>(some);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "threadmill: %s\n", error.what());
    ::_exit(1);
  }
  std::fflush(stderr);
  ::_exit(0);
}

// Empty: it went well.
std::string death_of(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("its process was killed by signal {} ({})", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    return fmt::format("its process ended with status {}", WEXITSTATUS(status));
  return {};
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

WorkerPool::~WorkerPool() {
  for (const Worker& worker : workers_) {
    ::kill(worker.process, SIGKILL);
    ::close(worker.pipe);
    wait_for(worker.process);
  }
}

void WorkerPool::start(std::size_t number, const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "no pipe for a worker");
  std::fflush(stdout);  // or the worker has our text, too
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process == 0) {
    ::close(ends[0]);
    for (const Worker& worker : workers_) ::close(worker.pipe);
    work_and_exit(work, ends[1], parent);
  }
  const int error = errno;
  ::close(ends[1]);
  if (process < 0) {
    ::close(ends[0]);
    throw std::system_error(error, std::generic_category(), "no process for a worker");
  }
  workers_.push_back({number, process, ends[0], {}});
}

std::optional<WorkerPool::Report> WorkerPool::wait() {
  std::vector<pollfd> pipes;
  for (const Worker& worker : workers_) pipes.push_back({worker.pipe, POLLIN, 0});
  if (::poll(pipes.data(), pipes.size(), kWaitMilliseconds) <= 0) return {};
  for (std::size_t i = 0; i < pipes.size(); ++i) {
    if (pipes[i].revents == 0) continue;
    std::array<char, 65536> bytes{};
    const ssize_t count = ::read(workers_[i].pipe, bytes.data(), bytes.size());
    if (count > 0)
      workers_[i].text.append(bytes.data(), static_cast<std::size_t>(count));
    if (count == 0) return finish(i);
  }
  return {};
}

WorkerPool::Report WorkerPool::finish(std::size_t index) {
  Worker worker = std::move(workers_[index]);
  workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
  ::close(worker.pipe);
  return {worker.number, std::move(worker.text), death_of(wait_for(worker.process))};
}

}  // namespace threadmill::explore
