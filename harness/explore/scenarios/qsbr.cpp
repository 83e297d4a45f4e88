// SPDX-License-Identifier: Apache-2.0
//
// Retired memory: it is freed after the last reader that could have found it (catalogue
// group F; thread/qsbr.hpp, memory/retire.hpp). The engine sees a use of freed memory,
// and a free that is not ordered after a read.
#include <new>

#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/memory/retire.hpp"

namespace threadmill::explore {
namespace {

// Long enough to close a batch by itself, so that the epoch advances.
struct Block {
  static constexpr std::size_t kBytes = RetireList::kBatchBytes;

  explicit Block(int its_number) : number(its_number) {}

  // Never null: the director's memory does not run out.
  static Block* create(int number) {
    return new (buffer_allocate(kBytes)) Block(number);
  }
  static void retire(Block* block) {
    if (block != nullptr) threadmill::retire(*current(), block, kBytes);
  }

  Plain<int> number;
};

class Retiring : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    // relaxed: alone
    for (int i = 0; i < 2; ++i) places_[i].store(Block::create(i + 1), relaxed);
  }
  void read(int place) {
    const Block* block = places_[place].load(acquire);  // with release in unlink()
    if (block != nullptr) expect(block->number == place + 1, "wrong memory");
  }
  // Takes it away and retires it.
  void unlink(int place) {
    Block::retire(places_[place].exchange(nullptr, acq_rel));  // with acquire in read()
  }
  void drop() override {
    unlink(0);
    unlink(1);
  }

 private:
  Atomic<Block*> places_[2];
};

// The reader passes a safepoint, or leaves, when it has read.
class RetireAgainstReader final : public Retiring {
 public:
  RetireAgainstReader() : Retiring(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
      safepoint();
    } else {
      read(0);
      safepoint();
      read(0);
    }
  }
};

// The reader is detached while the memory is unlinked, or comes back to find nothing.
class RetireAgainstDetached final : public Retiring {
 public:
  RetireAgainstDetached() : Retiring(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
      safepoint();
    } else {
      read(0);
      { const Detached blocking; }
      read(0);
    }
  }
};

// The reader enters while the memory is unlinked (F5, N7): by a new slot, which the
// retiring thread may not have found yet.
class RetireAgainstNewSlot : public Retiring {
 public:
  RetireAgainstNewSlot() : RetireAgainstNewSlot(1) {}

 protected:
  explicit RetireAgainstNewSlot(unsigned attached) : Retiring(2, attached) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
      safepoint();
    } else {
      const Attached here(runtime());
      read(0);
    }
  }
};

// The same by a slot that is there, and vacant.
class RetireAgainstEntering final : public RetireAgainstNewSlot {
 public:
  RetireAgainstEntering() : RetireAgainstNewSlot(2) {}

 private:
  void prepare() override {
    RetireAgainstNewSlot::prepare();
    vacate(1);
  }
};

// No memory to remember it: a pause serves as the grace period.
class RetireWithoutMemory final : public Retiring {
 public:
  RetireWithoutMemory() : Retiring(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
    } else {
      read(0);
      safepoint();
      read(0);
    }
  }
};

// Each reads what the other retires.
class RetireByTwo final : public Retiring {
 public:
  RetireByTwo() : Retiring(2) {}

 private:
  void part(unsigned thread) override {
    const int own = static_cast<int>(thread);
    read(1 - own);
    unlink(own);
    safepoint();
  }
};

// Who retired leaves before the reader is done: the next holder of the slot frees.
class RetireLeftBehind final : public Retiring {
 public:
  RetireLeftBehind() : Retiring(3, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
    } else if (thread == 1) {
      read(0);
    } else {
      const Attached here(runtime());
      safepoint();
    }
  }
};

// Two batches, two epochs: the older one goes first.
class RetireTwice final : public Retiring {
 public:
  RetireTwice() : Retiring(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
      unlink(1);
      safepoint();
    } else {
      read(1);
      safepoint();
      read(1);
    }
  }
};

// A long buffer is freed at the next safepoint, although a slot was left with an old epoch
// (F9, F10).
class RetireWhileAway final : public Retiring {
 public:
  RetireWhileAway() : Retiring(2) {}

