// SPDX-License-Identifier: Apache-2.0
#include "harness/child_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <spawn.h>

#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill {
namespace {

std::atomic<pid_t> receiver{0};  // of signals passed on; 0: nobody
std::atomic<bool> passed_on{false};

void pass_on(int signal) {
  passed_on = true;
  const pid_t process = receiver;
  if (process != 0) ::kill(process, signal);
}

void handle_with(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

// What exec() wants: an array of writable pointers, null at its end.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

int spawn(pid_t& process, std::vector<std::string> words, int stdout_to) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (stdout_to >= 0) {
    ::posix_spawn_file_actions_adddup2(&actions, stdout_to, STDOUT_FILENO);
  }
  const std::vector<char*> arguments = pointers_to(words);
  const int error = ::posix_spawn(&process, arguments.front(), &actions, nullptr,
                                  arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

ChildProcess::ChildProcess(const std::string& executable,
                           const std::vector<std::string>& arguments,
                           int stdout_to) {
  std::vector<std::string> words = {executable};
  words.insert(words.end(), arguments.begin(), arguments.end());
  passed_on = false;
  handle_with(pass_on);
  const int error = spawn(process_, std::move(words), stdout_to);
  if (error != 0) {
    handle_with(SIG_DFL);
    throw UsageError(fmt::format("cannot start '{}': {}", printable(executable),
                                 std::strerror(error)));
  }
  receiver = process_;
  if (passed_on) ::kill(process_, SIGINT);  // it came before there was a receiver
}

ChildProcess::~ChildProcess() {
  if (process_ != 0) (void)wait();
  handle_with(SIG_DFL);
}

ChildProcess::End ChildProcess::wait() {
  siginfo_t info{};
  const auto id = static_cast<id_t>(process_);
  // A zombie until nobody sends it signals: its id may not be taken by another.
  while (::waitid(P_PID, id, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  receiver = 0;
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
  if (info.si_code == CLD_EXITED) return {info.si_status, 0, passed_on};
  return {0, info.si_status, passed_on};
}

}  // namespace threadmill
