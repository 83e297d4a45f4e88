// SPDX-License-Identifier: Apache-2.0
//
// publishing-finalizers: finalizers write to containers that all threads use, and wait
// for locks that others hold.
//
// Imitates   objects that log, count or hand back a resource as they go, the way files,
//            sockets and pooled connections do.
// Draws      each operation makes a member, alone or (1 in 4) in a cycle with a list, and
//            drops it or leaves it to the collector. Its finalizer makes a will, puts it
//            into a list that all share, and adds one to a ledger under a mutex for which it
//            waits detached. Threads take the ledger's mutex, too, and pass a safepoint
//            while they hold it. Every operation takes up to 2 wills from the list.
// Checks     each member leaves one will, which is found once and sound; the ledger has
//            counted them all; members and wills die exactly once.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"
#include "workloads/tally.hpp"

namespace threadmill {
namespace {

constexpr int kTakenAtOnce = 2;
constexpr std::uint64_t kOperationsPerVisit = 16;
constexpr std::uint64_t kOperationsPerCollection = 64;

// Holds `mutex`; waits for it detached, so that a pause never waits for its holder. It is
// recursive, since a thread that passes a safepoint with it may run a finalizer there.
class DetachingLock {
 public:
  explicit DetachingLock(std::recursive_mutex& mutex) : mutex_(mutex) {
    if (mutex_.try_lock()) return;
    const Detached while_waiting;
    mutex_.lock();
  }
  ~DetachingLock() { mutex_.unlock(); }

  DetachingLock(const DetachingLock&) = delete;
  DetachingLock& operator=(const DetachingLock&) = delete;

 private:
  std::recursive_mutex& mutex_;
};

// What all members of a run share.
struct Estate {
  Census census;
  Tally born;
  Tally found;  // wills
  Ref<List> wills;
  std::recursive_mutex mutex;
  std::uint64_t ledger = 0;  // guarded by mutex
  Violations violations;
};

struct Will : Token {
  static constexpr const char* kTypeName = "will";
  using Token::Token;
};

struct Member : Token {
  static constexpr const char* kTypeName = "member";
  static void traverse(Member& self, const FieldVisitor& visitor) {
    visitor(self.keeps);
  }

  Member(Estate& its_estate, std::uint64_t id)
      : Token(its_estate.census, id, 0U, 0U), estate(its_estate) {
    estate.born.note(id);
  }

  static void finalize(Member& self) try {
    Estate& estate = self.estate;
    if (!self.sound()) estate.violations.add("a finalizer met " + self.describe());
    // Its own identity, but for the highest bit.
    const std::uint64_t id = self.id() | std::uint64_t{1} << 63;
    must(estate.wills->append(must(make<Will>(estate.census, id, 1U, 1U))));
    const DetachingLock lock(estate.mutex);
    ++estate.ledger;
  } catch (const OutOfMemory& error) {
    self.estate.violations.add(error.what());
  }

  Estate& estate;
  Field<Object> keeps;
};

struct Share {
  std::uint64_t made = 0;
  std::uint64_t visits = 0;
};

class PublishingFinalizers final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    estate_.wills = must(make<List>());
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      make_member(share, worker.index(),
                  random.below(4) == 0 && !collections_.is_overdue());
      for (int i = 0; i < kTakenAtOnce; ++i) take_will();
      if (random.below(kOperationsPerVisit) == 0) visit_ledger(share);
      collections_.collect_now_and_then(random, kOperationsPerCollection);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    collections_.collect();
    while (take_will()) {
    }
    estate_.violations.report(checks, "wills are sound", estate_.found.count());
    estate_.found.check(checks, "each finalizer is heard of once", estate_.born);
    checks.equal("the ledger counts all", estate_.ledger, estate_.born.count(),
                 estate_.ledger);
    estate_.census.check(checks, {});
  }

  void roots(std::vector<Object*>& handles) const override {
    handles.push_back(estate_.wills.get());
    handles.push_back(spoiler_.get());
  }

  void drop() override {
    spoiler_.reset();
    estate_.wills.reset();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t visits = 0;
    shares_.for_each([&](const Share& share) { visits += share.visits; });
    return {{"safepoints passed with the mutex held", std::to_string(visits)}};
  }

  void spoil_for_test() override { spoiler_ = new_member(shares_[0], 0); }

 private:
  [[nodiscard]] Ref<Member> new_member(Share& share, unsigned worker) {
    return must(make<Member>(estate_, identity(worker, share.made++)));
  }

  void make_member(Share& share, unsigned worker, bool in_cycle) {
    const Ref<Member> member = new_member(share, worker);
    if (!in_cycle) return;
    collections_.made_garbage(2);
    const Ref<List> list = must(make<List>());
    must(list->append(member));
    member->keeps.store(list);
  }

  bool take_will() {
    const Ref<Will> will = cast<Will>(estate_.wills->pop());
    if (!will) return false;
    if (!will->sound()) estate_.violations.add("a will was " + will->describe());
    estate_.found.note(will->id() & ~(std::uint64_t{1} << 63));
    return true;
  }

  void visit_ledger(Share& share) {
    const DetachingLock lock(estate_.mutex);
    ++share.visits;
    safepoint();
  }

  Collections collections_;
  Estate estate_;
  PerWorker<Share> shares_;
  Ref<Member> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_publishing_finalizers() {
  return std::make_unique<PublishingFinalizers>();
}

}  // namespace threadmill
