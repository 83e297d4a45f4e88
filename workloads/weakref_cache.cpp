// SPDX-License-Identifier: Apache-2.0
//
// weakref-cache: a shared dict of weak references, as a cache that keeps nothing alive.
//
// Imitates   WeakValueDictionary: interned names, open files, loaded modules, sessions.
// Draws      64 keys, chosen with a preference for few (the smaller of two draws). Each
//            operation looks a key up and follows the weak reference; if it gives nothing,
//            it makes a value and a weak reference with a callback, and stores that. What
//            it got or made replaces one of the worker's 16 strong references. Every 64
//            operations a worker looks through the weak references that it made for dead
//            ones.
// Checks     the value found under a key is sound and of that key; who made a value finds it
//            alive by its weak reference as long as it holds it; each weak reference is
//            called back once, after its target's death; values die exactly once.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"
#include "workloads/tally.hpp"

namespace threadmill {
namespace {

constexpr std::uint64_t kKeys = 64;
constexpr std::size_t kHeld = 16;
constexpr std::uint64_t kOperationsPerSweep = 64;

struct Value : Token {
  static constexpr const char* kTypeName = "value";
  using Token::Token;
};

// The callback of one weak reference.
struct Obituary : Object {
  static constexpr const char* kTypeName = "obituary";
  Obituary(Tally& its_called, Violations& its_violations, std::uint64_t its_id)
      : called(its_called), violations(its_violations), id(its_id) {}
  static void call(Obituary& self, Object& argument) {
    if (!static_cast<WeakReference&>(argument).is_dead())
      self.violations.add("a callback was called for a living value");
    self.called.note(self.id);
  }
  Tally& called;
  Violations& violations;
  const std::uint64_t id;
};

struct Watched {
  Ref<WeakReference> weak;
  std::uint64_t id;
};

struct Share {
  std::array<Ref<Value>, kHeld> held;
  std::vector<Watched> watched;  // made here, and not yet seen dead
  std::uint64_t made = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
};

class WeakrefCache final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    cache_ = must(make<Dict>());
    for (std::uint64_t key = 0; key < kKeys; ++key)
      keys_.push_back(must(make<Int>(static_cast<std::int64_t>(key))));
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    std::uint64_t operations = 0;
    while (worker.keep_going()) {
      const std::uint64_t key = std::min(random.below(kKeys), random.below(kKeys));
      Ref<Value> value = look_up(key);
      if (value) {
        ++share.hits;
      } else {
        ++share.misses;
        value = make_value(share, worker.index(), key);
      }
      share.held[random.below(kHeld)] = std::move(value);
      if (++operations % kOperationsPerSweep == 0) sweep(share);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    let_go();
    std::uint64_t followed = 0;
    shares_.for_each([&](Share& share) {
      sweep(share);
      followed += share.hits;
      for (const Watched& left : share.watched)
        violations_.add(fmt::format("weak reference {:#x} is alive", left.id));
    });
    violations_.report(checks, "the cache gives what its key says", followed);
    called_.check(checks, "each weak reference is called back once", seen_dead_);
    census_.check(checks, {});
  }

  void roots(std::vector<Object*>& handles) const override {
    handles.push_back(cache_.get());
    for (const Ref<Int>& key : keys_) handles.push_back(key.get());
    shares_.for_each([&](const Share& share) {
      for (const Ref<Value>& value : share.held) handles.push_back(value.get());
      for (const Watched& watched : share.watched)
        handles.push_back(watched.weak.get());
    });
    handles.push_back(spoiler_.get());
  }

  void drop() override {
    spoiler_.reset();
    let_go();
    shares_.for_each([](Share& share) { share.watched.clear(); });
    cache_.reset();
    keys_.clear();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    shares_.for_each([&](const Share& share) {
      hits += share.hits;
      misses += share.misses;
    });
    return {{"values found and made", fmt::format("{} and {}", hits, misses)}};
  }

  void spoil_for_test() override {
    spoiler_ = must(make<Value>(census_, identity(0, shares_[0].made++), 0U, 0U));
  }

 private:
  // Null: there is none, or it has died.
  [[nodiscard]] Ref<Value> look_up(std::uint64_t key) {
    const Ref<WeakReference> weak = cast<WeakReference>(cache_->get(keys_[key]));
    if (!weak) return nullptr;
    Ref<Value> value = cast<Value>(weak->get());
    if (value && (!value->sound() || value->key() != key))
      violations_.add(fmt::format("key {} gave {}", key, value->describe()));
    return value;
  }

  [[nodiscard]] Ref<Value> make_value(Share& share,
                                      unsigned worker,
                                      std::uint64_t key) {
    const std::uint64_t id = identity(worker, share.made++);
    Ref<Value> value = must(make<Value>(census_, id, key, 0U));
    Ref<WeakReference> weak = must(
        WeakReference::create(*value, must(make<Obituary>(called_, violations_, id))));
    must(cache_->set(keys_[key], weak));
    if (weak->get() != value)
      violations_.add("a living value is denied by its weak reference");
    share.watched.push_back({std::move(weak), id});
    return value;
  }

  // A weak reference that was kept until it was dead is called back.
  void sweep(Share& share) {
    std::erase_if(share.watched, [&](const Watched& watched) {
      if (!watched.weak->is_dead()) return false;
      seen_dead_.note(watched.id);
      return true;
    });
  }

  void let_go() {
    shares_.for_each([](Share& share) { share.held = {}; });
  }

  Census census_;
  Tally called_;
  Tally seen_dead_;
  PerWorker<Share> shares_;
  Ref<Dict> cache_;
  std::vector<Ref<Int>> keys_;
  Violations violations_;
  Ref<Value> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_weakref_cache() {
  return std::make_unique<WeakrefCache>();
}

}  // namespace threadmill
