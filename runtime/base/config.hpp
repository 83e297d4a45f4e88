// SPDX-License-Identifier: Apache-2.0
//
// The choices of a build as constants, so that code says `if constexpr (kName)` and no
// function holds an `#if`.
//
//   TM_CHECKS   0 always-on checks only · 1 asserts (debug, sanitizers, faults) ·
//               2 whole-structure invariants too
//   TM_FAULTS   1 only in the executables that carry switchable faults
//   TM_EXPLORED 1 where harness/explore decides every schedule
//   TM_REFCOUNT how references are counted: biased, atomic or locked
#pragma once

#include <cstddef>

#ifndef TM_EXPLORED
#define TM_EXPLORED 0
#endif

#ifndef TM_REFCOUNT
#define TM_REFCOUNT biased
#endif

#ifndef TM_CHECKS
#define TM_CHECKS 0
#endif

#ifndef TM_FAULTS
#define TM_FAULTS 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define TM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TM_ASAN 1
#endif
#endif
#ifndef TM_ASAN
#define TM_ASAN 0
#endif

#if defined(__SANITIZE_THREAD__)
#define TM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TM_TSAN 1
#endif
#endif
#ifndef TM_TSAN
#define TM_TSAN 0
#endif

namespace threadmill {

// The variants of the runtime: it is the same but for how references are counted, and,
// where they are `locked`, for who may run.
enum class Refcount {
  biased,  // the owner counts without atomics, everybody else by atomic adds
  atomic,  // no object has an owner: every count is an atomic add
  locked,  // nor here, but counts are plain: one lock lets one thread run at a time
};
inline constexpr Refcount kRefcount = Refcount::TM_REFCOUNT;

inline constexpr int kChecks = TM_CHECKS;
inline constexpr bool kFaults = TM_FAULTS != 0;
inline constexpr bool kExplored = TM_EXPLORED != 0;
inline constexpr bool kAddressSanitizer = TM_ASAN != 0;
inline constexpr bool kThreadSanitizer = TM_TSAN != 0;

// Chaos points are code (thread/chaos.hpp). Where every access is a scheduling point they
// would add nothing.
inline constexpr bool kChaos =
    (kFaults || kAddressSanitizer || kThreadSanitizer) && !kExplored;

// Dead payloads are overwritten and fresh memory is filled with a recognisable pattern,
// so that a use of either is seen. Fault builds need it to see what their faults do.
inline constexpr bool kPoisonFill = kFaults;

// Dead blocks may be made to wait before they are used again, so that a stale use meets a
// dead block rather than a new object; and whether they do unless a world is told
// otherwise.
inline constexpr bool kQuarantine = kChaos;
inline constexpr bool kReusesLate = kQuarantine && (kFaults || kAddressSanitizer);

// The distance that keeps the hot words of two threads apart where it is applied: two
// lines of 64 bytes, because of adjacent-line prefetch.
inline constexpr std::size_t kCacheLine = 128;

}  // namespace threadmill
