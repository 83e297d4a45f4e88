// SPDX-License-Identifier: Apache-2.0
//
// Channel: the way from a process that runs one workload to the one that started it. It
// takes lines (run_message.hpp); and that the other side has closed its half, or died,
// says that the run is to end.
//
// States: free -> busy -> free, while a thread sends; any -> sealed, for good, when a
// thread is about to end the process: what it says is the last that is said.
#pragma once

#include <atomic>
#include <string_view>

namespace threadmill {

class Channel {
 public:
  explicit Channel(int descriptor) noexcept : descriptor_(descriptor) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Any thread. Nothing arrives once it is sealed.
  void send(std::string_view line) noexcept;

  [[nodiscard]] bool told_to_stop() const noexcept;

  // Async-signal-safe. From here on only the caller writes, to descriptor().
  void seal() noexcept;
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  enum class State { free, busy, sealed };

  [[nodiscard]] bool occupy(State as) noexcept;

  const int descriptor_;
  std::atomic<State> state_{State::free};
};

}  // namespace threadmill
