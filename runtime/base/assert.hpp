// SPDX-License-Identifier: Apache-2.0
//
// Three levels of checking; pick by cost.
//   TM_CHECK      in every build. O(1), and going on would corrupt memory.
//   TM_ASSERT     TM_CHECKS >= 1 (debug, sanitizers, faults). O(1) pre- and
//                 postconditions.
//   TM_INVARIANT  TM_CHECKS >= 2. Whole-structure verify().
//
// A check has the name of the invariant and a sentence. The `_OBJECT` forms also print
// the object. A failed check never returns: it calls the failure handler, then aborts.
#pragma once

#include "runtime/base/config.hpp"

namespace threadmill {

// Called by a failed check on the failing thread, with any locks held; may print, may
// leave through _exit, and must not use the runtime. `message` names the object.
using FailureHandler = void (*)(const char* invariant,
                                const char* message,
                                const char* file,
                                int line);

// Process-wide; null restores the default, which prints to stderr. Set it before
// threads use the runtime. Returns the handler that was set before.
FailureHandler set_failure_handler(FailureHandler handler) noexcept;

[[noreturn]] void check_failed(const char* invariant,
                               const char* message,
                               const char* file,
                               int line) noexcept;

// `object` is printed as an address, with what the describer (below) says of it.
[[noreturn]] void check_failed_object(const char* invariant,
                                      const char* message,
                                      const void* object,
                                      const char* file,
                                      int line) noexcept;

// Writes what is known of `object` into `text`; process-wide. runtime.cpp sets it before
// main().
using ObjectDescriber = void (*)(const void* object,
                                 char* text,
                                 unsigned long size) noexcept;
void set_object_describer(ObjectDescriber describer) noexcept;

}  // namespace threadmill

#define TM_CHECK(expression, invariant, message) \
  ((expression) ? void(0)                        \
                : ::threadmill::check_failed(invariant, message, __FILE__, __LINE__))

#define TM_CHECK_OBJECT(expression, object, invariant, message)                 \
  ((expression) ? void(0)                                                       \
                : ::threadmill::check_failed_object(invariant, message, object, \
                                                    __FILE__, __LINE__))

#if TM_CHECKS >= 1
#define TM_ASSERT(expression, invariant, message) \
  TM_CHECK(expression, invariant, message)
#define TM_ASSERT_OBJECT(expression, object, invariant, message) \
  TM_CHECK_OBJECT(expression, object, invariant, message)
#else
#define TM_ASSERT(expression, invariant, message) void(sizeof(!(expression)))
#define TM_ASSERT_OBJECT(expression, object, invariant, message) \
  void(sizeof(!(expression)))
#endif

#if TM_CHECKS >= 2
#define TM_INVARIANT(expression, invariant, message) \
  TM_CHECK(expression, invariant, message)
#else
#define TM_INVARIANT(expression, invariant, message) void(sizeof(!(expression)))
#endif
