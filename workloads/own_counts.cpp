// SPDX-License-Identifier: Apache-2.0
//
// own-counts: each thread copies, moves and drops references to objects that only it uses.
//
// Imitates   single-threaded code on a free-threaded runtime, the case that biased
//            counting is made for: every count is a plain load and store of the owner.
// Draws      uniformly among 64 objects (integers, floats, strings, lists, tokens) and
//            256 handles; of 16 operations 6 copy an object into a handle, 3 copy a handle,
//            2 move one, 2 swap two, 2 drop one, 1 makes and drops 8 passing copies.
// Checks     the count of every object equals the handles that refer to it, now and then
//            while running and once more after the owner has left; every handle still
//            refers to the object that the model says.
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

namespace threadmill {
namespace {

constexpr std::size_t kObjects = 64;
constexpr std::size_t kHandles = 256;
constexpr std::size_t kNobody = kObjects;  // the target of an empty handle
constexpr std::uint64_t kOperationsPerAudit = 4096;

struct Share {
  std::vector<Ref<Object>> objects;
  std::vector<Ref<Object>> handles;
  std::vector<std::size_t> targets;  // handles[i] refers to objects[targets[i]]
  std::uint64_t audited = 0;
};

class OwnCounts final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    if (!worker.keep_going()) return;
    fill(share, worker.index());
    for (std::uint64_t done = 1; worker.keep_going(); ++done) {
      operate(share, worker.random());
      worker.did();
      if (done % kOperationsPerAudit == 0) audit(share);
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t audited = 0;
    shares_.for_each([&](Share& share) {
      audit(share);
      audited += share.audited;
    });
    violations_.report(checks, "counts equal the handles held", audited);
    Census::Living living;
    shares_.for_each([&](Share& share) {
      for (const Ref<Object>& object : share.objects) {
        if (const Ref<Token> token = cast<Token>(object)) living.add(*token);
      }
    });
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    shares_.for_each([&](const Share& share) {
      for (const Ref<Object>& object : share.objects) handles.push_back(object.get());
      for (const Ref<Object>& handle : share.handles) {
        if (handle) handles.push_back(handle.get());
      }
    });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share = Share(); });
    spoiler_.reset();
  }

  void spoil_for_test() override { spoiler_ = shares_[0].objects.at(0); }

 private:
  void fill(Share& share, unsigned worker) {
    share.handles.resize(kHandles);
    share.targets.assign(kHandles, kNobody);
    share.objects.reserve(kObjects);
    for (std::size_t i = 0; i < kObjects; ++i) {
      share.objects.push_back(object_number(worker, i));
    }
  }

  [[nodiscard]] Ref<Object> object_number(unsigned worker, std::size_t i) {
    const auto number = static_cast<std::int64_t>(i);
    switch (i % 5) {
      case 0:
        return must(make<Int>(number));
      case 1:
        return must(make<Float>(static_cast<double>(number)));
      case 2:
        return must(make<Str>(fmt::format("own object {}", i)));
      case 3:
        return must(make<List>());
      default:
        return must(make<Token>(census_, identity(worker, i), i, 0U));
    }
  }

  static void operate(Share& share, Random& random) {
    const std::size_t to = random.below(kHandles);
    const std::size_t from = random.below(kHandles);
    const std::size_t object = random.below(kObjects);
    const std::uint64_t choice = random.below(16);
    if (choice < 6) {
      share.handles[to] = share.objects[object];
      share.targets[to] = object;
    } else if (choice < 9) {
      share.handles[to] = share.handles[from];
      share.targets[to] = share.targets[from];
    } else if (choice < 11) {
      if (to == from) return;
      share.handles[to] = std::move(share.handles[from]);
      share.targets[to] = std::exchange(share.targets[from], kNobody);
    } else if (choice < 13) {
      std::swap(share.handles[to], share.handles[from]);
      std::swap(share.targets[to], share.targets[from]);
    } else if (choice < 15) {
      share.handles[to].reset();
      share.targets[to] = kNobody;
    } else {
      for (int i = 0; i < 8; ++i) const Ref<Object> passing = share.objects[object];
    }
  }

  void audit(Share& share) {
    std::vector<std::int64_t> expected(share.objects.size(), 1);
    for (std::size_t i = 0; i < share.handles.size(); ++i) {
      const std::size_t target = share.targets[i];
      const Object* want = target == kNobody ? nullptr : share.objects[target].get();
      if (share.handles[i].get() != want) {
        violations_.add(fmt::format("handle {} refers to another object", i));
      }
      if (target != kNobody) ++expected[target];
    }
    for (std::size_t i = 0; i < share.objects.size(); ++i) {
      const std::int64_t count = refcount(*share.objects[i]);
      if (count != expected[i]) {
        violations_.add(
            fmt::format("object {} counts {}, held {}", i, count, expected[i]));
      }
    }
    share.audited += share.handles.size() + share.objects.size();
  }

  Census census_;
  PerWorker<Share> shares_;
  Violations violations_;
  Ref<Object> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_own_counts() { return std::make_unique<OwnCounts>(); }

}  // namespace threadmill
