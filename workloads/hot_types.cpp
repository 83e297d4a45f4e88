// SPDX-License-Identifier: Apache-2.0
//
// hot-types: all threads use a few objects that are made for it: distributed or deferred.
//
// Imitates   the types, modules and functions of a program: every thread refers to them,
//            from what it keeps and from its stack, and now and then one is replaced, as
//            when a module is loaded again.
// Draws      four places, the types in two of which are distributed, those in the other two
//            deferred; each refers to itself, as types do. A worker keeps 4 handles. Of 16
//            operations 8 take a handle from a place, 7 drop one, 1 uses up to four types at
//            once from the stack, and takes up to 32 handles with each, at safepoints. About
//            1 in 2,000 replaces a type, 1 in 20,000 gathers one, 1 in 4,000 collects.
// Checks     whatever is reached is sound; at the end each type that is known counts as many
//            references as there are, with its own; all others have died exactly once.
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kPlaces = 4;
// Few, so that a stack often has the only reference.
constexpr std::size_t kHandles = 4;
constexpr unsigned kDeepest = 4;
constexpr std::uint64_t kMostSteps = 33;
constexpr std::uint64_t kOperationsPerReplacement = 2'000;
constexpr std::uint64_t kOperationsPerGathering = 20'000;
constexpr std::uint64_t kOperationsPerCollection = 4'000;

// key: its place.
struct HotType : Token {
  static constexpr const char* kTypeName = "hot type";
  static void traverse(HotType& self, const FieldVisitor& visitor) {
    visitor(self.resolution_order);
  }
  using Token::Token;

  Field<HotType> resolution_order;  // itself, alone
};

struct Places : Object {
  static constexpr const char* kTypeName = "places";
  static void traverse(Places& self, const FieldVisitor& visitor) {
    for (Field<HotType>& place : self.types) visitor(place);
  }

  std::array<Field<HotType>, kPlaces> types;
};

bool is_for_distribution(std::size_t place) { return place % 2 == 0; }

struct Share {
  std::array<Ref<HotType>, kHandles> handles;
  std::uint64_t made = 0;
  std::uint64_t used = 0;
  std::uint64_t distributed = 0;
  std::uint64_t deferred = 0;
  std::uint64_t gathered = 0;
};

class HotTypes final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    places_ = must(make<Places>());
    for (std::size_t place = 0; place < kPlaces; ++place)
      places_->types[place].store(new_type(shares_[0], 0, place));
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      const std::uint64_t choice = random.below(16);
      if (choice < 8)
        take_handle(share, random);
      else if (choice < 15)
        share.handles[random.below(kHandles)].reset();
      else
        use(share, random, 1 + static_cast<unsigned>(random.below(kDeepest)));
      now_and_then(share, worker);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    collections_.collect();
    std::uint64_t used = 0;
    shares_.for_each([&used](const Share& share) { used += share.used; });
    violations_.report(checks, "a type that is reached is sound", used);

    Census::Living living;
    Violations wrong;
    for (const auto& [type, references] : references_by_type()) {
      living.add(*type);
      gather(*type);
      const auto counted = static_cast<std::uint64_t>(refcount(*type));
      if (counted != references) {
        wrong.add(fmt::format("{} counts {} references, and has {}", type->describe(),
                              counted, references));
      }
    }
    wrong.report(checks, "a type counts the references to it", living.count());
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    handles.push_back(places_.get());
    for_each_handle(
        [&handles](const Ref<HotType>& type) { handles.push_back(type.get()); });
    handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share.handles = {}; });
    places_.reset();
    spoiler_.reset();
    collections_.collect();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    Share total;
    shares_.for_each([&total](const Share& share) {
      total.distributed += share.distributed;
      total.deferred += share.deferred;
      total.gathered += share.gathered;
    });
    return {{"types distributed", std::to_string(total.distributed)},
            {"types deferred", std::to_string(total.deferred)},
            {"types gathered", std::to_string(total.gathered)},
            {"collections", std::to_string(collections_.count())}};
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  [[nodiscard]] Ref<HotType> new_type(Share& share,
                                      unsigned worker,
                                      std::size_t place) {
    const std::uint64_t id = identity(worker, share.made++);
    Ref<HotType> type = must(make<HotType>(census_, id, place, id));
    type->resolution_order.store(type);
    if (is_for_distribution(place))
      share.distributed += distribute(*type);
    else
      share.deferred += defer_counts(*type);
    return type;
  }

  void take_handle(Share& share, Random& random) {
    Ref<HotType>& handle = share.handles[random.below(kHandles)];
    handle = places_->types[random.below(kPlaces)].load();
    require_sound(share, *handle);
  }

  // As a function that runs for a while, and calls another one.
  void use(Share& share, Random& random, unsigned depth) {
    const Deferred<HotType> type(places_->types[random.below(kPlaces)]);
    for (std::uint64_t steps = random.below(kMostSteps); steps > 0; --steps) {
      safepoint();
      take_handle(share, random);
    }
    if (depth > 1) use(share, random, depth - 1);
    require_sound(share, *type);
    if (random.below(8) == 0) share.handles[random.below(kHandles)] = type.ref();
  }

  void require_sound(Share& share, const HotType& type) {
    ++share.used;
    if (!type.sound()) violations_.add(type.describe());
  }

  void now_and_then(Share& share, Worker& worker) {
    Random& random = worker.random();
    if (random.below(kOperationsPerReplacement) == 0 && !collections_.is_overdue()) {
      const std::size_t place = random.below(kPlaces);
      places_->types[place].store(new_type(share, worker.index(), place));
      collections_.made_garbage(1);
    }
    if (random.below(kOperationsPerGathering) == 0) {
      const Ref<HotType> type = places_->types[random.below(kPlaces)].load();
      share.gathered += gather(*type);
    }
    collections_.collect_now_and_then(random, kOperationsPerCollection);
  }

  template <class Use>
  void for_each_handle(Use use) const {
    shares_.for_each([&use](const Share& share) {
      for (const Ref<HotType>& handle : share.handles) {
        if (handle) use(handle);
      }
    });
  }

  using References = std::map<HotType*, std::uint64_t>;
  [[nodiscard]] References references_by_type() const {
    References references;
    for (std::size_t place = 0; place < kPlaces; ++place)
      ++references[places_->types[place].load().get()];
    for_each_handle(
        [&references](const Ref<HotType>& type) { ++references[type.get()]; });
    for (auto& [type, count] : references) ++count;  // its own
    return references;
  }

  Census census_;
  Collections collections_;
  Ref<Places> places_;  // written by prepare() and drop(); workers only read it
  PerWorker<Share> shares_;
  Violations violations_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_hot_types() { return std::make_unique<HotTypes>(); }

}  // namespace threadmill
