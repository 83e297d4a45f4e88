// SPDX-License-Identifier: Apache-2.0
//
// FaultLauncher: how the normal executable, which carries no fault and knows no fault's
// name, answers for them: threadmill-faults lies beside it and is started with the same
// arguments, without a shell.
//
// The child reports by itself. Should a signal leave it no chance to, the launcher
// publishes its last will, which it was lent through a memory file.
#pragma once

#include <string>
#include <vector>

#include "harness/options.hpp"
#include "harness/report_json.hpp"

namespace threadmill {

class FaultLauncher {
 public:
  FaultLauncher();  // finds the executable; throws UsageError if it is not there

  // The exit status of `threadmill-faults` with these arguments (without argv[0]).
  // SIGINT and SIGTERM are passed on to it.
  [[nodiscard]] int stress(std::vector<std::string> arguments,
                           const StressOptions& options) const;

  [[nodiscard]] std::vector<FaultEntry> list() const;

 private:
  std::string executable_;
};

}  // namespace threadmill
