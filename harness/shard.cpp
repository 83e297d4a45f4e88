// SPDX-License-Identifier: Apache-2.0
#include "harness/shard.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "harness/argument_values.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill {
namespace {

constexpr std::uint64_t kMostShards = 1'000'000;
constexpr const char* kEnvironment = "env";

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw UsageError(fmt::format("--shard '{}': {}", printable(text), why));
}

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* value = std::getenv(variable);
  if (value == nullptr) return std::nullopt;
  return parse_whole(variable, value, 0, kMostShards);
}

std::uint64_t required(const std::string& text, const char* variable) {
  const auto value = number_in(variable);
  if (!value) refuse(text, fmt::format("{} is not set in the environment", variable));
  return *value;
}

Shard shard_of(const std::string& text, std::uint64_t index, std::uint64_t count) {
  if (index < 1 || index > count)
    refuse(text,
           fmt::format("there is no part {} of {}; the first is 1", index, count));
  return {static_cast<unsigned>(index), static_cast<unsigned>(count)};
}

// That sharding is supported.
void tell_runner_of_googletest() {
  const char* path = std::getenv("GTEST_SHARD_STATUS_FILE");
  if (path == nullptr) return;
  const int file = ::open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file >= 0) ::close(file);
}

Shard from_environment(const std::string& text, std::optional<std::uint64_t> count) {
  if (const auto index = number_in("GTEST_SHARD_INDEX")) {
    tell_runner_of_googletest();
    return shard_of(text, *index + 1,
                    count ? *count : required(text, "GTEST_TOTAL_SHARDS"));
  }
  if (const auto id = number_in("SLURM_ARRAY_TASK_ID")) {
    const std::uint64_t first = required(text, "SLURM_ARRAY_TASK_MIN");
    const std::uint64_t step = number_in("SLURM_ARRAY_TASK_STEP").value_or(1);
    const std::uint64_t all = count ? *count : required(text, "SLURM_ARRAY_TASK_COUNT");
    if (step == 0 || *id < first || (*id - first) % step != 0)
      refuse(text, "the numbers of this Slurm array are not evenly spaced; give i/n");
    return shard_of(text, (*id - first) / step + 1, all);
  }
  if (const auto index = number_in("JOB_COMPLETION_INDEX")) {
    if (!count)
      refuse(text, "Kubernetes does not say how many there are; give 'env/N'");
    return shard_of(text, *index + 1, *count);
  }
  refuse(text,
         "this is no job of an array of Slurm, Kubernetes or GoogleTest; give i/n");
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string first = text.substr(0, slash);
  std::optional<std::uint64_t> count;
  if (slash != std::string::npos)
    count =
        parse_whole("--shard, after the /,", text.substr(slash + 1), 1, kMostShards);
  if (first == kEnvironment) return from_environment(text, count);
  if (!count) refuse(text, "give the part as i/n, as in 2/8, or 'env'");
  return shard_of(text, parse_whole("--shard, before the /,", first, 0, kMostShards),
                  *count);
}

std::string text_of(const Shard& shard) {
  return fmt::format("{}/{}", shard.index, shard.count);
}

std::optional<Shard> shard_named(const std::string& text) {
  if (text.starts_with(kEnvironment)) return std::nullopt;
  try {
    return parse_shard(text);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

}  // namespace threadmill
