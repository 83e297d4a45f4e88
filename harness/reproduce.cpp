// SPDX-License-Identifier: Apache-2.0
#include "harness/reproduce.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "harness/numbers.hpp"
#include "runtime/base/random.hpp"

namespace threadmill {
namespace {

// FNV-1a: the same on every machine and in every build.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return hash;
}

}  // namespace

std::uint64_t workload_seed(std::uint64_t seed, std::string_view workload) {
  return mix_seed(seed, hash_of(workload));
}

std::vector<std::string> command_for(const StressOptions& options,
                                     const WorkloadInfo& workload,
                                     double seconds) {
  std::vector<std::string> words = {options.program, "stress", workload.name};
  const auto add = [&words](const char* option, std::string value) {
    words.insert(words.end(), {option, std::move(value)});
  };
  add("--threads", fmt::to_string(options.threads));
  add("--seed", fmt::to_string(options.seed));
  add("--seconds", fmt::format("{:g}", seconds));
  if (options.operations > 0) add("--ops", fmt::to_string(options.operations));
  if (!options.refcount.empty()) add("--refcount", options.refcount);
  if (options.chaos) add("--chaos", fmt::to_string(*options.chaos));
  if (options.reuses_late) add("--reuse", *options.reuses_late ? "late" : "at-once");
  if (options.coverage) words.emplace_back("--coverage");
  if (options.pin) words.emplace_back("--pin");
  if (options.memory_limit > 0)
    add("--memory-limit", fmt::to_string(options.memory_limit));
  if (!options.fault.empty()) add("--fault", options.fault);
  // An input that nobody reads is bad usage.
  if (options.inputs.empty() || !workload.reads_input) return words;
  words.emplace_back("--input");
  words.insert(words.end(), options.inputs.begin(), options.inputs.end());
  return words;
}

std::string reproduction(const StressOptions& options,
                         const WorkloadInfo& workload,
                         Seconds share) {
  const double tenths = std::max(std::ceil(share.count() * 10 - 1e-6), 1.0);
  std::vector<std::string> words = command_for(options, workload, tenths / 10);
  for (std::string& word : words) word = shell_word(word);
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace threadmill
