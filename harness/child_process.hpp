// SPDX-License-Identifier: Apache-2.0
//
// ChildProcess: another executable, started without a shell. While one exists, SIGINT
// and SIGTERM to this process are passed on to it. At most one exists at a time.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace threadmill {

class ChildProcess {
 public:
  struct End {
    int status = 0;            // of exit
    int signal = 0;            // that killed it; 0: it exited
    bool interrupted = false;  // a signal was passed on
  };

  // `stdout_to`: the descriptor that becomes its stdout; -1: ours. Descriptors that
  // are not close-on-exec are its as well. Throws UsageError if it cannot be started.
  ChildProcess(const std::string& executable,
               const std::vector<std::string>& arguments,
               int stdout_to = -1);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  [[nodiscard]] End wait();

 private:
  pid_t process_ = 0;
};

}  // namespace threadmill
