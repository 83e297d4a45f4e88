// SPDX-License-Identifier: Apache-2.0
//
// hot-object: all threads copy and drop references to one shared object.
//
// Imitates   a global that everybody uses (a type, a module, a configuration), the worst
//            case for atomic counts. Its owner is the harness thread, which is detached
//            meanwhile, so that every count of the workers is a foreign one.
// Draws      32 handles per worker, uniformly; of 8 operations 4 copy the shared handle, 2
//            read it lock-free from a field (try-incref), 2 drop one.
// Checks     at the end the object's count equals one for the workload, one for the field
//            and one per handle held.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kHandles = 32;

struct Holder : Object {
  static constexpr const char* kTypeName = "holder";
  static void traverse(Holder& holder, const FieldVisitor& visitor) {
    visitor(holder.hot);
  }

  Field<Token> hot;
};

struct Share {
  std::array<Ref<Token>, kHandles> handles;
};

class HotObject final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    hot_ = must(make<Token>(census_, 0U, 0U, 0U));
    holder_ = must(make<Holder>());
    holder_->hot.store(hot_);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      Ref<Token>& handle = share.handles[random.below(kHandles)];
      const std::uint64_t choice = random.below(8);
      if (choice < 4) {
        handle = hot_;
      } else if (choice < 6) {
        handle = holder_->hot.load();
        if (handle.get() != hot_.get())
          violations_.add("the field held another object");
      } else {
        handle.reset();
      }
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t handles = 2;  // hot_ and the field
    shares_.for_each([&](const Share& share) {
      for (const Ref<Token>& handle : share.handles) {
        if (!handle) continue;
        ++handles;
        if (handle.get() != hot_.get()) violations_.add("a handle held another object");
      }
    });
    checks.equal("count equals the handles held", handles, handles,
                 static_cast<std::uint64_t>(refcount(*hot_)));
    violations_.report(checks, "every handle refers to the object", handles);
    Census::Living living;
    living.add(*hot_);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    handles.push_back(hot_.get());
    handles.push_back(holder_.get());
    shares_.for_each([&](const Share& share) {
      for (const Ref<Token>& handle : share.handles) {
        if (handle) handles.push_back(handle.get());
      }
    });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share = Share(); });
    spoiler_.reset();
    holder_.reset();
    hot_.reset();
  }

  void spoil_for_test() override { spoiler_ = hot_; }

 private:
  Census census_;
  Ref<Token> hot_;      // written by prepare() and drop(); workers only copy it
  Ref<Holder> holder_;  // likewise
  PerWorker<Share> shares_;
  Violations violations_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_hot_object() { return std::make_unique<HotObject>(); }

}  // namespace threadmill
