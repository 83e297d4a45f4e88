// SPDX-License-Identifier: Apache-2.0
#include "harness/reproduce.hpp"

#include <algorithm>
#include <cmath>

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

std::string reproduction(const StressOptions& options,
                         std::string_view workload,
                         Seconds share) {
  const double tenths = std::max(std::ceil(share.count() * 10 - 1e-6), 1.0);
  std::string line =
      fmt::format("threadmill stress {} --threads {} --seed {} --seconds {:g}",
                  workload, options.threads, options.seed, tenths / 10);
  if (options.operations > 0) line += fmt::format(" --ops {}", options.operations);
  if (!options.fault.empty()) line += " --fault " + shell_word(options.fault);
  if (!options.inputs.empty()) line += " --input";
  for (const std::string& input : options.inputs) line += " " + shell_word(input);
  return line;
}

}  // namespace threadmill
