// SPDX-License-Identifier: Apache-2.0
#include "harness/channel.hpp"

#include <poll.h>
#include <sched.h>

#include "harness/safe_text.hpp"

namespace threadmill {
namespace {

// The thread that sends may be the one that died: so long is waited for it to finish.
constexpr int kTries = 10'000;

}  // namespace

void Channel::send(std::string_view line) noexcept {
  while (!occupy(State::busy)) {
    if (state_ == State::sealed) return;
    ::sched_yield();
  }
  SafeText(descriptor_).put(line).put("\n");
  State busy = State::busy;
  state_.compare_exchange_strong(busy, State::free);
}

bool Channel::told_to_stop() const noexcept {
  pollfd socket{descriptor_, POLLIN | POLLRDHUP, 0};
  return ::poll(&socket, 1, 0) > 0 && (socket.revents & ~POLLIN) != 0;
}

void Channel::seal() noexcept {
  for (int i = 0; i < kTries && !occupy(State::sealed); ++i) ::sched_yield();
  state_ = State::sealed;
}

bool Channel::occupy(State as) noexcept {
  State free = State::free;
  return state_.compare_exchange_strong(free, as);
}

}  // namespace threadmill
