// SPDX-License-Identifier: Apache-2.0
#include "runtime/base/assert.hpp"

#include <unistd.h>

#include <cstdio>

#include <gtest/gtest.h>

#include "runtime/base/config.hpp"

namespace threadmill {
namespace {

void describe(const void*, char* text, unsigned long size) noexcept {
  std::snprintf(text, size, " of the test");
}

TEST(AssertDeathTest, a_failed_check_names_invariant_message_and_file) {
  EXPECT_DEATH(TM_CHECK(1 + 1 == 3, "sum-is-three", "it is not three"),
               "check failed: sum-is-three: it is not three "
               "\\(/?tests/base/assert_test.cpp:[0-9]+\\)");
}

TEST(AssertDeathTest, a_failed_check_of_an_object_names_its_address) {
  const void* const object = reinterpret_cast<const void*>(0x1234560);
  EXPECT_DEATH(TM_CHECK_OBJECT(object == nullptr, object, "is-null", "it is not null"),
               "is-null: it is not null; object 0x1234560 \\(");
}

TEST(AssertDeathTest, a_failed_check_of_an_object_prints_what_is_known_of_it) {
  const int object = 0;
  EXPECT_DEATH(
      {
        set_object_describer(describe);
        TM_CHECK_OBJECT(object != 0, &object, "not-zero", "it is zero");
      },
      "not-zero: it is zero; object 0x[0-9a-f]+ of the test \\(");
}

TEST(AssertDeathTest, the_failure_handler_is_called_first_and_may_leave) {
  EXPECT_EXIT(
      {
        set_failure_handler(
            [](const char* invariant, const char* message, const char* file, int line) {
              std::fprintf(stderr, "[%s|%s|%s|%d]", invariant, message, file, line);
              _exit(7);
            });
        check_failed("rule", "broken", "file.cpp", 42);
      },
      testing::ExitedWithCode(7), "^\\[rule\\|broken\\|file.cpp\\|42\\]$");
}

TEST(AssertDeathTest, the_failure_handler_hears_of_the_object) {
  EXPECT_EXIT(
      {
        set_failure_handler([](const char*, const char* message, const char*, int) {
          std::fprintf(stderr, "[%s]", message);
          _exit(7);
        });
        check_failed_object("rule", "broken", reinterpret_cast<void*>(0x70), "f", 1);
      },
      testing::ExitedWithCode(7), "^\\[broken; object 0x70\\]$");
}

TEST(AssertDeathTest, a_handler_that_returns_does_not_save_the_process) {
  EXPECT_DEATH(
      {
        set_failure_handler([](const char*, const char*, const char*, int) {
          std::fputs("handled, ", stderr);
        });
        TM_CHECK(false, "rule", "broken");
      },
      "handled, threadmill: check failed: rule: broken");
}

TEST(Assert, setting_a_handler_returns_the_one_before) {
  const FailureHandler handler = [](const char*, const char*, const char*, int) {};
  EXPECT_EQ(set_failure_handler(handler), nullptr);
  EXPECT_EQ(set_failure_handler(nullptr), handler);
  EXPECT_EQ(set_failure_handler(nullptr), nullptr);
}

TEST(Assert, a_check_that_holds_evaluates_once_and_says_nothing) {
  int evaluated = 0;
  TM_CHECK(++evaluated == 1, "once", "evaluated more than once");
  TM_CHECK_OBJECT(++evaluated == 2, &evaluated, "once", "evaluated more than once");
  EXPECT_EQ(evaluated, 2);
}

TEST(AssertDeathTest, asserts_and_invariants_are_checked_at_their_level_only) {
  int evaluated = 0;
  const auto count = [&evaluated] { return ++evaluated > 0; };
  TM_ASSERT(count(), "counted", "");
  TM_ASSERT_OBJECT(count(), &evaluated, "counted", "");
  TM_INVARIANT(count(), "counted", "");
  EXPECT_EQ(evaluated, (kChecks >= 1 ? 2 : 0) + (kChecks >= 2 ? 1 : 0));
  if constexpr (kChecks >= 1) {
    EXPECT_DEATH(TM_ASSERT(false, "rule", "broken"), "rule: broken");
    EXPECT_DEATH(TM_ASSERT_OBJECT(false, &evaluated, "rule", "broken"),
                 "rule: broken; object");
  }
}

}  // namespace
}  // namespace threadmill
