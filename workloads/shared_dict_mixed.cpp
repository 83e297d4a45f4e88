// SPDX-License-Identifier: Apache-2.0
//
// shared-dict-mixed: dicts that grow, shrink and are cleared while they are read.
//
// Imitates   three uses of a shared dict: a registry in which each worker adds and removes
//            its own entries in waves (resizes), a set of hot keys that all fight over
//            with set_default and erase, and a cache that is filled and thrown away.
// Draws      of 16 operations 6 read another's or an own registry key, 4 go on with the
//            own wave (set all own keys, then erase them all, in random order with
//            repeats), 3 set_default, erase or read one of 32 hot keys, 3 set or read the
//            cache; 1 in 1024 takes a snapshot of the registry, 1 in 512 clears the cache.
// Checks     a value read belongs to its key; to each reader the stamps of a registry key
//            never go back; a worker finds its own registry keys exactly as it left them;
//            a snapshot has each key once, with a value of its own; the hot dict's size is
//            the insertions less the erasures; at the end the registry is what its writers
//            recorded, and each value counts one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/dict_keys.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kRegistryKeys = 4096;  // or one per worker, if that is more
constexpr std::size_t kHotKeys = 32;
constexpr std::size_t kCacheKeys = 512;
constexpr std::uint64_t kOperationsPerSnapshot = 1024;
constexpr std::uint64_t kOperationsPerClear = 512;
constexpr std::uint64_t kAbsent = 0;

struct Share {
  std::vector<std::uint64_t> newest;  // per registry key: the newest stamp read
  std::uint64_t made = 0;
  std::uint64_t wave = 0;      // position in the wave of setting and erasing
  std::uint64_t inserted = 0;  // into the hot dict
  std::uint64_t erased = 0;    // from the hot dict
  std::uint64_t verified = 0;
};

