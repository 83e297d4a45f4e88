// SPDX-License-Identifier: Apache-2.0
//
// hand-off-pipeline: objects travel along stages that are joined by queues.
//
// Imitates   producer / transformer / consumer programs: each object is made by one thread
//            and dropped by another, and ownership goes along inside a bounded queue as a
//            raw pointer that carries the reference.
// Shape      T threads make T / 3 lines of three stages; the one or two that are left over,
//            and a stage whose neighbour has left, make and drop parcels by themselves.
//            The middle stage wraps every second parcel in a new one (so that the consumer
//            drops two owners' objects at once), and keeps a copy of each other one for
//            the time of 16 parcels (so that the consumer's drop is often not the last).
//            Half of the parcels go along with their ownership, if the stage that passes
//            them on has the only reference, and of the others half get a new owner where
//            they arrive, if they have none.
// Checks     each stage receives its line's parcels exactly once and in order; what is
//            left in the queues at the end follows on in order; all other parcels, but for
//            the kept ones, have died exactly once.
//
// Edges
//   stage-left   what a stage pushed happens before its neighbour finds that it has left
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/lockfree/spsc_queue.hpp>
#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr unsigned kStages = 3;
constexpr std::size_t kQueueCapacity = 128;
constexpr std::size_t kKept = 16;

// key: the line; stamp: the place in the line's order.
struct Parcel : Token {
  static constexpr const char* kTypeName = "parcel";
  static void traverse(Parcel& parcel, const FieldVisitor& visitor) {
    visitor(parcel.wrapped);
  }

  using Token::Token;

  Field<Parcel> wrapped;
};

// A queue and the number of parcels that went through it. The pointers carry references.
struct Belt {
  boost::lockfree::spsc_queue<Parcel*> queue{kQueueCapacity};
  std::uint64_t pushed = 0;  // written by the stage before
  std::uint64_t popped = 0;  // written by the stage after
  std::vector<Ref<Parcel>>
      left_over;  // taken from the queue after all stages have left
};

struct Line {
  std::array<Belt, kStages - 1> belts;
  std::array<std::atomic<bool>, kStages> left{};     // each set by its stage
  std::array<std::atomic<SlotId>, kStages> slots{};  // likewise; 0: not there yet
  std::array<Ref<Parcel>, kKept> kept;               // used by the middle stage
};

struct Share {
  std::uint64_t made = 0;
};

