// SPDX-License-Identifier: Apache-2.0
//
// What the engine needs of the runtime: which thread-local goes with a fiber, where
// failed checks and deadly signals are reported, and how addresses are called.
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "harness/explore/explorer.hpp"
#include "harness/explore/scenarios/naming.hpp"
#include "runtime/base/assert.hpp"
#include "runtime/thread/current.hpp"

namespace threadmill::explore {
namespace {

void on_failed_check(const char* invariant,
                     const char* message,
                     const char* file,
                     int line) {
  engine().fail(FailureKind::check, fmt::format("{}: {}", invariant, message),
                {file, line});
}

// Leaves the handler for good: it runs on a stack of its own, and does not block itself.
void on_deadly_signal(int signal, siginfo_t* info, void*) {
  engine().fail(FailureKind::crash, fmt::format("SIG{} at address {}",
                                                ::sigabbrev_np(signal), info->si_addr));
}

void catch_deadly_signals() {
  static std::array<char, std::size_t{1} << 16> stack;
  stack_t alternate{};
  alternate.ss_sp = stack.data();
  alternate.ss_size = stack.size();
  ::sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_deadly_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE})
    ::sigaction(signal, &action, nullptr);
}

}  // namespace

void prepare_engine() {
  engine().set_fiber_local(reinterpret_cast<void**>(&threadmill::detail::current_slot));
  engine().set_namer(name_of_address);
  set_failure_handler(on_failed_check);
  catch_deadly_signals();
}

}  // namespace threadmill::explore
