// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread/latency.hpp"

#include "runtime/thread/stop_the_world.hpp"

namespace threadmill {

Latencies gather_latencies(Slot& self) noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  const StoppedWorld here(self);
  World& world = self.world;
  Latencies all{world.pause_times.stop(), world.pause_times.pause(), {}, 0, 0};
  world.for_each_slot([&all](const Slot& slot) {
    all.attach.merge(slot.attach_waits.waits());
    if (slot.attach_waits.most_pauses() > all.most_pauses_to_attach)
      all.most_pauses_to_attach = slot.attach_waits.most_pauses();
    if (slot.attach_waits.most_pauses_to_enter() > all.most_pauses_to_enter)
      all.most_pauses_to_enter = slot.attach_waits.most_pauses_to_enter();
  });
  return all;
}

}  // namespace threadmill
