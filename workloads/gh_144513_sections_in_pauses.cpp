// SPDX-License-Identifier: Apache-2.0
//
// gh-144513-sections-in-pauses: critical sections inside a pause take nothing.
//
// Imitates   a thread that stops the world and then locks an object (CPython gh-144513). A
//            lock that passes to a thread asleep belongs to one that the pause keeps from
//            running, so whoever waits for it in the pause waits for itself.
// Draws      8 accounts that refer to each other. Workers move amounts between two of them in
//            a section on both, so that at any moment some have a mutex and wait to attach;
//            one operation in 8 is a pause in which the same is done, in sections on one and
//            on two, nested, and a shared dict is written.
// Checks     each pause ends, having entered all its sections; in each the accounts add up to
//            what they began with; at the end they do, and the dict has what was written last.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kAccounts = 8;
constexpr std::int64_t kStart = 1000;
constexpr std::uint64_t kPauseOneIn = 8;

struct Account : Object {
  static constexpr const char* kTypeName = "account";

  std::int64_t amount = kStart;  // guarded by a section on the account
};

struct Share {
  std::uint64_t moves = 0;
  std::uint64_t sections = 0;  // that were entered in pauses
};

class SectionsInPauses final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    for (Ref<Account>& account : accounts_) account = must(make<Account>());
    written_ = must(make<Dict>());
    for (std::size_t i = 0; i < settings.threads; ++i)
      keys_.push_back(must(make<Int>(static_cast<std::int64_t>(i))));
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      const std::size_t from = worker.random().below(kAccounts);
      const std::size_t to = worker.random().below(kAccounts);
      const auto amount = static_cast<std::int64_t>(worker.random().below(10));
      if (worker.random().below(kPauseOneIn) == 0)
        move_in_pause(worker, from, to, amount);
      else
        move(*accounts_[from], *accounts_[to], amount, worker.random().below(8) == 0);
      ++shares_[worker.index()].moves;
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t moves = 0;
    std::uint64_t sections = 0;
    bool all_written = true;
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      moves += shares_[i].moves;
      sections += shares_[i].sections;
      const Ref<Object> found = written_->get(keys_[i]);
      const std::uint64_t last = found ? int_of(*found) : 0;
      all_written = all_written && last == shares_[i].sections;
    }
    unbalanced_.report(checks, "in each pause the accounts add up", sections);
    checks.equal("at the end they do, too", moves + kAccounts,
                 kAccounts * static_cast<std::uint64_t>(kStart),
                 static_cast<std::uint64_t>(sum()));
    checks.that("what was written in pauses is there", sections + shares_.size(),
                all_written);
  }

  void roots(std::vector<Object*>& handles) const override {
    for (const Ref<Account>& account : accounts_)
      if (account) handles.push_back(account.get());
    for (const Ref<Int>& key : keys_) handles.push_back(key.get());
    if (written_) handles.push_back(written_.get());
  }

  void drop() override {
    for (Ref<Account>& account : accounts_) account.reset();
    keys_.clear();
    written_.reset();
  }

  void spoil_for_test() override { ++accounts_[0]->amount; }

 private:
  [[nodiscard]] static std::uint64_t int_of(Object& object) {
    return static_cast<std::uint64_t>(static_cast<Int&>(object).value());
  }

  // At quiescence, or in a pause: who stopped is in no section.
  [[nodiscard]] std::int64_t sum() const {
    std::int64_t sum = 0;
    for (const Ref<Account>& account : accounts_) sum += account->amount;
    return sum;
  }

  // No safepoint in the section.
  static void move(Account& from,
                   Account& to,
                   std::int64_t amount,
                   bool slowly = false) {
    const CriticalSection both(from, to);
    from.amount -= amount;
    if (slowly) std::this_thread::yield();  // others come to sleep for these mutexes
    to.amount += amount;
  }

  void move_in_pause(Worker& worker,
                     std::size_t from,
                     std::size_t to,
                     std::int64_t amount) {
    Share& share = shares_[worker.index()];
    // Made before: in a pause nothing may be allocated that would want a collection.
    const Ref<Int> count =
        must(make<Int>(static_cast<std::int64_t>(share.sections + kAccounts)));
    bool had_memory;
    {
      const StoppedWorld pause(*current());
      for (const Ref<Account>& account : accounts_) {
        const CriticalSection around(*account);
        move(*accounts_[from], *accounts_[to], amount);
        move(*accounts_[to], *accounts_[from], amount);
        ++share.sections;
      }
      move(*accounts_[from], *accounts_[to], amount);
      if (const std::int64_t found = sum(); found != kAccounts * kStart)
        unbalanced_.add(fmt::format("{} instead of {}", found, kAccounts * kStart));
      had_memory = written_->set(keys_[worker.index()], count);
    }
    must(had_memory);
  }

  std::array<Ref<Account>, kAccounts> accounts_;
  Ref<Dict> written_;  // worker -> sections that it entered in pauses
  std::vector<Ref<Int>> keys_;
  PerWorker<Share> shares_;
  Violations unbalanced_;
};

}  // namespace

std::unique_ptr<Workload> make_sections_in_pauses() {
  return std::make_unique<SectionsInPauses>();
}

}  // namespace threadmill
