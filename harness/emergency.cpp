// SPDX-License-Identifier: Apache-2.0
#include "harness/emergency.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <ucontext.h>

#include "harness/run_state.hpp"
#include "harness/safe_text.hpp"
#include "harness/stack_trace.hpp"
#include "runtime/base/assert.hpp"
#include "runtime/base/build_info.hpp"
#include "runtime/base/config.hpp"

// The first report ends the process, wherever it was started from. A process that ends in
// an emergency leaves threads behind, which is not to change its exit status.
#if TM_TSAN
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "report_thread_leaks=0:halt_on_error=1:second_deadlock_stack=1:"
         "allocator_may_return_null=1:exitcode=86";
}
#elif TM_ASAN
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "detect_leaks=1:allocator_may_return_null=1:exitcode=86";
}
#endif

namespace threadmill {
namespace {

constexpr std::array kDeadly = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
constexpr std::size_t kStackBytes = 64 * 1024;

std::atomic<Emergency*> present{nullptr};
std::atomic<pid_t> reporter{0};  // the thread that ends the process

[[noreturn]] void end_process() noexcept {
  ::_exit(static_cast<int>(ExitStatus::wrong));
}

// Returns on one thread only.
void become_reporter() noexcept {
  const pid_t self = ::gettid();
  pid_t nobody = 0;
  if (reporter.compare_exchange_strong(nobody, self)) return;
  if (nobody == self) end_process();  // it died while it reported
  for (;;) ::pause();
}

// Where the thread was when the signal came: the handlers' frames are of no interest.
const void* interrupted_at(const void* context) noexcept {
#if defined(__x86_64__)
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
  return reinterpret_cast<const void*>(machine.gregs[REG_RIP]);
#else
  return context;  // no frame is there: all of them are shown
#endif
}

void on_failed_check(const char* invariant,
                     const char* message,
                     const char* file,
                     int line) {
  Emergency* emergency = present.load();
  if (emergency == nullptr) return;
  std::array<char, 1024> detail;
  const auto end =
      fmt::format_to_n(detail.data(), detail.size(), "{} ({}:{})", message, file, line);
  emergency->end({Verdict::fail,
                  invariant,
                  {detail.data(), static_cast<std::size_t>(end.out - detail.data())}},
                 {}, __builtin_return_address(0));
}

void on_deadly_signal(int signal, siginfo_t* info, void* context) {
  Emergency* emergency = present.load();
  if (emergency == nullptr) end_process();
  std::array<char, 64> detail;
  const char* name = ::sigabbrev_np(signal);
  const bool has_address = info->si_code > 0;  // from the kernel, not from abort()
  const auto end = has_address
                       ? fmt::format_to_n(detail.data(), detail.size(),
                                          "SIG{} at address {}", name, info->si_addr)
                       : fmt::format_to_n(detail.data(), detail.size(), "SIG{}", name);
  emergency->end({Verdict::crash,
                  "crash",
                  {detail.data(), static_cast<std::size_t>(end.out - detail.data())}},
                 {}, interrupted_at(context));
}

// The messages that run_message.hpp reads.
void tell(int supervisor, const Death& death, std::string_view more) noexcept {
  SafeText out(supervisor);
  out.put("{\"death\":{\"verdict\":\"").put(name_of(death.verdict));
  out.put("\",\"oracle\":\"").put_harmless(death.oracle);
  out.put("\",\"detail\":\"").put_harmless(death.detail);
  out.put("\",\"more\":[");
  for (bool first = true; !more.empty(); first = false) {
    const std::string_view line = more.substr(0, more.find('\n'));
    out.put(first ? "\"" : ",\"").put_harmless(line).put("\"");
    more.remove_prefix(std::min(line.size() + 1, more.size()));
  }
  out.put("]}}\n");
}

void tell_steps(int supervisor, const RunState& state) noexcept {
  SafeText out(supervisor);
  out.put("{\"sample\":");
  state.put_steps(out);
  out.put("}\n");
}

void tell_stack(int supervisor, const void* from) noexcept {
  StackTrace stack;
  stack.take(from);
  SafeText out(supervisor);
  out.put("{\"stack\":[");
  for (std::size_t i = 0; i < stack.size(); ++i) {
    out.put(i == 0 ? "\"" : ",\"");
    stack.put_frame(out, i);
    out.put("\"");
  }
  out.put("]}\n");
}

void print_stack(const void* from) noexcept {
  StackTrace stack;
  stack.take(from);
  SafeText out(STDERR_FILENO);
  for (std::size_t i = 0; i < stack.size(); ++i) {
    out.put("  at ");
    stack.put_frame(out, i);
    out.put("\n");
  }
}

void catch_deadly_signals() {
  struct sigaction action {};
  action.sa_sigaction = on_deadly_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  ::sigemptyset(&action.sa_mask);
  for (const int signal : kDeadly) ::sigaction(signal, &action, nullptr);
}

void ignore_deadly_signals_no_more() {
  for (const int signal : kDeadly) ::signal(signal, SIG_DFL);
}

}  // namespace

Emergency::Emergency(Channel* supervisor) : supervisor_(supervisor) {
  StackTrace::prepare();
  present = this;
  set_failure_handler(on_failed_check);
  if (!is_sanitized()) catch_deadly_signals();
}

Emergency::~Emergency() {
  set_failure_handler(nullptr);
  if (!is_sanitized()) ignore_deadly_signals_no_more();
  present = nullptr;
}

void Emergency::watch_over(RunName run, const RunState& state) {
  runs_.push_back(std::make_unique<RunName>(std::move(run)));
  run_ = runs_.back().get();
  state_ = &state;
}

void Emergency::release() noexcept {
  run_ = nullptr;
  state_ = nullptr;
}

void Emergency::end(const Death& death,
                    std::string_view more,
                    const void* stack_from) noexcept {
  become_reporter();
  if (supervisor_ != nullptr) {
    supervisor_->seal();
    if (const RunState* state = state_) tell_steps(supervisor_->descriptor(), *state);
    tell(supervisor_->descriptor(), death, more);
    if (stack_from != nullptr) tell_stack(supervisor_->descriptor(), stack_from);
    end_process();
  }
  const RunName nobody{};
  const RunName* run = run_.load();
  announce(run == nullptr ? nobody : *run, death, more);
  if (stack_from != nullptr) print_stack(stack_from);
  end_process();
}

AlternateStack::AlternateStack() {
  if (is_sanitized()) return;
  memory_ = std::make_unique<char[]>(kStackBytes);
  stack_t stack{};
  stack.ss_sp = memory_.get();
  stack.ss_size = kStackBytes;
  ::sigaltstack(&stack, nullptr);
}

AlternateStack::~AlternateStack() {
  if (memory_ == nullptr) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
}

}  // namespace threadmill
