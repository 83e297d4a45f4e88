// SPDX-License-Identifier: Apache-2.0
//
// pause-storms: threads stop the world back to back while others attach and detach.
//
// Imitates   a program that collects in a loop (gh-151518), with threads that block for
//            short times and others that come and go.
// Draws      each worker owns a post, an object with a token in a field that everybody
//            reads without a lock. A worker is by turns storm (16 pauses back to back:
//            collections, and countings of the live objects), visitor (64 times detaches
//            and attaches, and reads a post in between), owner (64 times replaces its
//            token, so that readers drop the last reference of some), or host of a
//            thread that enters, reads a few posts and leaves.
// Checks     no thread passes a safepoint with more or less than its post and its token,
//            so every counting in a pause finds exactly one post and one token a worker;
//            what is read is sound; births equal deaths but for the tokens in the posts.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr int kPauses = 16;
constexpr int kVisits = 64;
constexpr int kReplacements = 64;
constexpr int kGuestReads = 8;

struct Post : Object {
  static constexpr const char* kTypeName = "post";
  static void traverse(Post& self, const FieldVisitor& visit) { visit(self.token); }

  explicit Post(Ref<Token> first) : token(std::move(first)) {}

  Field<Token> token;
};

struct Share {
  Ref<Post> post;
  std::uint64_t made = 0;
  std::uint64_t read = 0;
  std::uint64_t counted = 0;
  std::uint64_t collections = 0;
};

class PauseStorms final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    for (unsigned i = 0; i < settings.threads; ++i)
      shares_[i].post = must(make<Post>(new_token(i)));
    expected_ = runtime.live_objects();
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      switch (worker.random().below(8)) {
        case 0:
        case 1:
          storm(worker);
          break;
        case 2:
        case 3:
        case 4:
          visit(worker);
          break;
        case 5:
        case 6:
          replace(worker);
          break;
        default:
          host(worker);
      }
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t read = 0;
    std::uint64_t counted = 0;
    Census::Living living;
    shares_.for_each([&](const Share& share) {
      read += share.read;
      counted += share.counted;
      living.add(*share.post->token.load());
    });
    miscounted_.report(checks, "every pause finds the same number of objects", counted);
    unsound_.report(checks, "tokens that are read are sound", read);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    shares_.for_each([&](const Share& share) { handles.push_back(share.post.get()); });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share.post.reset(); });
    spoiler_.reset();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t collections = 0;
    shares_.for_each([&](const Share& share) { collections += share.collections; });
    return {{"collections", std::to_string(collections)}};
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  [[nodiscard]] Ref<Token> new_token(unsigned owner) {
    const std::uint64_t id = identity(owner, shares_[owner].made++);
    return must(make<Token>(census_, id, owner, id));
  }

  void storm(Worker& worker) {
    Share& share = shares_[worker.index()];
    for (int i = 0; i < kPauses && !worker.stop_requested(); ++i) {
      if (worker.random().below(2) == 0) {
        (void)worker.runtime().gc().collect();
        ++share.collections;
      } else {
        count_objects(worker.runtime());
        ++share.counted;
      }
      worker.did();
    }
  }

  void count_objects(Runtime& runtime) {
    const std::uint64_t live = runtime.live_objects();
    if (live == expected_) return;
    miscounted_.add(fmt::format("{} objects instead of {}", live, expected_));
  }

  void visit(Worker& worker) {
    Share& share = shares_[worker.index()];
    for (int i = 0; i < kVisits && !worker.stop_requested(); ++i) {
      { const Detached passing; }
      read(worker.random());
      ++share.read;
      worker.did();
    }
  }

  // No safepoint while it has the reference.
  void read(Random& random) {
    const std::size_t whose = random.below(shares_.size());
    const Ref<Token> token = shares_[whose].post->token.load();
    if (random.below(8) == 0) std::this_thread::yield();
    if (!token->sound() || token->key() != whose) unsound_.add(token->describe());
  }

  // Nor here between the making of the new token and the end of the old.
  void replace(Worker& worker) {
    Share& share = shares_[worker.index()];
    for (int i = 0; i < kReplacements && !worker.stop_requested(); ++i) {
      share.post->token.store(new_token(worker.index()));
      worker.did();
    }
  }

  void host(Worker& worker) {
    Share& share = shares_[worker.index()];
    Random random(worker.random().next());
    const Detached while_visited;
    std::thread([&] {
      const Attached here(worker.runtime());
      if (!here) return;
      for (int i = 0; i < kGuestReads; ++i) {
        read(random);
        safepoint();
      }
      share.read += kGuestReads;
    }).join();
    worker.did();
  }

  Census census_;
  PerWorker<Share> shares_;
  std::uint64_t expected_ = 0;  // objects; constant while workers run
  Violations miscounted_;
  Violations unsound_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_pause_storms() {
  return std::make_unique<PauseStorms>();
}

}  // namespace threadmill
