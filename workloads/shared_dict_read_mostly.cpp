// SPDX-License-Identifier: Apache-2.0
//
// shared-dict-read-mostly: nearly all operations are lock-free reads of one dict.
//
// Imitates   module globals, caches, configuration: written rarely, read by all.
// Draws      1024 keys, the lower the more often; of 32 operations 1 or 2 (about 5 %) give
//            a key a new value, the others read. Each key has a single writer, the worker
//            whose index is the key's number modulo T; the size never changes.
// Checks     a read never misses; its value belongs to the key; to each reader the stamps
//            of a key never go back; at the end each value is the one its writer set last,
//            and counts one.
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

constexpr std::size_t kKeys = 1024;
constexpr std::uint64_t kWritesPerMille = 50;

struct Share {
  std::vector<std::uint64_t> newest;  // per key: the newest stamp read
  std::uint64_t reads = 0;
};

class SharedDictReadMostly final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    threads_ = settings.threads;
    shares_.resize(threads_);
    keys_.make_keys(kKeys);
    stamps_.assign(kKeys, 0);
    dict_ = must(make<Dict>());
    for (std::size_t key = 0; key < kKeys; ++key) write(key);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    share.newest.assign(kKeys, 0);
    Random& random = worker.random();
    while (worker.keep_going()) {
      const std::size_t drawn = random.below(random.below(kKeys) + 1);
      const std::size_t own = own_key(worker.index(), drawn);
      if (random.below(1000) < kWritesPerMille && own < kKeys) {
        write(own);
      } else {
        read(share, drawn, random);
      }
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t reads = 0;
    shares_.for_each([&](const Share& share) { reads += share.reads; });
    violations_.report(checks, "every read finds a value of its key", reads);

    checks.equal("no key is lost or added", kKeys, kKeys, dict_->size());
    Violations wrong;
    Census::Living living;
    for (std::size_t key = 0; key < kKeys; ++key) {
      const Ref<Token> token = verify_value(dict_->get(keys_.key(key)), key, wrong);
      if (!token) continue;
      living.add(*token);
      const std::int64_t count = refcount(*token) - 1;
      if (token->stamp() != stamps_[key] || count != 1) {
        wrong.add(fmt::format("key {} was last set to stamp {} and has {}, counting {}",
                              key, stamps_[key], token->describe(), count));
      }
    }
    wrong.report(checks, "each key has the value set last", kKeys);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    keys_.roots(handles);
    handles.push_back(dict_.get());
  }

  void drop() override {
    dict_.reset();
    keys_.drop();
  }

  void spoil_for_test() override {
    const std::uint64_t stamp = stamps_[0];
    write(0);
    stamps_[0] = stamp;
  }

 private:
  // A key near `drawn` that this worker alone writes; kKeys if it has none.
  [[nodiscard]] std::size_t own_key(unsigned worker, std::size_t drawn) const {
    const std::size_t key = drawn - drawn % threads_ + worker;
    return key < kKeys ? key : std::min<std::size_t>(worker, kKeys);
  }

  void write(std::size_t key) {
    const std::uint64_t stamp = ++stamps_[key];
    const std::uint64_t id = identity(static_cast<unsigned>(key), stamp);
    must(dict_->set(keys_.key(key), must(make<Token>(census_, id, key, stamp))));
  }

  void read(Share& share, std::size_t key, Random& random) {
    const Ref<Object> value = keys_.look_up(*dict_, key, random);
    ++share.reads;
    if (!value) {
      violations_.add(fmt::format("key {} was not found", key));
      return;
    }
    const Ref<Token> token = verify_value(value, key, violations_);
    if (!token) return;
    if (token->stamp() < share.newest[key]) {
      violations_.add(fmt::format("key {} had stamp {} after {}", key, token->stamp(),
                                  share.newest[key]));
    }
    share.newest[key] = token->stamp();
  }

  Census census_;
  std::size_t threads_ = 1;
  DictKeys keys_;
  Ref<Dict> dict_;
  std::vector<std::uint64_t> stamps_;  // per key: the last one set; its writer's
  PerWorker<Share> shares_;
  Violations violations_;
};

}  // namespace

std::unique_ptr<Workload> make_shared_dict_read_mostly() {
  return std::make_unique<SharedDictReadMostly>();
}

}  // namespace threadmill
