// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "harness/bench_file.hpp"
#include "harness/child_process.hpp"
#include "harness/descriptor.hpp"
#include "harness/interrupt.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/report_file.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kMostOutput = 32 << 20;
constexpr std::size_t kLongestLine = 200;

// Why reading ended before the process did; empty: it has said all.
std::string read_output(int descriptor, Seconds limit, std::string& text) {
  const Clock::time_point end =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(limit);
  std::array<char, 65536> bytes;
  for (;;) {
    if (interrupted()) return "it was interrupted";
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0)
      return fmt::format("it had not ended after {:g} s", limit.count());
    pollfd event = {descriptor, POLLIN, 0};
    const int ready =
        ::poll(&event, 1, static_cast<int>(std::min<long>(left.count(), 1000)));
    if (ready <= 0) continue;  // a signal, or not yet
    const ssize_t size = ::read(descriptor, bytes.data(), bytes.size());
    if (size == 0) return {};
    if (size < 0 && errno != EINTR) return std::strerror(errno);
    if (size > 0) text.append(bytes.data(), static_cast<std::size_t>(size));
    if (text.size() > kMostOutput) return "it writes too much";
  }
}

// The library's words for a filter that no row matches, or that is no expression. A program
// of its own main() leaves with 0 then, ours with 2, and none writes JSON.
bool is_about_filter(const std::string& line) {
  return line.starts_with("Failed to match any benchmarks") ||
         line.starts_with("Could not compile benchmark re");
}

std::string last_line_of(int descriptor) {
  ::lseek(descriptor, 0, SEEK_SET);
  std::string text = read_all(descriptor);
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1).substr(0, kLongestLine);
}

std::string end_text(const ChildProcess::End& end, const std::string& last_words) {
  std::string text = end.signal != 0
                         ? "it was killed by " + signal_name(end.signal)
                         : fmt::format("it left with status {}", end.status);
  if (!last_words.empty()) text += ": " + printable(last_words);
  return text;
}

}  // namespace

BenchOutcome run_benchmarks(const std::string& executable,
                            const std::vector<std::string>& flags,
                            Seconds limit) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw UsageError(fmt::format("no pipe for '{}': {}", printable(executable),
                                 std::strerror(errno)));
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const Descriptor words_on_stderr(::memfd_create("stderr", MFD_CLOEXEC));
  std::vector<std::string> words = {executable, "--benchmark_format=json"};
  words.insert(words.end(), flags.begin(), flags.end());
  ChildProcess process(
      executable, std::move(words),
      {.stdout_to = writing.number(), .stderr_to = words_on_stderr.number()});
  writing.close();
  std::string text;
  const std::string trouble = read_output(reading.number(), limit, text);
  if (!trouble.empty()) process.kill();
  const ChildProcess::End end = process.wait();
  if (!trouble.empty()) return {std::nullopt, trouble};
  const std::string last_words = last_line_of(words_on_stderr.number());
  if (end.signal == 0 && text.empty() && is_about_filter(last_words))
    return {std::nullopt, last_words, true};
  const bool ended_well = end.signal == 0 && end.status <= 1;  // 1: a row is wrong
  if (!ended_well) return {std::nullopt, end_text(end, last_words)};
  try {
    nlohmann::ordered_json json = any_json_in(with_nulls_for_numbers_json_lacks(text));
    (void)bench_file_of(json, executable);  // throws if some of it cannot be right
    return {std::move(json), ""};
  } catch (const Unfit& unfit) {
    return {std::nullopt, "what it wrote: " + unfit.what};
  }
}

}  // namespace threadmill