class HandOffPipeline final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    shares_.resize(settings.threads);
    for (unsigned i = 0; i < settings.threads / kStages; ++i) {
      lines_.push_back(std::make_unique<Line>());
    }
  }

  void run(Worker& worker) override {
    const std::size_t number = worker.index() / kStages;
    if (number < lines_.size()) {
      Line& line = *lines_[number];
      const unsigned stage = worker.index() % kStages;
      const Leaving leaving(line.left[stage]);
      // relaxed: an id, of a slot that all know
      line.slots[stage].store(current()->id, std::memory_order_relaxed);
      switch (stage) {
        case 0:
          produce(worker, line, number);
          break;
        case 1:
          transform(worker, line, number);
          break;
        default:
          consume(worker, line, number);
          break;
      }
    }
    work_alone(worker);
  }

  void check(CheckList& checks) override {
    const Census::Living living = survey();
    std::uint64_t verified = 0;
    for (std::size_t number = 0; number < lines_.size(); ++number) {
      for (Belt& belt : lines_[number]->belts) {
        for (const Ref<Parcel>& parcel : belt.left_over) accept(belt, number, *parcel);
        verified += belt.popped;
        if (belt.pushed != belt.popped) {
          violations_.add(fmt::format("line {} pushed {} parcels and popped {}", number,
                                      belt.pushed, belt.popped));
        }
      }
    }
    shares_.for_each([&](const Share& share) { verified += share.made; });
    violations_.report(checks, "every parcel arrives once and in order", verified);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    for_each_held([&](Parcel& parcel) { handles.push_back(&parcel); });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    lines_.clear();
    spoiler_.reset();
  }

  void spoil_for_test() override {
    if (!lines_.empty()) ++lines_[0]->belts[0].pushed;
    spoiler_ = stray_token(census_);
  }

 private:
  // Tells the neighbours, however the stage ends.
  class Leaving {
   public:
    explicit Leaving(std::atomic<bool>& left) : left_(left) {}
    ~Leaving() { left_.store(true, std::memory_order_release); }  // edge: stage-left
    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;

   private:
    std::atomic<bool>& left_;
  };

  [[nodiscard]] static bool has_left(const Line& line, unsigned stage) {
    return line.left[stage].load(std::memory_order_acquire);  // edge: stage-left
  }

  void produce(Worker& worker, Line& line, std::size_t number) {
    Belt& belt = line.belts[0];
    while (worker.keep_going()) {
      if (!push(worker, line, 1, belt, new_parcel(worker, number, belt.pushed))) return;
      worker.did();
    }
  }

  void transform(Worker& worker, Line& line, std::size_t number) {
    while (worker.keep_going()) {
      // asked before popping: after a stage has left, an empty queue stays empty
      const bool last = has_left(line, 0);
      Ref<Parcel> parcel = pop(line.belts[0], number);
      if (!parcel) {
        if (last) return;
        std::this_thread::yield();
        continue;
      }
      const std::uint64_t place = parcel->stamp();
      if (place % 2 == 0) {
        line.kept[(place / 2) % kKept] = parcel;
      } else {
        Ref<Parcel> wrapper = new_parcel(worker, number, place);
        wrapper->wrapped.store(std::move(parcel));
        parcel = std::move(wrapper);
      }
      if (!push(worker, line, 2, line.belts[1], std::move(parcel))) return;
      worker.did();
    }
  }

  void consume(Worker& worker, Line& line, std::size_t number) {
    while (worker.keep_going()) {
      const bool last = has_left(line, 1);
      if (const Ref<Parcel> parcel = pop(line.belts[1], number)) {
        worker.did();
      } else if (last) {
        return;
      } else {
        std::this_thread::yield();
      }
    }
  }

  void work_alone(Worker& worker) {
    while (worker.keep_going()) {
      Ref<Parcel> outer = new_parcel(worker, lines_.size(), 0);
      outer->wrapped.store(new_parcel(worker, lines_.size(), 1));
      const Ref<Parcel> inner = outer->wrapped.load();
      outer.reset();
      if (!inner->sound()) violations_.add(inner->describe());
      worker.did();
    }
  }

  [[nodiscard]] Ref<Parcel> new_parcel(Worker& worker,
                                       std::size_t line,
                                       std::uint64_t place) {
    const std::uint64_t id = identity(worker.index(), shares_[worker.index()].made++);
    return must(make<Parcel>(census_, id, line, place));
  }

  // False if the parcel could not be handed on: time is up, or the next stage has left.
  [[nodiscard]] static bool push(
      Worker& worker, Line& line, unsigned next, Belt& belt, Ref<Parcel> parcel) {
    // relaxed: as above
    const SlotId slot = line.slots[next].load(std::memory_order_relaxed);
    // Before the push: afterwards the next stage may have it.
    Parcel* passed = slot != 0 && belt.pushed % 4 < 2
                         ? release_to(std::move(parcel), slot)
                         : parcel.release();
    while (!belt.queue.push(passed)) {
      if (has_left(line, next) || !worker.keep_going()) {
        Ref<Parcel>::adopt(passed).reset();
        return false;
      }
      std::this_thread::yield();
    }
    ++belt.pushed;
    return true;
  }

  // The next parcel, compared with what has to come; null if the queue is empty.
  [[nodiscard]] Ref<Parcel> pop(Belt& belt, std::size_t line) {
    Parcel* popped = nullptr;
    if (!belt.queue.pop(popped)) return {};
    Ref<Parcel> parcel =
        belt.popped % 4 == 2 ? adopt_as_owner(popped) : Ref<Parcel>::adopt(popped);
    accept(belt, line, *parcel);
    return parcel;
  }

  void accept(Belt& belt, std::size_t line, const Parcel& parcel) {
    verify(parcel, line, belt.popped);
    if (const Ref<Parcel> inner = parcel.wrapped.load()) {
      verify(*inner, line, belt.popped);
    }
    ++belt.popped;
  }

  // A parcel may be kept and wait in a queue at the same time, but counts once.
  [[nodiscard]] Census::Living survey() const {
    std::unordered_set<const Parcel*> alive;
    for_each_held([&](const Parcel& parcel) {
      alive.insert(&parcel);
      if (const Ref<Parcel> inner = parcel.wrapped.load()) alive.insert(inner.get());
    });
    Census::Living living;
    for (const Parcel* parcel : alive) living.add(*parcel);
    return living;
  }

  // Every handle on a parcel that is held after all stages have left.
  template <class Use>
  void for_each_held(Use&& use) const {
    for (const std::unique_ptr<Line>& line : lines_) {
      for (Belt& belt : line->belts) {
        belt.queue.consume_all([&](Parcel* parcel) {
          belt.left_over.push_back(Ref<Parcel>::adopt(parcel));
        });
        for (const Ref<Parcel>& parcel : belt.left_over) use(*parcel);
      }
      for (const Ref<Parcel>& parcel : line->kept) {
        if (parcel) use(*parcel);
      }
    }
  }

  void verify(const Parcel& parcel, std::size_t line, std::uint64_t place) {
    if (parcel.sound() && parcel.key() == line && parcel.stamp() == place) return;
    violations_.add(fmt::format("line {} expected parcel {} and got {}", line, place,
                                parcel.describe()));
  }

  Census census_;
  std::vector<std::unique_ptr<Line>> lines_;
  PerWorker<Share> shares_;
  Violations violations_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_hand_off_pipeline() {
  return std::make_unique<HandOffPipeline>();
}

}  // namespace threadmill
