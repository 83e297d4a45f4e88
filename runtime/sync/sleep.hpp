// SPDX-License-Identifier: Apache-2.0
//
// What a thread does around its sleep. The locks of this layer know no thread states: a
// thread that must not sleep as it is passes a callable, which is given the sleep.
//
//     lock.lock(while_detached);     // thread/blocking.hpp: detach, sleep, attach
//
// The callable is called at most once, when the lock cannot be had at once, before the
// thread announces that it waits; the sleep ends with the lock taken. So what the callable
// does before may run user code, and may even take the same lock.
#pragma once

#include <concepts>

namespace threadmill {

namespace detail {
struct AnySleep {
  void operator()() const noexcept {}
};
}  // namespace detail

template <class Around>
concept AroundSleep = std::invocable<const Around&, detail::AnySleep>;

struct SleepAsYouAre {
  template <class Sleep>
  void operator()(Sleep sleep) const noexcept {
    sleep();
  }
};

static_assert(AroundSleep<SleepAsYouAre>);
static_assert(!AroundSleep<detail::AnySleep>, "it would forget to sleep");

}  // namespace threadmill
