// SPDX-License-Identifier: Apache-2.0
#include "harness/detection.hpp"

#include <fcntl.h>
#include <sys/personality.h>

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

std::vector<std::string> words_for(Instrument instrument,
                                   const FaultEntry& fault,
                                   double seconds,
                                   std::uint64_t seed,
                                   const std::string& report) {
  std::vector<std::string> words = {
      "--fault", fault.name, "--seed", std::to_string(seed), "--json", report};
  if (explores(instrument)) {
    const char* memory = instrument == Instrument::explore_sc ? "sc" : "rc11";
    words.insert(words.begin(), {program_name(), "explore", fault.scenario});
    words.insert(words.end(), {"--memory", memory, "--save", "", "--seconds",
                               fmt::format("{:.3f}", seconds)});
  } else {
    const double round = std::min(seconds, kRoundSeconds);
    words.insert(words.begin(), {program_name(), "stress", fault.workload});
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

Detection of_stress(const nlohmann::ordered_json& json, Instrument instrument) {
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
    // Its report went to stderr and ended the process, which is all that is known.
    if (failed->name == "crash" && instrument != Instrument::stress)
      detection.oracle = name_of(instrument);
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
    if (!has(search, "finding")) continue;
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

std::string time_text(double seconds) {
  return with_time_unit(static_cast<std::uint64_t>(seconds * 1e9));
}

Detection detect(Instrument instrument,
                 const FaultEntry& fault,
                 double seconds,
                 std::uint64_t seed) {
  const bool has_any =
      !(explores(instrument) ? fault.scenario : fault.workload).empty();
  if (!has_any)
    return not_run(explores(instrument) ? "no scenario shows it"
                                        : "no workload shows it");
  const char* sibling = sibling_of(instrument);
  if (!has_sibling(sibling))
    return not_run(fmt::format("{}-{} was not built", program_name(), sibling));
  const std::string executable = sibling_executable(sibling, "faults need");
  const PrivateFolder folder;
  const std::string path = folder.path() + "/report.json";
  const Descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (instrument == Instrument::tsan || instrument == Instrument::asan)
    make_room_for_shadow_memory();
  ChildProcess child(executable, words_for(instrument, fault, seconds, seed, path),
                     {.stdout_to = nowhere.number(), .stderr_to = nowhere.number()});
  const ChildProcess::End end = child.wait();
  try {
    const nlohmann::ordered_json json = json_in_file(path);
    return explores(instrument) ? of_search(json) : of_stress(json, instrument);
  } catch (const Unfit& unfit) {
    throw UsageError(
        fmt::format("'{}' with the fault '{}' left no report (status {}): {}",
                    printable(executable), printable(fault.name), end.status,
                    printable(unfit.what)));
  }
}

}  // namespace threadmill
