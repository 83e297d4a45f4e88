// SPDX-License-Identifier: Apache-2.0
#include "harness/child_process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <spawn.h>

#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill {
namespace {

// What exec() wants: an array of writable pointers, null at its end.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// How a new process differs from this one, in the form that posix_spawn() wants.
class Differences {
 public:
  explicit Differences(const ChildProcess::Setup& setup) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
    if (setup.stdout_to >= 0) {
      ::posix_spawn_file_actions_adddup2(&files_, setup.stdout_to, STDOUT_FILENO);
    }
    if (setup.stderr_to >= 0) {
      ::posix_spawn_file_actions_adddup2(&files_, setup.stderr_to, STDERR_FILENO);
    }
    // Onto itself: it is no longer closed by exec.
    if (setup.keep >= 0) {
      ::posix_spawn_file_actions_adddup2(&files_, setup.keep, setup.keep);
    }
    if (setup.deaf_to_interrupts) block_interrupts();
  }
  Differences(const Differences&) = delete;
  Differences& operator=(const Differences&) = delete;
  ~Differences() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }

  [[nodiscard]] const posix_spawn_file_actions_t* files() const { return &files_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  void block_interrupts() {
    sigset_t interrupts;
    ::sigemptyset(&interrupts);
    ::sigaddset(&interrupts, SIGINT);
    ::sigaddset(&interrupts, SIGTERM);
    ::posix_spawnattr_setsigmask(&attributes_, &interrupts);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }

  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

ChildProcess::ChildProcess(const std::string& executable,
                           std::vector<std::string> words,
                           const Setup& setup)
    : kill_at_end_(setup.kill_at_end) {
  const Differences differences(setup);
  const std::vector<char*> arguments = pointers_to(words);
  const int error = ::posix_spawn(&process_, executable.c_str(), differences.files(),
                                  differences.attributes(), arguments.data(), environ);
  if (error == 0) return;
  throw UsageError(fmt::format("cannot start '{}': {}", printable(executable),
                               std::strerror(error)));
}

ChildProcess::~ChildProcess() {
  if (process_ == 0) return;
  if (kill_at_end_) kill();
  (void)wait();
}

void ChildProcess::kill() {
  if (process_ != 0) ::kill(process_, SIGKILL);
}

ChildProcess::End ChildProcess::wait() {
  int status = 0;
  rusage usage{};
  while (::wait4(process_, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  process_ = 0;
  const auto peak = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status), peak};
  return {WEXITSTATUS(status), 0, peak};
}

void die_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it has ended before the line above
}

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal)
                         : fmt::format("SIG{}", name);
}

}  // namespace threadmill
