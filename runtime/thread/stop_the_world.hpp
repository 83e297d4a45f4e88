// SPDX-License-Identifier: Apache-2.0
//
// Stopping the world: afterwards every slot but the stopper's is suspended, its thread
// at a safepoint or detached, until the stopper starts the world again.
//
// One read-modify-write per slot decides who counts it: `fetch_or(suspended)` either
// finds the slot not attached, and then it is stopped from that moment, or attached, and
// then its thread finds the bit when it comes to a safepoint, detaches or leaves, and
// counts itself. So a thread that blocks after the request stops at once, and nobody
// polls. Stopped threads sleep on one word and are woken with one call; those that wait
// to attach are let in by the starter itself, so back-to-back pauses cannot keep a
// thread out (gh-151518).
//
// Edges
//   all-stopped   what a thread did before it stopped happens before the pause
//   pause-end     what was done in the pause happens before a stopped thread goes on
#pragma once

#include "runtime/base/annotations.hpp"
#include "runtime/thread/slot.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill {

// Marks what may be touched in a pause only; clang checks it.
struct TM_CAPABILITY StoppedWorldCapability {};
extern StoppedWorldCapability stopped_world;

// Stops everybody but the caller, which is attached and stays so. Pauses are served in
// the order of asking; the caller may be stopped for another one first.
void stop_the_world(Slot& self) noexcept TM_ACQUIRES(stopped_world);
void start_the_world(Slot& self) noexcept TM_RELEASES(stopped_world);

class TM_SCOPED_CAPABILITY StoppedWorld {
 public:
  explicit StoppedWorld(Slot& self) noexcept TM_ACQUIRES(stopped_world) : self_(self) {
    stop_the_world(self_);
  }
  ~StoppedWorld() TM_RELEASES() { start_the_world(self_); }

  StoppedWorld(const StoppedWorld&) = delete;
  StoppedWorld& operator=(const StoppedWorld&) = delete;

 private:
  Slot& self_;
};

namespace detail {
// One attached thread less to wait for.
void count_down(World& world) noexcept;
}  // namespace detail

}  // namespace threadmill
