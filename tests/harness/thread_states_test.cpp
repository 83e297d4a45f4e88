// SPDX-License-Identifier: Apache-2.0
#include "harness/thread_states.hpp"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <gtest/gtest.h>

namespace threadmill {
namespace {

// A child of the test, until the end of the scope.
class Child {
 public:
  explicit Child(bool is_busy) : process_(::fork()) {
    if (process_ == 0) live(is_busy);
    EXPECT_GT(process_, 0);
  }
  ~Child() {
    if (process_ <= 0) return;  // to a signal these are other processes than one
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  [[noreturn]] static void live(bool is_busy) {
    const volatile bool goes_on = true;  // a loop that does nothing may be left out
    while (goes_on) {
      if (!is_busy) ::pause();
    }
    ::_exit(1);
  }

  const pid_t process_;
};

TEST(ThreadStates, a_busy_child_is_awake) {
  EXPECT_FALSE(some_child_is_awake());
  const Child busy(true);
  EXPECT_TRUE(some_child_is_awake());
}

TEST(ThreadStates, a_child_that_waits_is_asleep_once_it_has_come_to_it) {
  const Child waiting(false);
  while (some_child_is_awake()) ::usleep(1000);
}

}  // namespace
}  // namespace threadmill
