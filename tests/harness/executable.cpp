// SPDX-License-Identifier: Apache-2.0
#include "tests/harness/executable.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <spawn.h>

#include "runtime/base/build_info.hpp"
#include "tests/harness/scratch.hpp"

namespace threadmill {
namespace {

using Clock = std::chrono::steady_clock;

std::string read_to_end(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

// Reads until `text` has come, or nothing more comes.
std::string read_until(int descriptor, const std::string& text) {
  std::string all;
  char c = 0;
  while (all.find(text) == std::string::npos && ::read(descriptor, &c, 1) == 1)
    all += c;
  return all;
}

// Where a program leaves what it was given no place for.
const std::string& somewhere() {
  static const Scratch scratch;
  static const std::string path = scratch.path("");
  return path;
}

pid_t start(std::vector<std::string> words,
            const std::string& folder,
            int out,
            int err) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t process = 0;
  const int error = ::posix_spawn(&process, arguments.front(), &actions, nullptr,
                                  arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + words.front());
  return process;
}

}  // namespace

std::size_t Outcome::error_lines() const {
  return static_cast<std::size_t>(std::count(err.begin(), err.end(), '\n'));
}

Executable::Executable(const std::string& name)
    : path_(std::string(THREADMILL_BIN_DIR) + "/" + name), folder_(somewhere()) {}

Executable Executable::of_system(std::string path) {
  Executable program("");
  program.path_ = std::move(path);
  return program;
}

Executable Executable::in(std::string folder) const {
  Executable program = *this;
  program.folder_ = std::move(folder);
  return program;
}

bool Executable::exists() const { return ::access(path_.c_str(), X_OK) == 0; }

Outcome Executable::run(const std::vector<std::string>& arguments) const {
  return run_and_signal(arguments, "", 0);
}

Outcome Executable::run_and_signal(const std::vector<std::string>& arguments,
                                   const std::string& text,
                                   int signal) const {
  std::vector<std::string> words = {path_};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::array<int, 2> out{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int err = ::memfd_create("stderr", MFD_CLOEXEC);  // read when all is over

  const Clock::time_point began = Clock::now();
  const pid_t process = start(words, folder_, out[1], err);
  ::close(out[1]);
  Outcome outcome;
  if (signal != 0) {
    outcome.out = read_until(out[0], text);
    ::kill(process, signal);
  }
  outcome.out += read_to_end(out[0]);
  int status = 0;
  ::waitpid(process, &status, 0);
  outcome.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  ::lseek(err, 0, SEEK_SET);
  outcome.err = read_to_end(err);
  ::close(out[0]);
  ::close(err);
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

Outcome Executable::run_all_and_signal(const std::vector<std::string>& arguments,
                                       const std::string& text,
                                       int signal) const {
  std::vector<std::string> words = {path_};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::array<int, 2> err{};
  if (::pipe2(err.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const int out = ::memfd_create("stdout", MFD_CLOEXEC);

  const Clock::time_point began = Clock::now();
  const pid_t process = start(words, folder_, out, err[1]);
  ::close(err[1]);
  Outcome outcome;
  outcome.err = read_until(err[0], text);
  ::kill(process, signal);
  outcome.err += read_to_end(err[0]);  // whoever lives has the pipe open
  int status = 0;
  ::waitpid(process, &status, 0);
  outcome.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  ::close(err[0]);
  ::close(out);
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

bool built_with_sanitizers() { return is_sanitized(); }

}  // namespace threadmill
