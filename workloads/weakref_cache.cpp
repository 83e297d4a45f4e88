// SPDX-License-Identifier: Apache-2.0
//
// weakref-cache: two shared caches that keep nothing alive: a dict of weak references, and
// a WeakValueDict.
//
// Imitates   WeakValueDictionary: interned names, open files, loaded modules, sessions.
// Draws      64 keys, chosen with a preference for few (the smaller of two draws). Each
//            operation looks a key up. Even keys are in the dict: the weak reference found
//            is followed; if it gives nothing, a value and a weak reference with a callback
//            are made, and that is stored. Odd keys are in the WeakValueDict: if it gives
//            nothing, a value is made and offered by set_default. What was got or made
//            replaces one of the worker's 16 strong references. Every 64 operations a
//            worker looks through the weak references that it made for dead ones, and
//            lists what is in the WeakValueDict.
// Checks     the value found under a key is sound and of that key; who made a value finds it
//            alive by its weak reference as long as it holds it; each weak reference is
//            called back once, after its target's death; values die exactly once. What
//            the WeakValueDict gives is alive; who has a value from it finds that one
//            under its key, and nobody another, until all let go; then it is empty.
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

constexpr bool is_weak_dict_key(std::uint64_t key) { return key % 2 == 1; }

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
  std::uint64_t asked_again = 0;  // for what it had from the WeakValueDict
};

class WeakrefCache final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    cache_ = must(make<Dict>());
    weak_dict_ = WeakValueDict::create();
    must(static_cast<bool>(weak_dict_));
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
        value = is_weak_dict_key(key) ? offer_value(share, worker.index(), key)
                                      : make_value(share, worker.index(), key);
      }
      Ref<Value>& held = share.held[random.below(kHeld)];
      if (held && is_weak_dict_key(held->key())) ask_again(share, held);
      held = std::move(value);
      if (++operations % kOperationsPerSweep == 0) {
        sweep(share);
        list_weak_dict();
      }
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    let_go();
    if (weak_dict_.size() != 0)
      strays_.add(fmt::format("{} are left in the end", weak_dict_.size()));
    std::uint64_t followed = 0;
    std::uint64_t asked_again = 0;
    shares_.for_each([&](Share& share) {
      sweep(share);
      followed += share.hits;
      asked_again += share.asked_again;
      for (const Watched& left : share.watched)
        violations_.add(fmt::format("weak reference {:#x} is alive", left.id));
    });
    violations_.report(checks, "the cache gives what its key says", followed);
    strays_.report(checks, "the weak dict has what lives, and nothing else",
                   asked_again);
    called_.check(checks, "each weak reference is called back once", seen_dead_);
    census_.check(checks, {});
  }

  void roots(std::vector<Object*>& handles) const override {
    handles.push_back(cache_.get());
    handles.push_back(weak_dict_.entries().get());
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
    weak_dict_ = WeakValueDict();
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
    Ref<Value> value;
    if (is_weak_dict_key(key)) {
      value = cast<Value>(weak_dict_.get(keys_[key]));
    } else {
      const Ref<WeakReference> weak = cast<WeakReference>(cache_->get(keys_[key]));
      if (!weak) return nullptr;
      value = cast<Value>(weak->get());
    }
    if (value) look_at(key, *value);
    return value;
  }

  void look_at(std::uint64_t key, const Value& value) {
    if (!value.sound() || value.key() != key)
      violations_.add(fmt::format("key {} gave {}", key, value.describe()));
  }

  // What is in the WeakValueDict: its own, or another worker's that was there first.
  [[nodiscard]] Ref<Value> offer_value(Share& share,
                                       unsigned worker,
                                       std::uint64_t key) {
    Ref<Value> own =
        must(make<Value>(census_, identity(worker, share.made++), key, 0U));
    Ref<Value> value = must(cast<Value>(weak_dict_.set_default(keys_[key], own)));
    look_at(key, *value);
    return value;
  }

  // Nothing goes into the WeakValueDict in the place of what lives.
  void ask_again(Share& share, const Ref<Value>& held) {
    ++share.asked_again;
    const Ref<Object> found = weak_dict_.get(keys_[held->key()]);
    if (found != held) {
      const Ref<Value> other = cast<Value>(found);
      strays_.add(fmt::format("key {} gave {} while {} was held", held->key(),
                              other ? other->describe() : "nothing", held->describe()));
    }
  }

  void list_weak_dict() {
    const Ref<List> items = must(weak_dict_.items());
    for (std::size_t i = 0; i + 1 < items->size(); i += 2) {
      const Ref<Int> key = cast<Int>(items->get(i));
      const Ref<Value> value = cast<Value>(items->get(i + 1));
      if (key && value)
        look_at(static_cast<std::uint64_t>(key->value()), *value);
      else
        strays_.add("a list of its items lacks one");
    }
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
  WeakValueDict weak_dict_;
  std::vector<Ref<Int>> keys_;
  Violations violations_;
  Violations strays_;
  Ref<Value> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_weakref_cache() {
  return std::make_unique<WeakrefCache>();
}

}  // namespace threadmill
