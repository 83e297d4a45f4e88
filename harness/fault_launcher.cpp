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
#include "harness/last_will.hpp"
#include "harness/numbers.hpp"

namespace threadmill {
namespace {

// A descriptor with an end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  [[nodiscard]] int number() const { return number_; }

  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
}

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

FaultLauncher::FaultLauncher() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  executable_ = (self.parent_path() / "threadmill-faults").string();
  if (error || ::access(executable_.c_str(), X_OK) != 0) {
    throw UsageError(
        fmt::format("faults need '{}', which is not there; build all targets",
                    printable(executable_)));
  }
}

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
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  ChildProcess child(executable_, {"list", "--faults-only", "--json"},
                     writing.number());
  writing.close();
  const std::string text = read_all(reading.number());
  return child.wait().status == 0 ? faults_of_listing(text) : std::vector<FaultEntry>{};
}

}  // namespace threadmill
