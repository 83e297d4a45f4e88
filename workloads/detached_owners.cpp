// SPDX-License-Identifier: Apache-2.0
//
// detached-owners: objects are dropped by others while their owner is blocked.
//
// Imitates   a thread that hands out its objects and then blocks (in a system call, on a
//            lock): its objects must not wait for it to come back.
// Draws      a worker is by turns owner and taker. As owner it offers 12 objects of a
//            batch of 16, keeps the other 4, and blocks detached on a condition variable
//            until takers have dropped all it offered, or none came for a while. As taker
//            it drops up to 4 of another owner's objects. At most half the workers block.
// Checks     once the takers of a batch are done, every object they dropped is dead while
//            the owner is still blocked, so that a blocked owner holds back at most one
//            batch; the kept ones are sound and count one; births equal deaths.
//
// Edges
//   ward-death   the destructor of an object happens before its owner counts it as dead
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kOffered = 12;
constexpr std::size_t kKept = 4;
constexpr std::size_t kMostTaken = 4;
constexpr milliseconds kNap{1};     // the longest time without a look at the stop flag
constexpr int kNapsForTakers = 20;  // then the owner takes its objects back
constexpr int kNapsForDeaths = 10000;  // then the objects are held back

// A token whose owner counts its death. The counter outlives it: it is the workload's.
struct Ward : Token {
  static constexpr const char* kTypeName = "ward";

  Ward(Census& census,
       std::uint64_t id,
       std::uint64_t owner,
       std::uint64_t stamp,
       std::atomic<std::uint64_t>& deaths)
      : Token(census, id, owner, stamp), deaths_(deaths) {}
  ~Ward() { deaths_.fetch_add(1, std::memory_order_release); }  // edge: ward-death

 private:
  std::atomic<std::uint64_t>& deaths_;
};

// One owner's offer.
struct Offer {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Ward*> wards;       // guarded by mutex; the pointers carry references
  std::size_t being_dropped = 0;  // guarded by mutex; taken, drop not yet over
  std::atomic<bool> open{false};  // a hint for takers that there are wards
  std::atomic<std::uint64_t> deaths{0};

  [[nodiscard]] bool settled() const { return wards.empty() && being_dropped == 0; }
};

struct Share {
  Offer offer;
  std::uint64_t made = 0;
  std::uint64_t seen_dead = 0;  // dropped by others and found dead while blocked
  std::uint64_t counted = 0;    // kept objects whose count was compared
};

