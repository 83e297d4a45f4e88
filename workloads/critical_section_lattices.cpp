// SPDX-License-Identifier: Apache-2.0
//
// critical-section-lattices: threads lock objects in pairs, in any order, nested, and let
// go of them in the middle.
//
// Imitates   operations on two containers (update, extend, comparison), whose locks are
//            taken in the order in which a program happens to name them; and code in them
//            that blocks, or works on a third object.
// Draws      10 vaults, each of which holds a share for each other one. Of 16 operations 8
//            move an amount within a pair, in a section on both, named in random order; 2
//            move within a pair and then, inside its section, within another one that
//            shares a vault with it; 2 the same with a section on one vault around; 1
//            names one vault twice; 1 detaches inside its section; 1 enters one on either
//            vault half way, which must let nobody in; 1 audits a vault. 1 in 64 yields
//            the processor half way, 1 in 512 collects.
// Checks     whoever has a section on a pair finds that what one owes the other is owed
//            back, and on a vault that its sum is that of its shares; at the end each
//            vault's sum is what its visitors remember to have added.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kVaults = 10;
constexpr std::uint64_t kOperationsPerYield = 64;
constexpr std::uint64_t kOperationsPerCollection = 512;

// Plain numbers, read and changed in a critical section on the vault.
struct Vault : Token {
  static constexpr const char* kTypeName = "vault";

  Vault(Census& census, std::uint64_t its_number) : Token(census, 0, its_number, 0) {}

  std::int64_t sum = 0;
  std::array<std::int64_t, kVaults> shares{};  // towards each of the others
};

struct Share {
  std::array<std::int64_t, kVaults> added{};
  std::uint64_t verified = 0;
};

class CriticalSectionLattices final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    for (std::size_t i = 0; i < kVaults; ++i)
      vaults_[i] = must(make<Vault>(census_, i));
  }

  void run(Worker& worker) override {
    Random& random = worker.random();
    Share& share = shares_[worker.index()];
    while (worker.keep_going()) {
      const std::size_t a = random.below(kVaults);
      const std::size_t b = another(random, a);
      const std::size_t c = another(random, b);
      switch (random.below(16)) {
        case 0:
        case 1: {
          const CriticalSection both(*vaults_[a], *vaults_[b]);
          move(share, random, a, b);
          const CriticalSection inner(*vaults_[c], *vaults_[b]);
          move(share, random, b, c);
          break;
        }
        case 2:
        case 3: {
          const CriticalSection around(*vaults_[a]);
          audit(share, a);
          const CriticalSection inner(*vaults_[b], *vaults_[c]);
          move(share, random, b, c);
          break;
        }
        case 4: {
          const CriticalSection twice(*vaults_[a], *vaults_[a]);
          audit(share, a);
          break;
        }
        case 5: {
          const CriticalSection both(*vaults_[a], *vaults_[b]);
          move(share, random, a, b);
          {
            const Detached blocking;
            std::this_thread::yield();
          }
          move(share, random, b, a);
          break;
        }
        case 6: {
          const CriticalSection both(*vaults_[a], *vaults_[b]);
          const std::int64_t amount = amount_from(random);
          audit_pair(share, a, b);
          add(share, a, b, -amount);
          for (const std::size_t either : {b, a})
            const CriticalSection inner(*vaults_[either]);
          add(share, b, a, amount);
          break;
        }
        case 7: {
          const CriticalSection section(*vaults_[a]);
          audit(share, a);
          break;
        }
        default: {
          const CriticalSection both(*vaults_[a], *vaults_[b]);
          move(share, random, a, b);
        }
      }
      if (random.below(kOperationsPerCollection) == 0)
        collections_.collect_unless_busy();
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::array<std::int64_t, kVaults> added{};
    std::uint64_t verified = 0;
    shares_.for_each([&](const Share& share) {
      for (std::size_t i = 0; i < kVaults; ++i) added[i] += share.added[i];
      verified += share.verified;
    });
    violations_.report(checks, "pairs owe each other the same", verified);
    std::size_t exact = 0;
    for (std::size_t i = 0; i < kVaults; ++i) {
      if (vaults_[i]->sum == added[i]) ++exact;
    }
    checks.equal("vaults hold what was added", kVaults, kVaults, exact);
    Census::Living living;
    for (const Ref<Vault>& vault : vaults_) living.add(*vault);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    for (const Ref<Vault>& vault : vaults_) handles.push_back(vault.get());
  }

  void drop() override {
    for (Ref<Vault>& vault : vaults_) vault.reset();
  }

  void spoil_for_test() override { ++vaults_[0]->sum; }

  [[nodiscard]] std::vector<Fact> facts() const override {
    return collections_.facts();
  }

 private:
  [[nodiscard]] static std::size_t another(Random& random, std::size_t than) {
    const std::size_t drawn = random.below(kVaults - 1);
    return drawn < than ? drawn : drawn + 1;
  }

  [[nodiscard]] static std::int64_t amount_from(Random& random) {
    return static_cast<std::int64_t>(random.below(1000));
  }

  // In a section on both.
  void move(Share& share, Random& random, std::size_t from, std::size_t to) {
    audit_pair(share, from, to);
    const std::int64_t amount = amount_from(random);
    add(share, from, to, -amount);
    if (random.below(kOperationsPerYield) == 0) std::this_thread::yield();
    add(share, to, from, amount);
  }

  void add(Share& share, std::size_t vault, std::size_t other, std::int64_t amount) {
    vaults_[vault]->shares[other] += amount;
    vaults_[vault]->sum += amount;
    share.added[vault] += amount;
  }

  void audit_pair(Share& share, std::size_t a, std::size_t b) {
    ++share.verified;
    const std::int64_t one = vaults_[a]->shares[b];
    const std::int64_t back = vaults_[b]->shares[a];
    if (one + back == 0) return;
    violations_.add(
        fmt::format("vault {} held {} of vault {}, which held {}", a, one, b, back));
  }

  // In a section on it.
  void audit(Share& share, std::size_t which) {
    ++share.verified;
    std::int64_t sum = 0;
    for (const std::int64_t part : vaults_[which]->shares) sum += part;
    if (sum == vaults_[which]->sum) return;
    violations_.add(
        fmt::format("vault {} held {} and said {}", which, sum, vaults_[which]->sum));
  }

  Census census_;
  std::array<Ref<Vault>, kVaults>
      vaults_;  // made by prepare(); workers do not change it
  PerWorker<Share> shares_;
  Collections collections_;
  Violations violations_;
};

}  // namespace

std::unique_ptr<Workload> make_critical_section_lattices() {
  return std::make_unique<CriticalSectionLattices>();
}

}  // namespace threadmill
