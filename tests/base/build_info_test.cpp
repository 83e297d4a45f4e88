// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/build_info.hpp"

#include <string>

#include <gtest/gtest.h>

#include "runtime/base/config.hpp"

namespace threadmill {
namespace {

TEST(BuildInfo, every_text_says_something) {
  const BuildInfo info = build_info();
  for (const char* text :
       {info.compiler, info.build_type, info.refcount, info.allocator, info.sanitizers})
    EXPECT_NE(std::string(text), "");
}

TEST(BuildInfo, numbers_are_those_of_this_build) {
  const BuildInfo info = build_info();
  EXPECT_EQ(info.checks, kChecks);
  EXPECT_EQ(info.faults, kFaults);
  EXPECT_EQ(info.header_bytes, 16);
}

TEST(BuildInfo, an_address_sanitizer_build_says_so_and_no_other_does) {
  const std::string sanitizers = build_info().sanitizers;
  EXPECT_EQ(sanitizers.find("address") != std::string::npos, kAddressSanitizer);
}

}  // namespace
}  // namespace threadmill
