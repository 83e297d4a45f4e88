// SPDX-License-Identifier: Apache-2.0
//
// What this build is, for `threadmill version` and for every recorded result.
#pragma once

namespace threadmill {

struct BuildInfo {
  const char* compiler;    // name and version
  const char* build_type;  // the preset
  const char* refcount;    // how it counts: biased, atomic or locked
  int header_bytes;        // of every object
  const char* allocator;   // of buffers
  const char* sanitizers;  // "none", or what is on
  int checks;              // TM_CHECKS
  bool faults;             // carries switchable faults
};

BuildInfo build_info() noexcept;

// A sanitizer is on: everything takes several times as long.
bool is_sanitized() noexcept;

}  // namespace threadmill
