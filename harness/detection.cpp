// SPDX-License-Identifier: Apache-2.0
#include "harness/detection.hpp"

#include <fcntl.h>
#include <sys/personality.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/child_process.hpp"
#include "harness/descriptor.hpp"
#include "harness/numbers.hpp"
#include "harness/options.hpp"
#include "harness/private_folder.hpp"
#include "harness/report_file.hpp"
#include "harness/report_reader.hpp"
#include "harness/sibling.hpp"

namespace threadmill {
namespace {

// A workload judges at its end, and its first seconds find most.
constexpr double kRoundSeconds = 3;

constexpr Instrument kInstruments[] = {Instrument::stress, Instrument::tsan,
                                       Instrument::asan, Instrument::explore_sc,
                                       Instrument::explore_rc11};

bool explores(Instrument instrument) {
  return instrument == Instrument::explore_sc || instrument == Instrument::explore_rc11;
}

const char* sibling_of(Instrument instrument) {
  switch (instrument) {
    case Instrument::stress:
      return "faults";
    case Instrument::tsan:
      return "faults-tsan";
    case Instrument::asan:
      return "faults-asan";
    case Instrument::explore_sc:
    case Instrument::explore_rc11:
      return "explore";
  }
  return "";
}

// Empty: there is none.
const std::string& workload_for(Instrument instrument, const FaultEntry& fault) {
  const bool is_elsewhere = instrument != Instrument::tsan || !fault.workload.empty();
  return is_elsewhere ? fault.workload : fault.workload_under_tsan;
}

std::vector<std::string> words_for(Instrument instrument,
                                   const FaultEntry& fault,
                                   double seconds,
                                   std::uint64_t seed,
                                   const std::string& report) {
  std::vector<std::string> words = {"--seed", std::to_string(seed), "--json", report};
  if (is_without_fault(fault)) {
    words.insert(words.end(), {"--chaos", "1"});  // as runs with a fault have it
  } else {
    words.insert(words.end(), {"--fault", fault.name});
  }
  if (explores(instrument)) {
    const char* memory = instrument == Instrument::explore_sc ? "sc" : "rc11";
    words.insert(words.begin(), {program_name(), "explore", fault.scenario});
    words.insert(words.end(), {"--memory", memory, "--save", "", "--seconds",
                               fmt::format("{:.3f}", seconds)});
  } else {
    const double round = std::min(seconds, kRoundSeconds);
    words.insert(words.begin(),
                 {program_name(), "stress", workload_for(instrument, fault)});
    words.insert(words.end(),
                 {"--seconds", fmt::format("{:.3f}", round), "--repeat",
                  fmt::format("{:.0f}", std::max(1.0, std::floor(seconds / round))),
                  "--until-failure"});
  }
  return words;
}

// Sanitizers find their shadow memory taken where addresses are too random. What this
// process starts inherits it.
void make_room_for_shadow_memory() {
  constexpr unsigned long kAsk = 0xffffffff;
  const int now = ::personality(kAsk);
  if (now != -1) ::personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE);
}

Detection not_run(std::string reason) {
  Detection detection;
  detection.reason = std::move(reason);
  return detection;
}

std::string content_of(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file.number() < 0 ? std::string() : read_all(file.number());
}

Detection of_stress(const nlohmann::ordered_json& json, std::string_view printed) {
  const Report report = report_of(json);
  Detection detection;
  detection.state = Detection::State::silent;
  detection.seconds = report.elapsed_seconds;
  for (const RunResult& run : report.runs) {
    const auto failed = std::find_if(run.checks.begin(), run.checks.end(),
                                     [](const Check& check) { return !check.passed; });
    if (failed == run.checks.end()) continue;
    detection.state = Detection::State::detected;
    detection.oracle = failed->name;
    // A sanitizer's report goes to stderr and ends the process.
    const std::string its_report = sanitizer_report_in(printed);
    if (failed->name == "crash" && !its_report.empty()) detection.oracle = its_report;
    detection.reproduce = run.reproduce;
    break;
  }
  return detection;
}

Detection of_search(const nlohmann::ordered_json& json) {
  Detection detection;
  detection.state = Detection::State::silent;
  for (const nlohmann::ordered_json& search : list_member(json, "scenarios")) {
    detection.seconds += number_member(search, "seconds", 1e9);
    detection.exhaustive = flag_member(search, "exhaustive");
    if (!has(search, "finding")) continue;
    detection.exhaustive = false;
    const nlohmann::ordered_json& finding = object_member(search, "finding");
    detection.state = Detection::State::detected;
    detection.seconds = number_member(finding, "seconds", 1e9);
    detection.executions = whole_member(finding, "executions");
    detection.oracle = text_member(finding, "kind");
    detection.reproduce = text_member(finding, "reproduce", 10'000);
  }
  return detection;
}

}  // namespace

std::span<const Instrument> all_instruments() { return kInstruments; }

const char* name_of(Instrument instrument) {
  switch (instrument) {
    case Instrument::stress:
      return "stress";
    case Instrument::tsan:
      return "tsan";
    case Instrument::asan:
      return "asan";
    case Instrument::explore_sc:
      return "explore-sc";
    case Instrument::explore_rc11:
      return "explore-rc11";
  }
  return "";
}

FaultEntry without_fault(const std::string& workload) {
  FaultEntry entry;
  entry.name = "no fault: " + workload;
  entry.summary = "nothing is wrong, and nothing may be found";
  entry.workload = workload;
  entry.is_control = true;
  return entry;
}

bool is_without_fault(const FaultEntry& entry) { return entry.catalogue.empty(); }

std::string sanitizer_report_in(std::string_view text) {
  constexpr std::string_view kSummary = "\nSUMMARY: ";
  constexpr std::string_view kName = "Sanitizer: ";
  const std::size_t summary = text.find(kSummary);
  if (summary == std::string_view::npos) return {};
  text.remove_prefix(summary + kSummary.size());
  text = text.substr(0, text.find('\n'));
  const std::size_t name = text.find(kName);
  if (name == std::string_view::npos) return {};
  text.remove_prefix(name + kName.size());
  // The place follows: a path, or an executable in parentheses.
  return std::string(text.substr(0, std::min(text.find(" /"), text.find(" ("))));
}

std::string time_text(double seconds) {
  return with_time_unit(static_cast<std::uint64_t>(seconds * 1e9));
}

Detection detect(Instrument instrument,
                 const FaultEntry& fault,
                 double seconds,
                 std::uint64_t seed) {
  const bool has_any =
      !(explores(instrument) ? fault.scenario : workload_for(instrument, fault))
           .empty();
  if (!has_any)
    return not_run(explores(instrument) ? "no scenario shows it"
                                        : "no workload shows it");
  const char* sibling = sibling_of(instrument);
  if (!has_sibling(sibling))
    return not_run(fmt::format("{}-{} was not built", program_name(), sibling));
  const std::string executable = sibling_executable(sibling, "faults need");
  const PrivateFolder folder;
  const std::string path = folder.path() + "/report.json";
  const std::string printed = folder.path() + "/stderr";
  const Descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const Descriptor errors(
      ::open(printed.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (instrument == Instrument::tsan || instrument == Instrument::asan)
    make_room_for_shadow_memory();
  ChildProcess child(executable, words_for(instrument, fault, seconds, seed, path),
                     {.stdout_to = nowhere.number(), .stderr_to = errors.number()});
  const ChildProcess::End end = child.wait();
  try {
    const nlohmann::ordered_json json = json_in_file(path);
    return explores(instrument) ? of_search(json)
                                : of_stress(json, content_of(printed));
  } catch (const Unfit& unfit) {
    throw UsageError(
        fmt::format("'{}' with the fault '{}' left no report (status {}): {}",
                    printable(executable), printable(fault.name), end.status,
                    printable(unfit.what)));
  }
}

}  // namespace threadmill