class SharedDictMixed final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    threads_ = settings.threads;
    shares_.resize(threads_);
    keys_.make_keys(std::max<std::size_t>(kRegistryKeys, threads_));
    record_.assign(keys_.size(), kAbsent);
    registry_ = must(make<Dict>());
    hot_ = must(make<Dict>());
    cache_ = must(make<Dict>());
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    if (!worker.keep_going()) return;
    share.newest.assign(keys_.size(), kAbsent);
    while (worker.keep_going()) {
      operate(share, worker);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t verified = 0;
    std::uint64_t inserted = 0;
    std::uint64_t erased = 0;
    shares_.for_each([&](const Share& share) {
      verified += share.verified;
      inserted += share.inserted;
      erased += share.erased;
    });
    violations_.report(checks, "every value read belongs to its key", verified);
    checks.equal("hot size is insertions less erasures", inserted + erased,
                 inserted - erased, hot_->size());

    Violations wrong;
    Census::Living living;
    std::size_t present = 0;
    for (std::size_t key = 0; key < keys_.size(); ++key) {
      const Ref<Object> value = registry_->get(keys_.key(key));
      const std::uint64_t stamp = survey(value, key, living, wrong);
      if (record_[key] != kAbsent) ++present;
      if (stamp != record_[key]) {
        wrong.add(fmt::format("key {} was left at stamp {} and has {} (0: absent)", key,
                              record_[key], stamp));
      }
    }
    for (std::size_t key = 0; key < kCacheKeys; ++key) {
      survey(hot_->get(keys_.key(key)), key, living, wrong);
      survey(cache_->get(keys_.key(key)), key, living, wrong);
    }
    wrong.report(checks, "each registry key is as its writer left it", keys_.size());
    checks.equal("registry size is the keys present", present, present,
                 registry_->size());
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    keys_.roots(handles);
    for (const Ref<Dict>& dict : {registry_, hot_, cache_})
      handles.push_back(dict.get());
  }

  void drop() override {
    registry_.reset();
    hot_.reset();
    cache_.reset();
    keys_.drop();
  }

  void spoil_for_test() override { record_[0] = record_[0] == kAbsent ? 1 : kAbsent; }

 private:
  void operate(Share& share, Worker& worker) {
    Random& random = worker.random();
    const std::uint64_t choice = random.below(16);
    if (choice < 6) {
      read_registry(share, worker.index(), random);
    } else if (choice < 10) {
      go_on_with_wave(share, worker.index(), random);
    } else if (choice < 13) {
      fight_over_hot_key(share, worker.index(), random);
    } else {
      use_cache(share, worker.index(), random);
    }
    if (random.below(kOperationsPerSnapshot) == 0) take_snapshot(share);
  }

  void read_registry(Share& share, unsigned worker, Random& random) {
    const std::size_t key = random.below(keys_.size());
    const Ref<Object> value = keys_.look_up(*registry_, key, random);
    ++share.verified;
    std::uint64_t stamp = kAbsent;
    if (value) {
      const Ref<Token> token = verify_value(value, key, violations_);
      if (!token) return;
      stamp = token->stamp();
      if (stamp < share.newest[key]) {
        violations_.add(
            fmt::format("key {} had stamp {} after {}", key, stamp, share.newest[key]));
      }
      share.newest[key] = stamp;
    }
    if (key % threads_ == worker && stamp != record_[key]) {
      violations_.add(fmt::format("its writer left key {} at stamp {} and read {}", key,
                                  record_[key], stamp));
    }
  }

  // Sets (almost) all own keys, then erases (almost) all: T waves at different places, so
  // that the dict grows and shrinks, with tombstones.
  void go_on_with_wave(Share& share, unsigned worker, Random& random) {
    const std::size_t own = (keys_.size() - worker + threads_ - 1) / threads_;
    const std::size_t key = worker + threads_ * random.below(own);
    const bool setting = share.wave++ % (8 * own) < 4 * own;
    if (setting) {
      Ref<Object> value = new_value(share, worker, key);
      const std::uint64_t stamp = share.made;
      if (random.below(4) == 0) {
        const Ref<Object> now =
            must(registry_->set_default(keys_.equal_key(key), value));
        const bool inserted = now.get() == value.get();
        if (inserted != (record_[key] == kAbsent)) {
          violations_.add(fmt::format("set_default of key {} was wrong", key));
        }
        if (inserted) record_[key] = stamp;
      } else {
        must(registry_->set(keys_.equal_key(key), std::move(value)));
        record_[key] = stamp;
      }
    } else {
      if (registry_->erase(keys_.key(key)) != (record_[key] != kAbsent)) {
        violations_.add(fmt::format("erase of key {} was wrong", key));
      }
      record_[key] = kAbsent;
    }
    ++share.verified;
  }

  void fight_over_hot_key(Share& share, unsigned worker, Random& random) {
    const std::size_t key = random.below(kHotKeys);
    ++share.verified;
    switch (random.below(3)) {
      case 0: {
        const Ref<Object> mine = new_value(share, worker, key);
        const Ref<Object> now = must(hot_->set_default(keys_.key(key), mine));
        if (now.get() == mine.get()) ++share.inserted;
        verify_value(now, key, violations_);
        return;
      }
      case 1:
        if (hot_->erase(keys_.key(key))) ++share.erased;
        return;
      default:
        if (const Ref<Object> value = keys_.look_up(*hot_, key, random)) {
          verify_value(value, key, violations_);
        }
    }
  }

  void use_cache(Share& share, unsigned worker, Random& random) {
    if (random.below(kOperationsPerClear) == 0) cache_->clear();
    const std::size_t key = random.below(kCacheKeys);
    if (random.below(3) == 0) {
      must(cache_->set(keys_.key(key), new_value(share, worker, key)));
    } else if (const Ref<Object> value = keys_.look_up(*cache_, key, random)) {
      ++share.verified;
      verify_value(value, key, violations_);
    }
  }

  void take_snapshot(Share& share) {
    const Ref<List> items = must(registry_->items());
    std::vector<bool> seen(keys_.size(), false);
    if (items->size() % 2 != 0) violations_.add("a snapshot had a key without a value");
    for (std::size_t i = 0; i + 1 < items->size(); i += 2) {
      const std::size_t key = keys_.number_of(items->get(i));
      if (key == keys_.size() || seen[key]) {
        violations_.add(
            fmt::format("a snapshot had key {} twice, or a foreign key", key));
        return;
      }
      seen[key] = true;
      ++share.verified;
      verify_value(items->get(i + 1), key, violations_);
      if (i % 256 == 0) safepoint();
    }
  }

  [[nodiscard]] Ref<Object> new_value(Share& share, unsigned worker, std::size_t key) {
    const std::uint64_t stamp = ++share.made;
    return must(make<Token>(census_, identity(worker, stamp), key, stamp));
  }

  // The stamp of a value at the end; kAbsent for none.
  static std::uint64_t survey(const Ref<Object>& value,
                              std::size_t key,
                              Census::Living& living,
                              Violations& wrong) {
    if (!value) return kAbsent;
    const Ref<Token> token = verify_value(value, key, wrong);
    if (!token) return kAbsent;
    living.add(*token);
    const std::int64_t count = refcount(*token) - 2;  // value and token
    if (count != 1) {
      wrong.add(fmt::format("{} counts {} and is held once", token->describe(), count));
    }
    return token->stamp();
  }

  Census census_;
  std::size_t threads_ = 1;
  DictKeys keys_;
  std::vector<std::uint64_t> record_;  // per registry key: its stamp; its writer's
  Ref<Dict> registry_;
  Ref<Dict> hot_;
  Ref<Dict> cache_;
  PerWorker<Share> shares_;
  Violations violations_;
};

}  // namespace

std::unique_ptr<Workload> make_shared_dict_mixed() {
  return std::make_unique<SharedDictMixed>();
}

}  // namespace threadmill
