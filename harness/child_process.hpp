// SPDX-License-Identifier: Apache-2.0
//
// ChildProcess: an executable, started without a shell. It is waited for, or killed, at
// the end of its scope.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace threadmill {

class ChildProcess {
 public:
  struct Setup {
    int stdout_to = -1;  // the descriptor that becomes its stdout; -1: ours
    int stderr_to = -1;  // likewise
    int keep = -1;       // a descriptor that it gets under the same number
    // A terminal's Ctrl-C does not reach it: who started it decides what becomes of it.
    bool deaf_to_interrupts = false;
    bool kill_at_end = false;  // of the scope, instead of waiting
  };

  struct End {
    int status = 0;  // of exit
    int signal = 0;  // that killed it; 0: it exited
    std::uint64_t resident_peak_bytes = 0;
  };

  // `words`: its arguments, from its own name on. Throws UsageError if it cannot be
  // started.
  ChildProcess(const std::string& executable,
               std::vector<std::string> words,
               const Setup& setup);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  void kill();
  [[nodiscard]] End wait();

 private:
  const bool kill_at_end_;
  pid_t process_ = 0;  // 0: it was waited for
};

// For the child: it is killed as soon as `parent`, which started it, has ended.
void die_with(pid_t parent);

// "SIGSEGV", or a number.
[[nodiscard]] std::string signal_name(int signal);

}  // namespace threadmill
