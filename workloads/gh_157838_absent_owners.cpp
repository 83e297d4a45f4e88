// SPDX-License-Identifier: Apache-2.0
//
// gh-157838-absent-owners: an owner that is blocked, or gone, holds no memory back.
//
// Imitates   a thread that builds much, hands it over, and then waits for its next order
//            (CPython gh-157838): whatever others drop of it waits in its queue until it runs
//            again, without a bound.
// Draws      a worker hosts a guest thread that makes 64 objects of 512 bytes each, hands them
//            over, and then either blocks, detached, or exits. The host drops them, one in
//            four after it was counted twice.
// Checks     in pauses of the host's own, so that no busy machine changes it: once the world
//            was stopped three times since, all are dead while the owner is still away. Most
//            are at once; how many were not is a fact.
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kObjects = 64;
constexpr int kPauses = 3;

// The counter outlives it: it is the host's.
struct Parcel : Token {
  static constexpr const char* kTypeName = "parcel";

  Parcel(Census& census, std::uint64_t id, std::atomic<std::size_t>& deaths)
      : Token(census, id, id, id), deaths_(deaths) {}
  ~Parcel() { deaths_.fetch_add(1); }

 private:
  std::atomic<std::size_t>& deaths_;
  [[maybe_unused]] std::array<char, 448> payload_{};
};

// One visit, on the host's stack.
struct Visit {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_delivered = false;  // these three guarded by mutex
  bool is_away = false;
  bool may_end = false;
  std::vector<Ref<Parcel>> parcels;  // the guest's until it is away, then the host's
  std::atomic<std::size_t> deaths{0};
};

struct Share {
  std::uint64_t made = 0;
  std::uint64_t died = 0;
  std::uint64_t later = 0;  // not at once
  std::uint64_t visits = 0;
};

class AbsentOwners final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      Visit visit;
      const bool blocks = worker.random().below(2) == 0;
      std::thread guest;
      {
        const Detached waiting;
        try {
          guest = std::thread([&, first = next_id(worker)] {
            be_guest(worker.runtime(), visit, first, blocks);
          });
        } catch (const std::system_error&) {
          std::this_thread::yield();  // the system had no thread to give
          continue;
        }
        if (blocks)
          wait_until_away(visit);
        else
          guest.join();
      }
      drop_all(worker, visit);
      end(visit, guest);
      worker.did(visit.deaths.load());
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t died = 0;
    shares_.for_each([&died](const Share& share) { died += share.died; });
    trouble_.report(checks, "every guest could come in", died);
    held_back_.report(checks, "all is dead after three pauses, its owner still away",
                      died);
    census_.check(checks, Census::Living());
  }

  void roots(std::vector<Object*>& handles) const override {
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override { spoiler_.reset(); }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t later = 0;
    shares_.for_each([&later](const Share& share) { later += share.later; });
    return {{"objects that died later than at once", std::to_string(later)}};
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  [[nodiscard]] std::uint64_t next_id(const Worker& worker) {
    Share& share = shares_[worker.index()];
    return identity(worker.index(), kObjects * share.visits++);
  }

  void be_guest(Runtime& runtime, Visit& visit, std::uint64_t first, bool blocks) {
    const Attached here(runtime);
    if (!here) {
      trouble_.add("a guest could not attach");
      say_away(visit);
      return;
    }
    for (std::uint64_t i = 0; i < kObjects; ++i) {
      Ref<Parcel> parcel = make<Parcel>(census_, first + i, visit.deaths);
      if (!parcel) break;
      if (i % 4 == 0) const Ref<Parcel> passing = parcel;
      visit.parcels.push_back(std::move(parcel));
    }
    if (!blocks) return;
    const Detached away;
    say_away(visit);
    std::unique_lock lock(visit.mutex);
    visit.changed.wait(lock, [&visit] { return visit.may_end; });
  }

  static void say_away(Visit& visit) {
    const std::lock_guard lock(visit.mutex);
    visit.is_away = true;
    visit.changed.notify_all();
  }

  static void wait_until_away(Visit& visit) {
    std::unique_lock lock(visit.mutex);
    visit.changed.wait(lock, [&visit] { return visit.is_away; });
  }

  void drop_all(Worker& worker, Visit& visit) {
    Share& share = shares_[worker.index()];
    const std::size_t made = visit.parcels.size();
    for (Ref<Parcel>& parcel : visit.parcels) {
      if (!parcel->sound()) held_back_.add(parcel->describe());
      if (worker.random().below(4) == 0) const Ref<Parcel> passing = parcel;
      parcel.reset();
    }
    share.later += made - visit.deaths.load();
    // Only a pause that was under way can have kept this thread from merging for the owner.
    // Whoever stops the world next merges in its pause, unless somebody has taken the
    // owner's slot: that one has the duty then, at its first safepoint, where it stops
    // first, for the second pause. It has merged when it stops for the third.
    for (int i = 0; i < kPauses && visit.deaths.load() != made; ++i) {
      { const StoppedWorld pause(*current()); }
      safepoint();
    }
    const std::size_t died = visit.deaths.load();
    share.made += made;
    share.died += died;
    if (died != made) {
      held_back_.add(fmt::format("worker {}: {} of {} objects are held back",
                                 worker.index(), made - died, made));
    }
  }

  // The guest merges what is left as it comes back.
  static void end(Visit& visit, std::thread& guest) {
    const Detached waiting;
    {
      const std::lock_guard lock(visit.mutex);
      visit.may_end = true;
      visit.changed.notify_all();
    }
    if (guest.joinable()) guest.join();
  }

  Census census_;
  PerWorker<Share> shares_;
  Violations trouble_;
  Violations held_back_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_absent_owners() {
  return std::make_unique<AbsentOwners>();
}

}  // namespace threadmill
