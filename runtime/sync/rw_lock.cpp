// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync/rw_lock.hpp"

#include "runtime/base/fault.hpp"

namespace threadmill {

void RwLock::lock_slow() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  gate_.lock();
  // edge: rw-lock-handover
  std::uint32_t word = word_.fetch_or(kWriter, acquire) | kWriter;
  while (word != kWriter) {
    os_wait(word_, word);
    word = fault(Fault::upgrade_relaxed)
               ? word_.load(relaxed)   // relaxed: the fault
               : word_.load(acquire);  // edge: rw-lock-handover
  }
}

void RwLock::lock_shared_slow() noexcept TM_NO_THREAD_SAFETY_ANALYSIS {
  gate_.lock();
  word_.fetch_add(kReader, acquire);  // R2. edge: rw-lock-handover
  gate_.unlock();
}

}  // namespace threadmill
