// SPDX-License-Identifier: Apache-2.0
//
// RecordedTeam: up to four workers, and containers that they share.
//
// In a window every member does five operations on one container. A round has a window
// for each of the containers: the members begin it together, go from one container to the
// next, and at each wait a moment for one other, since what runs side by side is what can
// go wrong. Then, again together, they have the checker judge the windows.
//
// A window's moments are taken from one counter, before and after each operation, by
// read-modify-writes that acquire and release: nothing of an operation moves out of its
// interval, and if one responded at a smaller number than another was invoked at, it
// happened before that.
//
// Edges
//   moment-order   an operation that responded at a moment happens before one that is
//                  invoked at a later moment
//
// Windows with violations are counted; the smallest of the first few is kept.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "workloads/linearizability/history.hpp"
#include "workloads/recorded.hpp"
#include "workloads/rendezvous.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

// The violations of all teams. Any thread.
class OrderViolations {
 public:
  void add(const History& window);

  // `verified` operations in `windows` windows were judged.
  void report(CheckList& checks,
              std::string name,
              std::uint64_t windows,
              std::uint64_t verified) const;
  // The smallest window, line by line.
  void describe(std::vector<Fact>& facts) const;

 private:
  static constexpr std::uint64_t kMostMadeSmall = 64;

  mutable std::mutex mutex_;
  std::uint64_t count_ = 0;  // guarded by mutex_
  History smallest_;         // guarded by mutex_; empty before the first
};

class RecordedTeam {
 public:
  static constexpr unsigned kMostMembers = 4;

  RecordedTeam(std::unique_ptr<Recorded> (*make)(),
               unsigned members,
               std::uint64_t seed,
               OrderViolations& violations);

  // Of one member; returns when its work is over.
  void play(Worker& worker, unsigned seat);

  // What was not judged while playing. All members have left.
  void judge_the_rest();
  void spoil() { windows_.front().recorded->spoil(); }
  void roots(std::vector<Object*>& handles) const;
  void drop();

  struct Totals {
    std::uint64_t windows = 0;
    std::uint64_t judged = 0;       // operations
    std::uint64_t overlapping = 0;  // operations
    std::uint64_t undecided = 0;    // windows
  };
  [[nodiscard]] Totals totals() const;

 private:
  static constexpr std::size_t kWindows = 8;  // of a round
  static constexpr std::size_t kSteps = 5;    // of a member in a window
  static constexpr std::uint64_t kRoundsPerRenewal = 4;
  static constexpr std::size_t kLargestContent = 12;
  // A microsecond or so; for the first window as long as waking up may take.
  static constexpr int kLooksForPartner = 500;
  static constexpr int kFirstLooksForPartner = 50'000;

  // Of who judges it, but for what is atomic and a member's own record.
  struct alignas(128) Window {
    std::atomic<std::uint64_t> clock{0};
    std::atomic<unsigned> arrived{0};

    std::unique_ptr<Recorded> recorded;
    std::array<std::vector<Invocation>, kMostMembers> records;
    Random random{0};
    // One for each member, whose it is while a round is drawn, and one for renewals.
    std::array<ValueSupply, kMostMembers + 1> supplies;
    std::uint64_t round = 0;
    Values initial;
    Totals totals;
  };

  // The member's own.
  struct alignas(128) Seat {
    std::array<std::array<Step, kSteps>, kWindows> steps;

    void let_go();
  };

  [[nodiscard]] static bool is_renewed(std::uint64_t round) {
    return round % kRoundsPerRenewal == 1;
  }
  // So that those of a round differ.
  [[nodiscard]] unsigned mode_of(const Window& window, std::uint64_t round) const {
    const auto place = static_cast<std::uint64_t>(&window - windows_.data());
    return static_cast<unsigned>((place + round) % window.recorded->modes());
  }

  void play_rounds(Worker& worker, unsigned seat);
  void draw(unsigned seat, std::uint64_t round, Random& random);
  void perform(unsigned seat);
  void find_partner(Window& window, int looks) const;
  void read_answers(unsigned seat);
  void judge_windows();
  // False: this worker's work is over.
  [[nodiscard]] bool meet(Worker& worker, std::uint64_t meeting);
  void open_meeting();

  void begin(Window& window);
  void judge(Window& window);

  const unsigned members_;
  OrderViolations& violations_;
  Rendezvous meeting_;
  std::vector<Window> windows_;
  std::vector<Seat> seats_;
  std::atomic<std::size_t> next_to_judge_{0};
};

}  // namespace threadmill
