// SPDX-License-Identifier: Apache-2.0
//
// callback-closures: emitters and handlers that refer to each other.
//
// Imitates   event loops and user interfaces: a widget has a list of callbacks, each of
//            which has captured the widget; nobody removes them, so the collector must.
// Draws      each operation makes an emitter with 1 to 6 handlers; a handler captures the
//            emitter and a counter. It replaces one of the worker's 8, or (1 in 4) is
//            exchanged with one on a board, so that threads fire what others made. Every
//            operation fires one emitter: all its handlers are called once. About 1
//            operation in 64 collects.
// Checks     after each firing by a thread that has the emitter alone, its counter has grown
//            by its handlers; handlers find their emitter sound; at the end those of living
//            emitters are alive and all others have died exactly once.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "workloads/board.hpp"
#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kLive = 8;
constexpr std::uint64_t kMostHandlers = 6;
constexpr std::uint64_t kOperationsPerCollection = 64;

// stamp: its handlers.
struct Emitter : Token {
  static constexpr const char* kTypeName = "emitter";
  static void traverse(Emitter& self, const FieldVisitor& visitor) {
    visitor(self.handlers);
  }
  using Token::Token;

  Field<List> handlers;
  std::atomic<std::uint64_t> calls{0};
};

// key: its emitter's identity.
struct Handler : Token {
  static constexpr const char* kTypeName = "handler";
  static void traverse(Handler& self, const FieldVisitor& visitor) {
    visitor(self.captured);
  }
  using Token::Token;

  // The argument is the emitter that fires.
  static void call(Handler& self, Object& argument) {
    const Ref<Emitter> emitter = self.captured.load();
    const bool right = emitter.get() == &argument && self.sound() && emitter->sound() &&
                       emitter->id() == self.key();
    // relaxed: whoever compares has it alone
    if (right) emitter->calls.fetch_add(1, std::memory_order_relaxed);
  }

  Field<Emitter> captured;
};

struct Share {
  std::array<Ref<Emitter>, kLive> live;
  std::uint64_t made = 0;
  std::uint64_t calls = 0;
};

class CallbackClosures final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    board_.resize(std::size_t{settings.threads} + 1);
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    Random& random = worker.random();
    while (worker.keep_going()) {
      if (!collections_.is_overdue()) replace_one(share, worker.index(), random);
      if (const Ref<Emitter> fired = share.live[random.below(kLive)])
        fire(share, fired);
      collections_.collect_now_and_then(random, kOperationsPerCollection);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    collections_.collect();
    Census::Living living;
    std::uint64_t calls = 0;
    for_each_emitter([&](Emitter& emitter) { add(emitter, living); });
    shares_.for_each([&](const Share& share) { calls += share.calls; });
    violations_.report(checks, "handlers are called for their emitter", calls);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    for_each_emitter([&](Emitter& emitter) { handles.push_back(&emitter); });
    handles.push_back(spoiler_.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share.live = {}; });
    board_.clear();
    spoiler_.reset();
    collections_.collect();
  }

  void spoil_for_test() override { spoiler_ = new_emitter(shares_[0], 0, 1); }

 private:
  void replace_one(Share& share, unsigned worker, Random& random) {
    const std::uint64_t handlers = 1 + random.below(kMostHandlers);
    Ref<Emitter> emitter = new_emitter(share, worker, handlers);
    if (random.below(4) == 0)
      emitter = board_.swap(random.below(board_.size()), std::move(emitter));
    share.live[random.below(kLive)] = std::move(emitter);
    collections_.made_garbage(handlers + 2);  // or soon will have
  }

  [[nodiscard]] Ref<Emitter> new_emitter(Share& share,
                                         unsigned worker,
                                         std::uint64_t handlers) {
    const std::uint64_t id = identity(worker, share.made++);
    Ref<Emitter> emitter = must(make<Emitter>(census_, id, 0U, handlers));
    const Ref<List> list = must(make<List>());
    for (std::uint64_t i = 0; i < handlers; ++i) {
      const Ref<Handler> handler =
          must(make<Handler>(census_, identity(worker, share.made++), id, i));
      handler->captured.store(emitter);
      must(list->append(handler));
    }
    emitter->handlers.store(list);
    return emitter;
  }

  void fire(Share& share, const Ref<Emitter>& emitter) {
    // relaxed: this thread has the emitter alone
    const std::uint64_t before = emitter->calls.load(std::memory_order_relaxed);
    const Ref<List> handlers = emitter->handlers.load();
    std::uint64_t called = 0;
    for (std::size_t i = 0; i < emitter->stamp(); ++i) {
      const Ref<Handler> handler = cast<Handler>(handlers->get(i));
      if (!handler) break;
      Handler::call(*handler, *emitter);
      ++called;
    }
    share.calls += called;
    // relaxed: as above
    const std::uint64_t after = emitter->calls.load(std::memory_order_relaxed);
    if (called != emitter->stamp() || after != before + called) {
      violations_.add(fmt::format("{} of {} handlers counted, of {}", after - before,
                                  emitter->stamp(), emitter->describe()));
    }
  }

  static void add(const Emitter& emitter, Census::Living& living) {
    living.add(emitter);
    const Ref<List> handlers = emitter.handlers.load();
    for (std::size_t i = 0; i < emitter.stamp(); ++i)
      living.add(*cast<Handler>(handlers->get(i)));
  }

  template <class Use>
  void for_each_emitter(Use&& use) const {
    shares_.for_each([&](const Share& share) {
      for (const Ref<Emitter>& emitter : share.live) {
        if (emitter) use(*emitter);
      }
    });
    board_.for_each(use);
  }

  Census census_;
  Collections collections_;
  PerWorker<Share> shares_;
  Board<Emitter> board_;
  Violations violations_;
  Ref<Emitter> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_callback_closures() {
  return std::make_unique<CallbackClosures>();
}

}  // namespace threadmill
