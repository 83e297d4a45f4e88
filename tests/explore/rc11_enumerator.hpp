// SPDX-License-Identifier: Apache-2.0
//
// The ground truth for the explorer: which outcomes a memory model allows a litmus
// program, found by writing the model's axioms down and trying every candidate.
//
// RC11 is the model of "Repairing sequential consistency in C/C++11" (Lahav, Vafeiadis,
// Kang, Hur, Dreyer; PLDI 2017), with the release sequences of C++20, which only
// read-modify-writes continue.
#pragma once

#include "harness/explore/litmus_program.hpp"
#include "runtime/base/random.hpp"

namespace threadmill::explore {

// Of all execution graphs that are RC11-consistent. At most 32 operations, the initial
// write of each location included.
[[nodiscard]] LitmusOutcomes enumerate_rc11(const LitmusProgram& program);

// Of all interleavings, whatever the memory orders.
[[nodiscard]] LitmusOutcomes enumerate_sc(const LitmusProgram& program);

// Two or three threads, up to 8 operations and 3 locations, each location written and
// used by two threads. No two stores write the same value.
[[nodiscard]] LitmusProgram random_program(Random& random);

}  // namespace threadmill::explore
