// SPDX-License-Identifier: Apache-2.0
#include <sys/utsname.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/commands.hpp"
#include "harness/console.hpp"
#include "harness/detection.hpp"
#include "harness/fault_switch.hpp"
#include "harness/numbers.hpp"
#include "harness/report.hpp"
#include "harness/sibling.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

// All of them together take less than 10 s.
constexpr double kSecondsEach = 1.9;

// A kind of bug that a lab must find, and the fault that has it: by its entry in the
// catalogue, since this executable knows no fault's name.
struct Symptom {
  const char* name;
  const char* origin;
  Instrument instrument;
};

constexpr Symptom kSymptoms[] = {
    {"a lost update", "H3", Instrument::explore_sc},
    {"a deadlock", "H4", Instrument::explore_sc},
    {"a leak", "A2", Instrument::stress},
    {"a use after free", "F4", Instrument::stress},
    {"an outcome that the memory model forbids", "N1", Instrument::explore_rc11},
};

struct Diagnosis {
  Symptom symptom;
  Detection detection;
};

Diagnosis diagnosis_of(const Symptom& symptom, const std::vector<FaultEntry>& faults) {
  const auto fault = std::find_if(
      faults.begin(), faults.end(),
      [&](const FaultEntry& entry) { return entry.catalogue == symptom.origin; });
  if (fault == faults.end()) {
    Detection detection;
    detection.reason = fmt::format("{}-faults was not built", program_name());
    return {symptom, detection};
  }
  return {symptom, detect(symptom.instrument, *fault, kSecondsEach, 1)};
}

std::string text_of(const Diagnosis& diagnosis) {
  const Detection& detection = diagnosis.detection;
  const std::string head = fmt::format("{:<42}", diagnosis.symptom.name);
  const char* instrument = name_of(diagnosis.symptom.instrument);
  const std::string time = time_text(detection.seconds);
  switch (detection.state) {
    case Detection::State::detected:
      return head + fmt::format("found   by {} in {}: {}\n", instrument, time,
                                printable(detection.oracle));
    case Detection::State::silent:
      return head + fmt::format("MISSED  by {} in {}\n", instrument, time);
    case Detection::State::not_run:
      break;
  }
  return head + "MISSED  " + detection.reason + "\n";
}

// What a clean run here does not prove.
std::vector<std::string> limits_here() {
  std::vector<std::string> limits;
  const Host host = this_host();
  if (host.cores < 2)
    limits.emplace_back("one core: threads take turns, so that stress runs miss most");
  utsname machine{};
  const bool is_x86 =
      ::uname(&machine) == 0 && std::string(machine.machine) == "x86_64";
  if (is_x86) {
    limits.emplace_back(
        "x86-64 keeps stores in order: an order that is too weak shows under "
        "'explore --memory rc11', or to ThreadSanitizer, and not by itself");
  }
  const struct {
    const char* sibling;
    const char* what;
  } siblings[] = {{"faults", "faults under stress"},
                  {"faults-tsan", "data races under stress"},
                  {"faults-asan", "uses of freed memory that read what is still there"},
                  {"explore", "schedules that this machine does not happen to run"}};
  for (const auto& [sibling, what] : siblings) {
    if (!has_sibling(sibling))
      limits.push_back(
          fmt::format("{}-{} was not built: {}", program_name(), sibling, what));
  }
  limits.emplace_back(
      "'explore' passes a scenario whole only where it says 'exhaustive'");
  return limits;
}

std::string json_of(const std::vector<Diagnosis>& all,
                    const std::vector<std::string>& limits) {
  Json symptoms = Json::array();
  for (const Diagnosis& each : all) {
    symptoms.push_back({{"symptom", each.symptom.name},
                        {"origin", each.symptom.origin},
                        {"instrument", name_of(each.symptom.instrument)},
                        {"found", each.detection.state == Detection::State::detected},
                        {"seconds", each.detection.seconds},
                        {"oracle", each.detection.oracle},
                        {"reason", each.detection.reason}});
  }
  return Json{{"schema", 1}, {"symptoms", symptoms}, {"not_shown_here", limits}}.dump(
             1) +
         "\n";
}

}  // namespace

int run_doctor(const DoctorOptions& options) {
  Console console(stdout);
  const std::vector<FaultEntry> faults = known_faults();
  std::vector<Diagnosis> all;
  for (const Symptom& symptom : kSymptoms) {
    all.push_back(diagnosis_of(symptom, faults));
    if (!options.json) console.print(text_of(all.back()));
  }
  const std::vector<std::string> limits = limits_here();
  if (options.json) {
    console.print(json_of(all, limits));
  } else {
    console.print("\nNot shown by a clean run here\n");
    for (const std::string& limit : limits) console.print("  " + limit + "\n");
  }
  console.finish();
  const bool sound = std::all_of(all.begin(), all.end(), [](const Diagnosis& each) {
    return each.detection.state == Detection::State::detected;
  });
  return static_cast<int>(sound ? ExitStatus::well : ExitStatus::wrong);
}

}  // namespace threadmill
