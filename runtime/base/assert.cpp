// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace threadmill {

namespace {

// Both are set before threads use the runtime and only read afterwards.
FailureHandler failure_handler = nullptr;
ObjectDescriber object_describer = nullptr;

}  // namespace

FailureHandler set_failure_handler(FailureHandler handler) noexcept {
  FailureHandler previous = failure_handler;
  failure_handler = handler;
  return previous;
}

void set_object_describer(ObjectDescriber describer) noexcept {
  object_describer = describer;
}

void check_failed(const char* invariant,
                  const char* message,
                  const char* file,
                  int line) noexcept {
  if (failure_handler != nullptr) failure_handler(invariant, message, file, line);
  std::fprintf(stderr, "threadmill: check failed: %s: %s (%s:%d)\n", invariant, message,
               file, line);
  std::abort();
}

void check_failed_object(const char* invariant,
                         const char* message,
                         const void* object,
                         const char* file,
                         int line) noexcept {
  char description[160] = "";
  if (object_describer != nullptr)
    object_describer(object, description, sizeof description);
  char text[400];
  std::snprintf(text, sizeof text, "%s; object %p%s", message, object, description);
  check_failed(invariant, text, file, line);
}

}  // namespace threadmill
