// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_models.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "harness/argument_values.hpp"
#include "harness/bench_ratios.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/sibling.hpp"

namespace threadmill {
namespace {

struct Known {
  const char* name;
  const char* how_to_get;
};

constexpr std::array<Known, 8> kKnown = {
    {{"biased", "build all targets with -DTHREADMILL_BENCH=ON"},
     {"atomic", "build all targets with -DTHREADMILL_BENCH=ON"},
     {"locked", "build all targets with -DTHREADMILL_BENCH=ON"},
     {"shared-ptr", "build all targets with -DTHREADMILL_BENCH=ON"},
     {"intrusive-ptr", "install libboost-dev and configure again"},
     {"onetbb", "install libtbb-dev and configure again"},
     {"libgc", "install libgc-dev and configure again"},
     {"cpython",
      "install python3-dev, or give -DPython3_ROOT_DIR=, and configure again"}}};

std::string sibling_of(const std::string& model) {
  return model == kBiased ? "bench" : "bench-" + model;
}

bool is_known(const std::string& name) {
  return std::any_of(kKnown.begin(), kKnown.end(),
                     [&](const Known& known) { return name == known.name; });
}

}  // namespace

std::vector<BenchModel> bench_models() {
  std::vector<BenchModel> models;
  const auto add = [&models](const std::string& name, const char* how_to_get) {
    const std::string sibling = sibling_of(name);
    std::string path;
    if (has_sibling(sibling.c_str()))
      path = sibling_executable(sibling.c_str(), "bench needs");
    models.push_back({name, path, how_to_get});
  };
  for (const Known& known : kKnown) add(known.name, known.how_to_get);
  for (const std::string& name : siblings_beginning_with("bench-")) {
    if (!is_known(name)) add(name, "");
  }
  return models;
}

std::vector<BenchModel> selected_models(const std::string& list) {
  std::vector<BenchModel> all = bench_models();
  if (list == "all") return all;
  std::vector<BenchModel> selected;
  for (const std::string& name : split_at_commas(list)) {
    const auto found =
        std::find_if(all.begin(), all.end(),
                     [&](const BenchModel& model) { return model.name == name; });
    if (found == all.end()) {
      std::string names;
      for (const BenchModel& model : all)
        names += (names.empty() ? "" : ", ") + printable(model.name);
      throw UsageError(
          fmt::format("--models '{}': there are: {}", printable(name), names));
    }
    const bool again =
        std::any_of(selected.begin(), selected.end(),
                    [&](const BenchModel& model) { return model.name == name; });
    if (!again) selected.push_back(*found);
  }
  if (selected.empty())
    throw UsageError("--models: give names of models with commas, or all");
  return selected;
}

}  // namespace threadmill
