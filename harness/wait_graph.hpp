// SPDX-License-Identifier: Apache-2.0
//
// Who waits for whom, of threads that do not come to an end: what the runtime says of
// their slots, what the kernel says of them, and what is found at the address on which one
// sleeps:
//
//   a critical section, a pause, a turn   the slot that holds it (thread/waiting.hpp)
//   std::mutex and the like               the owner that glibc notes in it
//   the end of a thread                   that thread
//
// The last two are guesses: 4 bytes there are the number of one of these threads. Threads
// that wait for each other in a circle are shown as such.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>

#include "runtime/runtime.hpp"

namespace threadmill {

struct RunThread {
  std::string name;
  pid_t thread = 0;
  SlotId slot = 0;  // 0: none
  std::string did;  // may be empty
};

// Whole lines. `runtime`: that of the slots, which lives meanwhile; null: there is none.
[[nodiscard]] std::string who_waits_for_whom(std::span<const RunThread> threads,
                                             const Runtime* runtime);

}  // namespace threadmill
