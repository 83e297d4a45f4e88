// SPDX-License-Identifier: Apache-2.0
#include "harness/emergency.hpp"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "runtime/base/assert.hpp"
#include "runtime/base/build_info.hpp"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// A process that ends in an emergency leaves threads behind, which is not to change its
// exit status.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "report_thread_leaks=0"; }
#endif
#endif

namespace threadmill {
namespace {

constexpr std::array kDeadly = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
constexpr std::size_t kStackBytes = 64 * 1024;

std::atomic<Emergency*> present{nullptr};
std::atomic<pid_t> reporter{0};  // the thread that ends the process

[[noreturn]] void leave() noexcept { ::_exit(static_cast<int>(ExitStatus::wrong)); }

// Returns on one thread only.
void become_reporter() noexcept {
  const pid_t self = ::gettid();
  pid_t nobody = 0;
  if (reporter.compare_exchange_strong(nobody, self)) return;
  if (nobody == self) leave();  // it died while it reported
  for (;;) ::pause();
}

bool sanitized() { return std::string_view(build_info().sanitizers) != "none"; }

void on_failed_check(const char* invariant,
                     const char* message,
                     const char* file,
                     int line) {
  Emergency* emergency = present.load();
  if (emergency == nullptr) return;
  std::array<char, 1024> detail;
  const auto end =
      fmt::format_to_n(detail.data(), detail.size(), "{} ({}:{})", message, file, line);
  emergency->end(Verdict::fail, invariant,
                 {detail.data(), static_cast<std::size_t>(end.out - detail.data())});
}

void on_deadly_signal(int signal, siginfo_t* info, void*) {
  Emergency* emergency = present.load();
  if (emergency == nullptr) leave();
  std::array<char, 64> detail;
  const char* name = ::sigabbrev_np(signal);
  const bool has_address = info->si_code > 0;  // from the kernel, not from abort()
  const auto end = has_address
                       ? fmt::format_to_n(detail.data(), detail.size(),
                                          "SIG{} at address {}", name, info->si_addr)
                       : fmt::format_to_n(detail.data(), detail.size(), "SIG{}", name);
  emergency->end(Verdict::crash, "crash",
                 {detail.data(), static_cast<std::size_t>(end.out - detail.data())});
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

Emergency::Emergency(OutputFile* file, int lent_to) : file_(file), lent_to_(lent_to) {
  present = this;
  set_failure_handler(on_failed_check);
  if (!sanitized()) catch_deadly_signals();
}

Emergency::~Emergency() {
  set_failure_handler(nullptr);
  if (!sanitized()) ignore_deadly_signals_no_more();
  present = nullptr;
}

void Emergency::draw_up(LastWill will) {
  if (lent_to_ >= 0) lend(to_memory_file(will));
  drawn_up_.push_back(std::make_unique<LastWill>(std::move(will)));
  will_ = drawn_up_.back().get();
}

void Emergency::revoke() noexcept {
  will_ = nullptr;
  if (lent_to_ >= 0) lend("");
  note_progress(-1, 0);
}

void Emergency::note_progress(double seconds, std::uint64_t operations) noexcept {
  seconds_.store(seconds, std::memory_order_relaxed);        // relaxed: both are only
  operations_.store(operations, std::memory_order_relaxed);  // numbers to be printed
}

void Emergency::end(Verdict verdict,
                    std::string_view oracle,
                    std::string_view detail) noexcept {
  become_reporter();
  const LastWill nobody{};
  const LastWill* will = will_.load();
  const Death death{verdict, oracle, detail, seconds_.load(std::memory_order_relaxed),
                    operations_.load(std::memory_order_relaxed)};
  announce(will == nullptr ? nobody : *will, death);
  if (will != nullptr && file_ != nullptr && publish(*will, death, *file_) != 0) {
    constexpr std::string_view kLost =
        "threadmill: the --json report cannot be written\n";
    if (::write(STDERR_FILENO, kLost.data(), kLost.size()) < 0) leave();
  }
  if (lent_to_ >= 0) lend("");
  leave();
}

// Async-signal-safe. What does not arrive is a report less, which only a death by a
// signal that nothing can catch would have needed.
void Emergency::lend(std::string_view text) const noexcept {
  if (::ftruncate(lent_to_, 0) != 0) return;
  if (::pwrite(lent_to_, text.data(), text.size(), 0) < 0) return;
}

AlternateStack::AlternateStack() {
  if (sanitized()) return;
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
