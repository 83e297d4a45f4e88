// SPDX-License-Identifier: Apache-2.0
//
// Schedule: all choices of one execution, so that it can be made again. One entry per
// operation: who did it, and what was chosen while it was done.
//
// A schedule is also a wish: Replay follows it where it can, and where it cannot, or
// after its end, lets the running thread go on. Shrinking edits schedules that way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/explore/strategy.hpp"

namespace threadmill::explore {

// What is chosen before the first operation is in an entry of this thread.
inline constexpr std::uint8_t kBeforeAll = 0xff;

struct ScheduleEntry {
  std::uint8_t thread = 0;
  std::vector<std::uint8_t> picks;

  bool operator==(const ScheduleEntry&) const = default;
};

using Schedule = std::vector<ScheduleEntry>;

// Another strategy's choices, written down.
class Recorder final : public Strategy {
 public:
  explicit Recorder(Strategy& inner) : inner_(inner) {}

  bool begin() override;
  unsigned pick_thread(const State& state) override;
  unsigned pick(unsigned count, Choice choice) override;
  void executed(unsigned thread, const Operation& operation) override {
    inner_.executed(thread, operation);
  }
  void end() override { inner_.end(); }
  const char* complaint() const override { return inner_.complaint(); }
  std::string claim(std::uint64_t executions) const override {
    return inner_.claim(executions);
  }

  // Of the present execution.
  [[nodiscard]] Schedule schedule() const;

 private:
  struct Pick {
    std::uint32_t entry;
    std::uint8_t index;
  };

  Strategy& inner_;
  // Flat, because this is written in every execution and read after few.
  std::vector<std::uint8_t> threads_;
  std::vector<Pick> picks_;
};

class Replay final : public Strategy {
 public:
  explicit Replay(const Schedule& schedule) : schedule_(schedule) {}

  bool begin() override;
  unsigned pick_thread(const State& state) override;
  unsigned pick(unsigned count, Choice choice) override;
  std::string claim(std::uint64_t executions) const override;

 private:
  const Schedule& schedule_;
  std::size_t next_ = 0;  // entry
  std::size_t pick_ = 0;  // within the entry before
};

}  // namespace threadmill::explore
