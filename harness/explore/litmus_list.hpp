// SPDX-License-Identifier: Apache-2.0
//
// The litmus tests with names, which the literature gave them: SB store buffering, MP
// message passing, LB load buffering, IRIW independent reads of independent writes, WRC
// write-to-read causality, RWC read-to-write causality, ISA2, 2+2W, S, R, Z6.3, Z6.U, and
// Co.. coherence.
//
// A name says what was done to the shape: -rlx, -ra, -sc every access is relaxed, release
// or acquire, sequentially consistent; -fences relaxed accesses with fences between them.
// A purpose says what the memory model, RC11, allows or forbids; the verdicts are in
// tests/explore/rc11_enumerator_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "harness/explore/litmus_program.hpp"

namespace threadmill::explore {

struct Litmus {
  std::string name;
  std::string purpose;
  LitmusProgram program;
};

[[nodiscard]] const std::vector<Litmus>& litmus_tests();

}  // namespace threadmill::explore
