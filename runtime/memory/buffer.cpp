// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/buffer.hpp"

#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/base/config.hpp"
#include "runtime/base/memory_door.hpp"
#include "runtime/memory/poison.hpp"
#include "runtime/sync/word_lock.hpp"

#if TM_ALLOCATOR_MIMALLOC
#include <mimalloc.h>
#elif TM_ALLOCATOR_TBB
#include <tbb/scalable_allocator.h>
#endif

namespace threadmill {

namespace {

#if TM_ALLOCATOR_MIMALLOC
void* general_allocate(std::size_t bytes) noexcept { return mi_malloc(bytes); }
void general_free(void* buffer) noexcept { mi_free(buffer); }
#elif TM_ALLOCATOR_TBB
void* general_allocate(std::size_t bytes) noexcept { return scalable_malloc(bytes); }
void general_free(void* buffer) noexcept { scalable_free(buffer); }
#else
void* general_allocate(std::size_t bytes) noexcept { return std::malloc(bytes); }
void general_free(void* buffer) noexcept { std::free(buffer); }
#endif

// Fault builds keep freed buffers, filled with kDeadByte, for a while: a reader that comes
// too late finds them dead, not in use again. The oldest goes when a new one comes.
class Quarantine {
 public:
  // What may be freed now; null: nothing.
  [[nodiscard]] void* exchange(void* buffer) noexcept {
    const WordLockGuard guard(lock_);
    next_ = (next_ + 1) % kBuffers;
    return std::exchange(buffers_[next_], buffer);
  }

 private:
  static constexpr std::size_t kBuffers = 1 << 14;

  WordLock lock_;
  std::size_t next_ TM_GUARDED_BY(lock_) = 0;
  void* buffers_[kBuffers] TM_GUARDED_BY(lock_){};
};

// Long buffers are worth more than a late reader.
constexpr std::size_t kMaxQuarantined = std::size_t{1} << 14;

#if TM_FAULTS
constinit Quarantine quarantine;
void* exchange_quarantined(void* buffer) noexcept {
  return quarantine.exchange(buffer);
}
#else
void* exchange_quarantined(void* buffer) noexcept { return buffer; }
#endif

}  // namespace

void* buffer_allocate(std::size_t bytes) noexcept {
  if (is_refused(MemoryKind::buffer)) return nullptr;
  void* buffer = general_allocate(bytes);
  if (kPoisonFill && buffer != nullptr) std::memset(buffer, kFreshByte, bytes);
  return buffer;
}

void buffer_free(void* buffer, std::size_t bytes) noexcept {
  if (kPoisonFill && buffer != nullptr) std::memset(buffer, kDeadByte, bytes);
  if (kFaults && bytes <= kMaxQuarantined) buffer = exchange_quarantined(buffer);
  general_free(buffer);
}

}  // namespace threadmill