 private:
  void prepare() override {
    Retiring::prepare();
    vacate(1);
  }
  void part(unsigned thread) override {
    if (thread != 0) return;
    unlink(0);
    safepoint();
    expect(current()->retired->bytes() == 0, "memory waits for nobody");
  }
};

// Two buffers in one batch: the reader passes a quiescent point between the two (F6).
class RetireInOneBatch final : public Retiring {
 public:
  RetireInOneBatch() : Retiring(2) {}

 private:
  static constexpr std::size_t kFewBytes = 64;

  void part(unsigned thread) override {
    if (thread == 0) {
      retire(*current(), buffer_allocate(kFewBytes), kFewBytes);  // opens the batch
      unlink(0);                                                  // closes it
      safepoint();
    } else {
      safepoint();
      read(0);
      safepoint();
    }
  }
};

// More bytes than a slot may hold: whoever retired them stops the world at its next
// safepoint, unless the reader has left (memory/retire_budget.hpp, B1).
class RetireOverBudget final : public Retiring {
 public:
  RetireOverBudget() : Retiring(2) {}

 private:
  RetireLimits retire_limits() const override { return {.per_slot = 1}; }
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
      safepoint();
      expect(slot_of(0).retired->bytes() == 0, "retired memory is over its budget");
    } else {
      read(0);
      safepoint();
      read(0);
    }
  }
};

// The epoch advances once, and still the holder frees when the reader has left.
class RetireLooksAgain final : public Retiring {
 public:
  RetireLooksAgain() : Retiring(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
      safepoint();
      const bool has_left =
          slot_of(1).seen_epoch.load(acquire) ==  // with release there
          slot_of(0).world.epoch.load(acquire);
      safepoint();
      expect(!has_left || slot_of(0).retired->bytes() == 0,
             "retired memory waits for no reader");
    } else {
      read(0);
      safepoint();
    }
  }
};

// A pause frees everything: the reader has stopped.
class RetireThenCollect final : public Retiring {
 public:
  RetireThenCollect() : Retiring(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      unlink(0);
      expect(runtime().gc().collect().completed, "the collection did not complete");
    } else {
      read(0);
      safepoint();
      read(0);
    }
  }
};

}  // namespace

void add_qsbr_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<RetireAgainstReader>("retire-against-reader",
                                               "memory is retired under a reader", 19));
  list.push_back(scenario<RetireAgainstDetached>(
      "retire-against-detached", "a thread that is detached holds no memory back", 53));
  list.push_back(scenario<RetireAgainstEntering>(
      "retire-against-entering", "a reader enters while memory is unlinked and freed",
      23));
  list.push_back(scenario<RetireAgainstNewSlot>(
      "retire-against-new-slot", "the same, and the reader's slot is added meanwhile",
      37));
  list.push_back(scenario<RetireWithoutMemory>(
      "retire-without-memory", "no memory to remember it: a pause instead", 237,
      {.failed_memory = 1}));
  list.push_back(scenario<RetireByTwo>(
      "retire-by-two", "each of two threads reads what the other retires", 1698));
  list.push_back(scenario<RetireLeftBehind>(
      "retire-left-behind", "what a thread leaves behind is freed by the next holder",
      142));
  list.push_back(scenario<RetireTwice>(
      "retire-twice", "two batches, of which a reader may hold the second", 45));
  list.push_back(scenario<RetireWhileAway>(
      "retire-while-away", "what is long is freed at once if its readers are away", 1));
  list.push_back(scenario<RetireInOneBatch>(
      "retire-in-one-batch", "what joins a batch waits for its own readers", 21));
  list.push_back(scenario<RetireOverBudget>(
      "retire-over-budget", "memory over its budget is freed, its readers are asked",
      448));
  list.push_back(scenario<RetireLooksAgain>(
      "retire-looks-again", "memory is freed without another advance of the epoch",
      24));
  list.push_back(scenario<RetireThenCollect>(
      "retire-then-collect", "a pause frees what is retired, its readers have stopped",
      446));
}

}  // namespace threadmill::explore
