// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/replay_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/numbers.hpp"
#include "harness/options.hpp"

namespace threadmill::explore {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kMostBytes = std::size_t{16} << 20;
constexpr std::size_t kMostEntries = 100'000;

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw UsageError(fmt::format("replay '{}': {}", printable(path), what));
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    refuse(path, fmt::format("{}; give a file of 'explore'", std::strerror(errno)));
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMostBytes) refuse(path, "longer than 16 MiB: no replay file");
  return text;
}

Schedule schedule_of(const Json& json) {
  Schedule schedule;
  for (const Json& entry : json) {
    const auto numbers = entry.get<std::vector<unsigned>>();
    const bool is_first = schedule.empty();
    if (numbers.empty() ||
        (numbers[0] >= kMaxThreads && !(is_first && numbers[0] == kBeforeAll)))
      throw std::out_of_range("a thread of the schedule");
    ScheduleEntry made{static_cast<std::uint8_t>(numbers[0]), {}};
    for (std::size_t i = 1; i < numbers.size(); ++i) {
      if (numbers[i] > 255) throw std::out_of_range("a choice of the schedule");
      made.picks.push_back(static_cast<std::uint8_t>(numbers[i]));
    }
    schedule.push_back(std::move(made));
    if (schedule.size() > kMostEntries)
      throw std::out_of_range("the schedule's length");
  }
  return schedule;
}

}  // namespace

std::string build_identity() {
  std::ifstream self("/proc/self/exe", std::ios::binary);
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (std::istreambuf_iterator<char> byte(self), end; byte != end; ++byte)
    hash = (hash ^ static_cast<unsigned char>(*byte)) * 0x100000001b3u;
  return fmt::format("{:016x}", hash);
}

std::string to_json(const ReplayFile& file) {
  Json schedule = Json::array();
  for (const ScheduleEntry& entry : file.schedule) {
    Json numbers = Json::array({entry.thread});
    for (const std::uint8_t pick : entry.picks) numbers.push_back(pick);
    schedule.push_back(std::move(numbers));
  }
  Json left_out = Json::array();
  for (unsigned t = 0; t < kMaxThreads; ++t) {
    if ((file.left_out >> t & 1) != 0) left_out.push_back(t);
  }
  const Json json{{"threadmill_replay", kVersion},
                  {"build", build_identity()},
                  {"scenario", file.scenario},
                  {"memory", file.memory == MemoryModel::sc ? "sc" : "rc11"},
                  {"fault", file.fault},
                  {"left_out", left_out},
                  {"failure", {{"kind", file.kind}, {"message", file.message}}},
                  {"schedule", schedule}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

ReplayFile read_replay_file(const std::string& path) {
  const Json json = Json::parse(content_of(path), nullptr, false);
  if (!json.is_object() || !json.contains("threadmill_replay"))
    refuse(path, "no replay file, or not all of one; give a file of 'explore'");
  try {
    if (json["threadmill_replay"] != kVersion)
      refuse(path,
             fmt::format("of another version of the format; this reads {}", kVersion));
    if (json.at("build") != build_identity())
      refuse(path, "written by another build; explore again with this one");
    ReplayFile file;
    file.scenario = json.at("scenario").get<std::string>();
    const auto memory = json.at("memory").get<std::string>();
    if (memory != "sc" && memory != "rc11") throw std::out_of_range("the memory model");
    file.memory = memory == "sc" ? MemoryModel::sc : MemoryModel::rc11;
    file.fault = json.at("fault").get<std::string>();
    for (const unsigned thread : json.at("left_out").get<std::vector<unsigned>>()) {
      if (thread >= kMaxThreads) throw std::out_of_range("a thread that is left out");
      file.left_out = static_cast<ThreadSet>(file.left_out | 1u << thread);
    }
    file.kind = json.at("failure").at("kind").get<std::string>();
    file.message = json.at("failure").at("message").get<std::string>();
    file.schedule = schedule_of(json.at("schedule"));
    return file;
  } catch (const std::out_of_range& error) {
    refuse(path, fmt::format("damaged: {} is out of range", error.what()));
  } catch (const Json::exception& error) {
    refuse(path, fmt::format("damaged: {}", printable(error.what())));
  }
}

}  // namespace threadmill::explore
