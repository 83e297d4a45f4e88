// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/build_info.hpp"

#include <string_view>

#include "runtime/base/config.hpp"

#ifndef TM_BUILD_TYPE
#define TM_BUILD_TYPE "unknown"
#endif
#ifndef TM_SANITIZERS
#define TM_SANITIZERS "none"
#endif
#ifndef TM_ALLOCATOR_NAME
#define TM_ALLOCATOR_NAME "system"
#endif

#if defined(__clang__)
#define TM_COMPILER "clang " __clang_version__
#else
#define TM_COMPILER "g++ " __VERSION__
#endif

namespace threadmill {

namespace {

constexpr const char* kRefcountName = kRefcount == Refcount::biased   ? "biased"
                                      : kRefcount == Refcount::atomic ? "atomic"
                                                                      : "locked";

}  // namespace

BuildInfo build_info() noexcept {
  return {.compiler = TM_COMPILER,
          .build_type = TM_BUILD_TYPE,
          .refcount = kRefcountName,
          .header_bytes = 16,  // asserted in object/header.hpp
          .allocator = TM_ALLOCATOR_NAME,
          .sanitizers = TM_SANITIZERS,
          .checks = kChecks,
          .faults = kFaults};
}

bool is_sanitized() noexcept {
  return std::string_view(build_info().sanitizers) != "none";
}

}  // namespace threadmill
