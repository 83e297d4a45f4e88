// SPDX-License-Identifier: Apache-2.0
//
// SeqLock<T>: a small value that readers copy without writing anything, and copy again if
// a writer came in between (Boehm, "Can seqlocks get along with programming language
// memory models?", 2012). T is trivially copyable; a reader never sees half of one.
//
//   sequence   2 bits, then a count of what was written
//   bit 0      a writer is writing
//   bit 1      somebody may sleep until it has done
//
// There are no fences (ThreadSanitizer ignores them): the data words carry the orders. A
// reader that acquires a word of a later write sees that write's odd number, or a later
// one, in its second look at the sequence (catalogue N1, N2).
//
// A writer copies a T and nothing else, so it neither blocks nor passes a safepoint, and
// who waits for it may stay attached; it spins a little, then sleeps (catalogue H7). A
// reader that sleeps through 2^30 writes is deceived.
//
// Edges
//   seq-lock-write   one write happens before the next, and before a reader's copying
//   seq-lock-data    the odd number of a write happens before the second look of a reader
//                    that has read a word of it
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtime/base/fault.hpp"
#include "runtime/sync/atomic.hpp"
#include "runtime/sync/backoff.hpp"
#include "runtime/sync/os_wait.hpp"

namespace threadmill {

template <class T>
class SeqLock {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  SeqLock() noexcept : SeqLock(T{}) {}
  explicit SeqLock(const T& value) noexcept { write(words_of(value)); }

  [[nodiscard]] T load() const noexcept {
    Words words;
    for (;;) {
      std::uint32_t before = sequence_.load(acquire);  // edge: seq-lock-write
      if ((before & kWriting) != 0) {
        wait_for_writer(before);
        continue;
      }
      for (std::size_t i = 0; i < kWords; ++i) {
        words[i] = fault(Fault::seqlock_reader_no_acquire_fence)
                       ? data_[i].load(relaxed)   // relaxed: the fault
                       : data_[i].load(acquire);  // edge: seq-lock-data
      }
      // relaxed: the words have acquired what decides
      if (sequence_.load(relaxed) == before) return value_of(words);
    }
  }

  void store(const T& value) noexcept {
    const Words words = words_of(value);
    std::uint32_t before = sequence_.load(relaxed);  // relaxed: confirmed by the cas
    for (;;) {
      if ((before & kWriting) != 0) {
        wait_for_writer(before);
        before = sequence_.load(relaxed);  // relaxed: as above
        continue;
      }
      // edge: seq-lock-write
      if (sequence_.cas(before, before | kWriting, acquire)) break;
    }
    if (!fault(Fault::cache_version_before_value)) write(words);
    // edge: seq-lock-write
    if ((sequence_.exchange(before + kOne, release) & kAwaited) != 0)
      os_wake_all(sequence_);
    if (fault(Fault::cache_version_before_value)) write(words);
  }

 private:
  static constexpr std::size_t kWords = (sizeof(T) + 7) / 8;
  using Words = std::array<std::uint64_t, kWords>;

  static constexpr std::uint32_t kWriting = 1;
  static constexpr std::uint32_t kAwaited = 2;
  static constexpr std::uint32_t kOne = 4;

  static Words words_of(const T& value) noexcept {
    Words words{};
    std::memcpy(words.data(), &value, sizeof value);
    return words;
  }
  static T value_of(const Words& words) noexcept {
    T value;
    std::memcpy(static_cast<void*>(&value), words.data(), sizeof value);
    return value;
  }

  void write(const Words& words) noexcept {
    for (std::size_t i = 0; i < kWords; ++i) {
      if (fault(Fault::seqlock_writer_no_release_fence))
        data_[i].store(words[i], relaxed);  // relaxed: the fault
      else
        data_[i].store(words[i], release);  // edge: seq-lock-data
    }
  }

  // `seen` is odd. Returns when it may be even.
  void wait_for_writer(std::uint32_t seen) const noexcept {
    Backoff backoff;
    while (backoff.spin()) {
      // relaxed: the caller looks again
      if ((sequence_.load(relaxed) & kWriting) == 0) return;
    }
    // relaxed, both: announces a sleeper, publishes nothing
    if ((seen & kAwaited) == 0 && !sequence_.cas_strong(seen, seen | kAwaited, relaxed))
      return;
    os_wait(sequence_, seen | kAwaited);
  }

  mutable Atomic<std::uint32_t> sequence_;
  std::array<Atomic<std::uint64_t>, kWords> data_;
};

}  // namespace threadmill
