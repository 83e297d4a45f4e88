// SPDX-License-Identifier: Apache-2.0
#include "harness/supervised_run.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>

#include <fmt/format.h>

#include "harness/channel.hpp"
#include "harness/emergency.hpp"
#include "harness/limits.hpp"
#include "harness/malloc_arenas.hpp"
#include "harness/processor.hpp"
#include "harness/run_message.hpp"
#include "harness/stress.hpp"
#include "harness/workload_run.hpp"

namespace threadmill {
namespace {

std::int64_t nanoseconds_of(Clock::duration duration) {
  return std::chrono::nanoseconds(duration).count();
}

Clock::duration ticks(Seconds seconds) {
  return std::chrono::duration_cast<Clock::duration>(seconds);
}

Clock::duration ticks(std::int64_t nanoseconds) {
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::nanoseconds(nanoseconds));
}

// Should the machine run out of memory, then this process ends and not the one that has
// the results.
void go_first_when_memory_runs_out() {
  std::FILE* file = std::fopen("/proc/self/oom_score_adj", "we");
  if (file == nullptr) return;
  std::fputs("500", file);
  std::fclose(file);
}

void run_and_tell(const StressOptions& options,
                  std::span<const WorkloadInfo> all,
                  const TimeShare& share,
                  Channel& channel) {
  const std::vector<const WorkloadInfo*> workloads = select_workloads(options, all);
  const unsigned processors = allowed_processors();
  share_malloc_arenas(processors);
  Emergency emergency(&channel);
  Limits limits = Limits::of_this_build().within(share.length, options.threads,
                                                 options.jobs, processors);
  limits.memory_bytes = options.memory_limit;
  WorkloadRun run(*workloads.front(), options, limits, emergency);
  const EndedRun ended = run.execute(
      share,
      [&channel](const Sample& sample) {
        channel.send(line_of(sample));
        return !channel.told_to_stop();
      },
      [&channel](const Check& check) { channel.send(line_of(check)); });
  channel.send(line_of(ended));
}

}  // namespace

std::string text_of(const Supervision& supervision) {
  const TimeShare& share = supervision.share;
  return fmt::format("{}:{}:{}:{}:{}", supervision.channel, supervision.supervisor,
                     nanoseconds_of(ticks(share.length)),
                     nanoseconds_of(share.end.time_since_epoch()),
                     nanoseconds_of(ticks(share.teardown)));
}

Supervision supervision_in(const std::string& text) {
  Supervision supervision;
  std::int64_t length = 0;
  std::int64_t end = 0;
  std::int64_t teardown = 0;
  const int found = std::sscanf(text.c_str(), "%d:%d:%" SCNd64 ":%" SCNd64 ":%" SCNd64,
                                &supervision.channel, &supervision.supervisor, &length,
                                &end, &teardown);
  if (found != 5) throw UsageError("--supervision: not for users");
  supervision.share = {ticks(length), Clock::time_point(ticks(end)), ticks(teardown)};
  return supervision;
}

int run_supervised(const StressOptions& options, std::span<const WorkloadInfo> all) {
  const Supervision supervision = supervision_in(options.supervision);
  die_with(supervision.supervisor);
  go_first_when_memory_runs_out();
  ::fcntl(supervision.channel, F_SETFD, FD_CLOEXEC);
  Channel channel(supervision.channel);
  try {
    run_and_tell(options, all, supervision.share, channel);
  } catch (const InputError& error) {
    channel.send(line_of(Refusal{error.what()}));
  } catch (const UsageError& error) {
    channel.send(line_of(Refusal{error.what()}));
  }
  return 0;
}

}  // namespace threadmill
