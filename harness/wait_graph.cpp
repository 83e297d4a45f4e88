// SPDX-License-Identifier: Apache-2.0
#include "harness/wait_graph.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/peek.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kMostLines = 32;
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);
constexpr std::uintptr_t kOwnerInMutex = 8;  // glibc, pthread_mutex_t::__data.__owner

struct Wait {
  std::string text;            // after "waits for"; empty: it does not
  std::size_t whom = kNobody;  // index of a thread
};

// The address on which a thread sleeps, as the kernel says.
std::optional<std::uintptr_t> futex_of(pid_t thread) {
  std::ifstream file(fmt::format("/proc/self/task/{}/syscall", thread));
  long number = -1;
  std::uintptr_t address = 0;
  if (!(file >> number) || number != SYS_futex) return std::nullopt;
  if (!(file >> std::hex >> address)) return std::nullopt;
  return address;
}

char kernel_state_of(pid_t thread) {
  std::ifstream file(fmt::format("/proc/self/task/{}/stat", thread));
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(") ");
  return name_end == std::string::npos ? '?' : line[name_end + 2];
}

const char* text_of_kernel_state(char state) {
  switch (state) {
    case 'R':
      return "runs";
    case 'S':
      return "asleep";
    case 'D':
      return "asleep in the kernel";
    case 'T':
    case 't':
      return "stopped";
    default:
      return "ended";
  }
}

std::string text_of_slot(std::uint32_t state) {
  using namespace slot_state;
  const std::uint32_t mode = state & kModeMask;
  std::string text = mode == kAttached   ? "attached"
                     : mode == kDetached ? "detached"
                                         : "vacant";
  if ((state & kSuspended) != 0) text += " suspended";
  if ((state & kClaimed) != 0) text += " claimed";
  return text;
}

const char* text_of(WaitReason reason) {
  switch (reason) {
    case WaitReason::nothing:
      return "";
    case WaitReason::section:
      return "the lock of an object";
    case WaitReason::claim_end:
      return "the end of a claim of its slot";
    case WaitReason::pause_end:
      return "the end of a pause";
    case WaitReason::turn_to_stop:
      return "its turn to stop the world";
    case WaitReason::threads_to_stop:
      return "a safepoint of others, to stop the world";
    case WaitReason::turn_to_collect:
      return "its turn to collect";
    case WaitReason::collection:
      return "a collection's pause";
    case WaitReason::helpers:
      return "those that help it to clear trash";
    case WaitReason::turn_to_run:
      return "the global lock";
  }
  return "";
}

class Graph {
 public:
  Graph(std::span<const RunThread> threads, const Runtime* runtime)
      : threads_(threads), runtime_(runtime) {
    for (const RunThread& thread : threads_) waits_.push_back(wait_of(thread));
  }

  [[nodiscard]] std::string text() const {
    std::string text;
    const std::size_t shown = std::min(threads_.size(), kMostLines);
    for (std::size_t i = 0; i < shown; ++i) text += line_of(i);
    if (threads_.size() > shown)
      text += fmt::format("  and {} threads more\n", threads_.size() - shown);
    return text + cycle();
  }

 private:
  [[nodiscard]] Wait wait_of(const RunThread& thread) const {
    if (runtime_ != nullptr && thread.slot != 0) {
      const ThreadState state = runtime_->thread_state(thread.slot);
      if (state.waits_for != WaitReason::nothing) return wait_in_runtime(state);
    }
    const std::optional<std::uintptr_t> futex = futex_of(thread.thread);
    return futex ? wait_at(*futex) : Wait{};
  }

  [[nodiscard]] Wait wait_in_runtime(const ThreadState& state) const {
    Wait wait{text_of(state.waits_for), kNobody};
    if (state.waits_on != nullptr) wait.text += fmt::format(" at {}", state.waits_on);
    if (state.holder == 0) return wait;
    wait.whom =
        find([&](const RunThread& thread) { return thread.slot == state.holder; });
    wait.text += wait.whom == kNobody ? fmt::format(", of slot {}", state.holder)
                                      : ", of " + threads_[wait.whom].name;
    return wait;
  }

  // A thread that is joined has its number there; a mutex has its owner's.
  [[nodiscard]] Wait wait_at(std::uintptr_t address) const {
    const std::size_t joined = named_at(address);
    if (joined != kNobody) return {"the end of " + threads_[joined].name, joined};
    const std::size_t owner = named_at(address + kOwnerInMutex);
    if (owner != kNobody)
      return {fmt::format("the mutex at {:#x}, of {}", address, threads_[owner].name),
              owner};
    return {fmt::format("the futex at {:#x}", address), kNobody};
  }

  [[nodiscard]] std::size_t named_at(std::uintptr_t address) const {
    pid_t number = 0;
    if (!peek(reinterpret_cast<const void*>(address), number) || number == 0)
      return kNobody;
    return find([number](const RunThread& thread) { return thread.thread == number; });
  }

  template <class Predicate>
  [[nodiscard]] std::size_t find(Predicate predicate) const {
    const auto found = std::find_if(threads_.begin(), threads_.end(), predicate);
    return found == threads_.end() ? kNobody
                                   : static_cast<std::size_t>(found - threads_.begin());
  }

  [[nodiscard]] std::string line_of(std::size_t index) const {
    const RunThread& thread = threads_[index];
    std::string text = fmt::format("  {}: ", thread.name);
    if (!thread.did.empty()) text += thread.did + ", ";
    if (runtime_ != nullptr && thread.slot != 0)
      text += text_of_slot(runtime_->thread_state(thread.slot).state) + ", ";
    text += text_of_kernel_state(kernel_state_of(thread.thread));
    if (!waits_[index].text.empty()) text += ", waits for " + waits_[index].text;
    return text + "\n";
  }

  // Each waits for one other at most, so from a thread leads one way.
  [[nodiscard]] std::string cycle() const {
    for (std::size_t start = 0; start < threads_.size(); ++start) {
      std::string text = "  in a circle: " + threads_[start].name;
      std::size_t at = start;
      for (std::size_t steps = 0; steps < threads_.size(); ++steps) {
        at = waits_[at].whom;
        if (at == kNobody) break;
        text += " -> " + threads_[at].name;
        if (at == start) return text + "\n";
      }
    }
    return {};
  }

  const std::span<const RunThread> threads_;
  const Runtime* const runtime_;
  std::vector<Wait> waits_;
};

}  // namespace

std::string who_waits_for_whom(std::span<const RunThread> threads,
                               const Runtime* runtime) {
  return Graph(threads, runtime).text();
}

}  // namespace threadmill
