// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/observers.hpp"

#include <algorithm>

namespace threadmill {

bool Observers::add(const CollectionCallback& callback) noexcept {
  const WordLockGuard guard(lock_);
  if (size_ == kMaxCallbacks) return false;
  callbacks_[size_++] = callback;
  has_callbacks_.store(true, relaxed);  // relaxed: a hint, the lock orders
  return true;
}

bool Observers::remove(const CollectionCallback& callback) noexcept {
  const WordLockGuard guard(lock_);
  const auto end = callbacks_.begin() + static_cast<std::ptrdiff_t>(size_);
  const auto found = std::find(callbacks_.begin(), end, callback);
  if (found == end) return false;
  std::move(found + 1, end, found);
  has_callbacks_.store(--size_ != 0, relaxed);  // relaxed: as above
  return true;
}

void Observers::tell(CollectionPhase phase, const CollectionInfo& info) noexcept {
  if (!has_callbacks_.load(relaxed)) return;  // relaxed: as above
  std::array<CollectionCallback, kMaxCallbacks> callbacks;
  std::size_t size;
  {
    const WordLockGuard guard(lock_);
    callbacks = callbacks_;
    size = size_;
  }
  for (std::size_t i = 0; i < size; ++i)
    callbacks[i].function(callbacks[i].context, phase, info);
}

void Observers::count(const CollectionInfo& info) noexcept {
  // relaxed, all: statistics
  Numbers& numbers = numbers_[info.generation];
  numbers.collections.fetch_add(1, relaxed);
  numbers.collected.fetch_add(info.collected, relaxed);
  numbers.uncollectable.fetch_add(info.uncollectable, relaxed);
  numbers.examined.fetch_add(info.examined, relaxed);
}

std::array<GenerationStatistics, kGenerations> Observers::statistics() const noexcept {
  std::array<GenerationStatistics, kGenerations> result;
  for (unsigned g = 0; g < kGenerations; ++g) {
    // relaxed, all: statistics
    result[g] = {.collections = numbers_[g].collections.load(relaxed),
                 .collected = numbers_[g].collected.load(relaxed),
                 .uncollectable = numbers_[g].uncollectable.load(relaxed),
                 .examined = numbers_[g].examined.load(relaxed)};
  }
  return result;
}

std::uint64_t Observers::collections() const noexcept {
  std::uint64_t sum = 0;
  for (const Numbers& numbers : numbers_)
    sum += numbers.collections.load(relaxed);  // relaxed: a statistic
  return sum;
}

}  // namespace threadmill
