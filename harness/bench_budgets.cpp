// SPDX-License-Identifier: Apache-2.0
#include "harness/bench_budgets.hpp"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "harness/bench_ratios.hpp"
#include "harness/text_table.hpp"

namespace threadmill {
namespace {

constexpr const char* kPython = "cpython";

struct Budget {
  const char* row;
  double share;
};

constexpr std::array<Budget, 9> kBudgets = {{{"counts/own/threads:1", 1.0},
                                             {"counts/hot/threads:2", 0.9},
                                             {"create_drop/pair/threads:1", 0.8},
                                             {"create_drop/list/threads:1", 0.8},
                                             {"list/append/threads:1", 0.4},
                                             {"list/read/threads:2", 0.6},
                                             {"dict/read/threads:2", 0.6},
                                             {"dict/one_key/threads:2", 0.5},
                                             {"blocking/leave_enter/threads:1", 0.55}}};

}  // namespace

bool has_free_threaded_python(const nlohmann::ordered_json& context) {
  const auto models = context.find("models");
  if (models == context.end() || !models->is_object()) return false;
  const auto python = models->find(kPython);
  if (python == models->end() || !python->is_object()) return false;
  const auto gil = python->find("gil");
  return gil != python->end() && *gil == "no";
}

std::string budget_table(const BenchFile& file) {
  TextTable table({{"budget"},
                   {"share of cpython", TextTable::Align::right},
                   {"at most", TextTable::Align::right},
                   {""}});
  for (const Budget& budget : kBudgets) {
    const BenchRow* ours = file.find(budget.row, kBiased);
    const BenchRow* theirs = file.find(budget.row, kPython);
    if (ours == nullptr || theirs == nullptr) continue;
    const std::optional<Ratio> share = paired_ratio_of(*theirs, *ours, TimeKind::real);
    if (!share) continue;
    table.add({budget.row, ratio_text(*share), fmt::format("{:.2f}", budget.share),
               share->value <= budget.share ? "met" : "missed"});
  }
  std::string text;
  for (const std::string& line : table.lines()) text += line + "\n";
  return text;
}

}  // namespace threadmill