class DetachedOwners final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    running_.store(settings.threads,
                   std::memory_order_relaxed);  // relaxed: no races yet
  }

  void run(Worker& worker) override {
    const Presence here(running_);
    while (worker.keep_going()) {
      if (worker.random().below(2) == 0) {
        be_owner(worker);
      } else {
        be_taker(worker);
      }
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t seen_dead = 0;
    std::uint64_t counted = 0;
    shares_.for_each([&](const Share& share) {
      seen_dead += share.seen_dead;
      counted += share.counted;
    });
    held_back_.report(checks, "objects die while their owner is blocked",
                      seen_dead + counted);
    violations_.report(checks, "objects kept by the owner survive", counted);
    census_.check(checks, Census::Living());
  }

  void roots(std::vector<Object*>& handles) const override {
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override { spoiler_.reset(); }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  // relaxed, throughout: these counts only keep enough workers awake
  class Presence {
   public:
    explicit Presence(std::atomic<std::int64_t>& running) : running_(running) {}
    ~Presence() { running_.fetch_sub(1, std::memory_order_relaxed); }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;

   private:
    std::atomic<std::int64_t>& running_;
  };

  void be_owner(Worker& worker) {
    Share& share = shares_[worker.index()];
    // relaxed: as for Presence
    const std::int64_t blocked = blocked_.fetch_add(1, std::memory_order_relaxed);
    const bool may_block =
        2 * (blocked + 1) <= running_.load(std::memory_order_relaxed);

    std::array<Ref<Ward>, kKept> kept;
    for (Ref<Ward>& ward : kept) ward = new_ward(worker, share);
    open(worker, share);
    std::vector<Ward*> back;
    if (may_block) {
      const Detached blocking;
      wait_for_takers(worker, share);
      back = close(share.offer);
    } else {
      back = close(share.offer);
    }
    for (Ward* ward : back) Ref<Ward>::adopt(ward).reset();
    verify_kept(kept, share);
    blocked_.fetch_sub(1, std::memory_order_relaxed);  // relaxed: as for Presence
    worker.did(kOffered + kKept);
  }

  void be_taker(Worker& worker) {
    std::array<Ref<Ward>, kMostTaken> taken;
    const std::size_t start = worker.random().below(shares_.size());
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      const std::size_t owner = (start + i) % shares_.size();
      Offer& offer = shares_[owner].offer;
      // relaxed: a hint, decided under the lock
      if (owner == worker.index() || !offer.open.load(std::memory_order_relaxed))
        continue;
      const std::size_t count = take(offer, taken);
      if (count == 0) continue;
      for (Ref<Ward>& ward : taken) {
        if (ward && !ward->sound()) violations_.add(ward->describe());
        ward.reset();
      }
      finish_taking(offer, count);
      worker.did(count);
      return;
    }
    std::this_thread::yield();
  }

  [[nodiscard]] Ref<Ward> new_ward(Worker& worker, Share& share) {
    const std::uint64_t id = identity(worker.index(), share.made++);
    return must(make<Ward>(census_, id, worker.index(), id, share.offer.deaths));
  }

  void open(Worker& worker, Share& share) {
    std::array<Ref<Ward>, kOffered> wards;
    for (Ref<Ward>& ward : wards) ward = new_ward(worker, share);
    // every second one has been counted twice by its owner before it goes
    for (std::size_t i = 0; i < wards.size(); i += 2)
      const Ref<Ward> passing = wards[i];
    const std::lock_guard lock(share.offer.mutex);
    for (Ref<Ward>& ward : wards) share.offer.wards.push_back(ward.release());
    share.offer.open.store(true, std::memory_order_relaxed);  // relaxed: a hint
  }

  [[nodiscard]] static std::vector<Ward*> close(Offer& offer) {
    const std::lock_guard lock(offer.mutex);
    offer.open.store(false, std::memory_order_relaxed);  // relaxed: a hint
    return std::exchange(offer.wards, {});
  }

  [[nodiscard]] static std::size_t take(Offer& offer,
                                        std::array<Ref<Ward>, kMostTaken>& taken) {
    const std::lock_guard lock(offer.mutex);
    const std::size_t count = std::min(kMostTaken, offer.wards.size());
    for (std::size_t i = 0; i < count; ++i) {
      taken[i] = Ref<Ward>::adopt(offer.wards.back());
      offer.wards.pop_back();
    }
    offer.being_dropped += count;
    // relaxed: a hint
    if (offer.wards.empty()) offer.open.store(false, std::memory_order_relaxed);
    return count;
  }

  static void finish_taking(Offer& offer, std::size_t count) {
    const std::lock_guard lock(offer.mutex);
    offer.being_dropped -= count;
    if (offer.settled()) offer.changed.notify_one();
  }

  // On a detached thread. Gives up when time is up or nobody comes.
  void wait_for_takers(const Worker& worker, Share& share) {
    Offer& offer = share.offer;
    std::unique_lock lock(offer.mutex);
    for (int nap = 0; !offer.settled(); ++nap) {
      const bool hopeless = nap >= kNapsForTakers && offer.being_dropped == 0;
      if (hopeless || worker.stop_requested()) return;
      offer.changed.wait_for(lock, kNap);
    }
    // Normally all but the kept ones are dead by now. Only a pause that is under way can
    // keep a claim of this thread's slot waiting, and that ends without this thread's help.
    for (int nap = 0; nap < kNapsForDeaths; ++nap) {
      // edge: ward-death
      if (offer.deaths.load(std::memory_order_acquire) + kKept == share.made) {
        share.seen_dead += kOffered;
        return;
      }
      if (worker.stop_requested()) return;
      offer.changed.wait_for(lock, kNap);
    }
    held_back_.add(
        fmt::format("worker {} was blocked, and the objects that others dropped "
                    "were not freed within {} ms",
                    worker.index(), kNapsForDeaths));
  }

  void verify_kept(const std::array<Ref<Ward>, kKept>& kept, Share& share) {
    for (const Ref<Ward>& ward : kept) {
      const std::int64_t count = refcount(*ward);
      if (count != 1 || !ward->sound()) {
        violations_.add(fmt::format("{} counts {}, held 1", ward->describe(), count));
      }
      ++share.counted;
    }
  }

  Census census_;
  PerWorker<Share> shares_;
  std::atomic<std::int64_t> running_{0};
  std::atomic<std::int64_t> blocked_{0};
  Violations held_back_;
  Violations violations_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_detached_owners() {
  return std::make_unique<DetachedOwners>();
}

}  // namespace threadmill
