// SPDX-License-Identifier: Apache-2.0
//
// In a normal build a fault costs nothing and cannot be switched on; `threadmill-faults`
// has them, and the harness tests drive it.
#include "runtime/base/fault.hpp"

#include <gtest/gtest.h>

#include "runtime/base/build_info.hpp"

namespace threadmill {
namespace {

static_assert(!kFaults);
static_assert(!fault(Fault::none));
static_assert(!fault(Fault::foreign_decref_frees_unmerged));
static_assert(!fault(Fault::retire_goal_too_early));
static_assert(!fault(Fault::suspended_state_not_recorded));
static_assert(!fault(Fault::grow_exposes_uninitialised_slots));

TEST(Fault, a_normal_build_says_that_it_carries_none) {
  EXPECT_FALSE(build_info().faults);
}

}  // namespace
}  // namespace threadmill
