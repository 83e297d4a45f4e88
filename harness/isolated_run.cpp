// SPDX-License-Identifier: Apache-2.0
#include "harness/isolated_run.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "harness/death.hpp"
#include "harness/host.hpp"
#include "harness/limits.hpp"
#include "harness/numbers.hpp"
#include "harness/reproduce.hpp"
#include "harness/stack_trace.hpp"
#include "harness/supervised_run.hpp"

namespace threadmill {
namespace {

constexpr const char* kThisProgram = "/proc/self/exe";

std::pair<int, int> connected_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw UsageError(fmt::format("cannot talk to a process for a workload: {}",
                                 std::strerror(errno)));
  }
  return {ends[0], ends[1]};
}

std::vector<std::string> command_of(const WorkloadInfo& info,
                                    const StressOptions& options,
                                    const TimeShare& share,
                                    int channel) {
  StressOptions its = options;
  if (its.memory_limit == 0)
    its.memory_limit = usable_memory_bytes() / 2 / options.jobs;
  std::vector<std::string> words = command_for(its, info, share.length.count());
  std::error_code ignored;  // then it is called as everybody calls it
  const auto self = std::filesystem::read_symlink(kThisProgram, ignored);
  if (!self.empty()) words.front() = self.string();
  if (options.timeline) words.emplace_back("--timeline");
  words.push_back(fmt::format("--jobs={}", options.jobs));  // so many are beside it
  if (options.pin) words.push_back(fmt::format("--pin-from={}", options.pin_from));
  words.push_back("--supervision=" + text_of(Supervision{channel, ::getpid(), share}));
  return words;
}

// A recursion is one line.
std::string text_of(const std::vector<std::string>& stack) {
  std::string text;
  for (auto frame = stack.begin(); frame != stack.end();) {
    const auto next = std::find_if(
        frame, stack.end(), [&](const std::string& other) { return other != *frame; });
    text += "  at " + printable(*frame);
    if (next - frame > 1) text += fmt::format(", {} times", next - frame);
    text += "\n";
    frame = next;
  }
  return text;
}

std::string text_of(const std::vector<std::uint64_t>& operations) {
  constexpr std::size_t kMostInOneLine = 16;
  if (operations.size() <= kMostInOneLine) {
    return fmt::format("of each worker: {}", fmt::join(operations, " "));
  }
  const auto [least, most] = std::minmax_element(operations.begin(), operations.end());
  return fmt::format("of one worker: {} to {}", *least, *most);
}

// Whole lines, indented below the announcement.
std::string text_of(const LastSteps& steps, const RunResult& run) {
  std::string text = fmt::format("  in stage {}", steps.stage);
  if (run.seconds >= 0) {
    text += fmt::format(", after {} operations in {:.1f} s",
                        with_thousands(run.operations), run.seconds);
  }
  if (!steps.operations.empty()) text += "; " + text_of(steps.operations);
  text += "\n";
  for (const std::string& line : steps.more) text += printable(line) + "\n";
  return text + text_of(steps.stack);
}

}  // namespace

IsolatedRun::Ends::Ends() : Ends(connected_pair()) {}

IsolatedRun::Ends::Ends(const std::pair<int, int>& numbers)
    : ours(numbers.first), its(numbers.second) {}

IsolatedRun::IsolatedRun(const WorkloadInfo& info,
                         const StressOptions& options,
                         const TimeShare& share)
    : info_(info),
      share_(share),
      process_(kThisProgram,
               command_of(info, options, share, channel_.its.number()),
               {.stdout_to = STDERR_FILENO,
                .keep = channel_.its.number(),
                .deaf_to_interrupts = true,
                .kill_at_end = true}),
      run_(planned_run(info, options, share)) {
  channel_.its.close();
}

bool IsolatedRun::receive() {
  std::array<char, 65536> bytes;
  const ssize_t count = ::read(descriptor(), bytes.data(), bytes.size());
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) return false;
  silent_ = Seconds(0);
  unread_.append(bytes.data(), static_cast<std::size_t>(count));
  std::size_t begin = 0;
  for (std::size_t end; (end = unread_.find('\n', begin)) != std::string::npos;) {
    take_line(std::string_view(unread_).substr(begin, end - begin));
    begin = end + 1;
  }
  unread_.erase(0, begin);
  return true;
}

void IsolatedRun::ask_to_stop() { ::shutdown(descriptor(), SHUT_WR); }

void IsolatedRun::note_silence(Seconds duration) {
  silent_ += duration;
  const Seconds limit = Limits::of_this_build().silence;
  if (silent_ < limit || last_word_) return;
  const std::string detail = fmt::format(
      "its process said nothing for {:.0f} s, and was killed", limit.count());
  last_word_ = {Verdict::hang, "watchdog", detail, {}};
  process_.kill();
}

void IsolatedRun::take_line(std::string_view line) {
  std::optional<Message> message = message_of(line);
  if (message) take(std::move(*message));
}

void IsolatedRun::take(Message message) {
  if (auto* sample = std::get_if<Sample>(&message)) {
    sample_ = std::move(*sample);
    throughput_.note(sample_.running.count(), sample_.operations);
  } else if (auto* check = std::get_if<Check>(&message)) {
    run_.checks.push_back(std::move(*check));
  } else if (auto* ended = std::get_if<EndedRun>(&message)) {
    run_ = std::move(ended->result);
    teardown_began_ = ended->teardown_began;
  } else if (auto* refused = std::get_if<Refusal>(&message)) {
    refusal_ = std::move(refused->text);
  } else if (auto* word = std::get_if<LastWord>(&message)) {
    last_word_ = std::move(*word);
  } else if (auto* stack = std::get_if<Stack>(&message)) {
    for (const std::string& frame : stack->frames) stack_.push_back(demangled(frame));
  }
}

IsolatedRun::Outcome IsolatedRun::finish() {
  const ChildProcess::End end = process_.wait();
  run_.resident_peak_bytes = end.resident_peak_bytes;
  add_what_its_end_says(end);
  run_.throughput = throughput_.of(run_);
  return {std::move(run_), teardown_began_, std::move(refusal_)};
}

void IsolatedRun::add_what_its_end_says(const ChildProcess::End& end) {
  const bool in_order = end.signal == 0 && end.status == 0;
  if (last_word_) {
    fail(last_word_->verdict, last_word_->oracle, last_word_->detail);
  } else if (!in_order || (!teardown_began_ && refusal_.empty())) {
    const std::string how = end.signal != 0
                                ? "killed by " + signal_name(end.signal)
                                : fmt::format("left with status {}", end.status);
    fail(Verdict::crash, teardown_began_ ? "exit" : "crash",
         teardown_began_ ? "after all checks, its process was " + how : how);
    refusal_.clear();
  }
}

void IsolatedRun::fail(Verdict verdict, std::string oracle, std::string detail) {
  run_.checks.push_back({std::move(oracle), 1, false, std::move(detail)});
  run_.verdict = verdict;
  LastSteps& steps = run_.last_steps.emplace();
  steps.stage = name_of(sample_.stage);
  for (const WorkerSample& worker : sample_.workers)
    steps.operations.push_back(worker.completed);
  steps.stack = std::move(stack_);
  if (last_word_) steps.more = std::move(last_word_->more);
  if (!teardown_began_) {
    run_.seconds = sample_.workers.empty() ? -1 : sample_.running.count();
    run_.operations = sample_.operations;
  }
  const Check& check = run_.checks.back();
  announce(run_name_of(run_), {verdict, check.name, check.detail},
           text_of(steps, run_));
}

}  // namespace threadmill
