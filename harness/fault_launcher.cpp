// SPDX-License-Identifier: Apache-2.0
#include "harness/fault_launcher.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "harness/child_process.hpp"
#include "harness/descriptor.hpp"
#include "harness/last_will.hpp"
#include "harness/numbers.hpp"
#include "harness/sibling.hpp"

namespace threadmill {
namespace {

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal)
                         : fmt::format("SIG{}", name);
}

// The will is read from the start, wherever the child's last write has left off.
std::optional<LastWill> will_in(int memory_file) {
  LastWill will;
  ::lseek(memory_file, 0, SEEK_SET);
  if (!from_memory_file(read_all(memory_file), will)) return std::nullopt;
  return will;
}

void execute(const LastWill& will, const std::string& detail, const std::string& json) {
  const Death death{Verdict::crash, "crash", detail};
  announce(will, death);
  if (json.empty()) return;
  OutputFile file(json);
  if (const int error = publish(will, death, file); error != 0) {
    throw UsageError(
        fmt::format("--json '{}': {}", printable(json), std::strerror(error)));
  }
}

}  // namespace

FaultLauncher::FaultLauncher()
    : executable_(sibling_executable("threadmill-faults", "faults need")) {}

int FaultLauncher::stress(std::vector<std::string> arguments,
                          const StressOptions& options) const {
  // Not close-on-exec: the child has it under the same number.
  const Descriptor memory_file(::memfd_create("threadmill-last-will", 0));
  if (memory_file.number() >= 0) {
    arguments.push_back(fmt::format("--last-will={}", memory_file.number()));
  }
  const ChildProcess::End end = ChildProcess(executable_, arguments).wait();
  if (end.signal == 0) return end.status;
  if (end.interrupted) return static_cast<int>(ExitStatus::interrupted);

  const std::string detail = "killed by " + signal_name(end.signal);
  execute(will_in(memory_file.number()).value_or(LastWill{}), detail, options.json);
  return static_cast<int>(ExitStatus::wrong);
}

std::vector<FaultEntry> FaultLauncher::list() const {
  return faults_of_listing(output_of(executable_, {"list", "--faults-only", "--json"}));
}

}  // namespace threadmill
