// SPDX-License-Identifier: Apache-2.0
//
// The file of a failing schedule, for `threadmill replay`: JSON,
//
//   {"threadmill_replay": 1,           version of the format
//    "build": "9f86d081884c7d65",      of the executable that wrote it
//    "scenario": name, "memory": "sc|rc11", "fault": name or "",
//    "left_out": [thread],             threads whose part is left out
//    "failure": {"kind", "message"},
//    "schedule": [[thread, pick...]]}  one entry per operation
//
// A schedule means nothing to another build: its operations are other ones.
#pragma once

#include <string>

#include "harness/explore/explorer.hpp"

namespace threadmill::explore {

struct ReplayFile {
  std::string scenario;
  MemoryModel memory = MemoryModel::sc;
  std::string fault;
  ThreadSet left_out = 0;
  std::string kind;
  std::string message;
  Schedule schedule;
};

[[nodiscard]] std::string to_json(const ReplayFile& file);

// Throws UsageError: one line that says what is wrong with the file at `path`. At most
// 16 MiB are read.
[[nodiscard]] ReplayFile read_replay_file(const std::string& path);

// Names this executable by its content.
[[nodiscard]] std::string build_identity();

}  // namespace threadmill::explore
