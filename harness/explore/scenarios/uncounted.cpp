// SPDX-License-Identifier: Apache-2.0
//
// Objects whose references are not counted one by one in their header: stack references to
// deferred objects, and distributed counts (catalogue A10, A11, E3).
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {
namespace {

// A deferred object, numbered 1, in the field of another one, both thread 0's.
class OneDeferred : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] {
      holder_ = make<Node>(9, holder_deaths_).release();
      const auto object = make<Node>(1, deaths_);
      expect(defer_counts(*object), "an object is not deferred");
      holder_->next.store(object);
    });
  }
  std::uint64_t collect() {
    const CollectResult result = runtime().gc().collect();
    expect(result.completed, "the collection did not complete");
    return result.collected;
  }
  void clear() { holder_->next.store(nullptr); }
  // What a stack refers to is alive.
  void use(const Deferred<Object>& found) const {
    if (!found) return;
    expect(static_cast<const Node&>(*found).number == 1, "another object was found");
    expect(deaths_ == 0, "an object died under a stack reference");
  }
  void judge() override {
    clear();
    (void)collect();
    expect(deaths_ == 1, "the object has not died once");
  }
  void drop() override { decref(*holder_); }

  Node* holder_ = nullptr;
  unsigned holder_deaths_ = 0;
  unsigned deaths_ = 0;
};

// One thread clears the field and collects, the other has read the field, and stops or
// detaches with what it found (E3).
template <bool kDetaches>
class CollectAgainstStack final : public OneDeferred {
 public:
  CollectAgainstStack() : OneDeferred(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      clear();
      (void)collect();
      return;
    }
    const Deferred<Object> found(holder_->next);
    if constexpr (kDetaches)
      const Detached for_a_moment;
    else
      safepoint();
    use(found);
  }
};

// What one thread found on its stack goes into the field again, counted (E3b).
class StackToField final : public OneDeferred {
 public:
  StackToField() : OneDeferred(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      clear();
      (void)collect();
      return;
    }
    const Deferred<Object> found(holder_->next);
    safepoint();
    if (found) holder_->next.store(found.ref());
  }
  void judge() override {
    if (const Deferred<Object> kept{holder_->next}) use(kept);
    OneDeferred::judge();
  }
};

// It becomes deferred while the owner drops its last counted reference.
class DeferAgainstDrop final : public RuntimeScenario {
 public:
  DeferAgainstDrop() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      object_ = make<Node>(1, deaths_).release();
      incref(*object_);
    });
  }
  void part(unsigned thread) override {
    const Deferred<Node> found(object_);
    if (thread == 1) made_ = defer_counts(*object_);
    decref(*object_);
    safepoint();
    if (is_deferred(*found)) expect(found->number == 1, "a deferred object is dead");
  }
  void judge() override {
    expect(made_ && deaths_ == 0, "a deferred object died without a collection");
    (void)runtime().gc().collect();
    expect(deaths_ == 1, "the object has not died once");
  }

  Node* object_ = nullptr;
  bool made_ = false;
  unsigned deaths_ = 0;
};

// Two threads make it deferred: one does.
class DeferByTwo final : public RuntimeScenario {
 public:
  DeferByTwo() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      object_ = make<Node>(1, deaths_).release();
      incref(*object_);
    });
  }
  void part(unsigned thread) override {
    made_[thread] = defer_counts(*object_);
    decref(*object_);
  }
  void judge() override {
    expect(made_[0] != made_[1], "not one thread has deferred the object");
    expect(refcount(*object_) == 0 && deaths_ == 0, "a count is wrong");
    (void)runtime().gc().collect();
    expect(deaths_ == 1, "the object has not died once");
  }

  Node* object_ = nullptr;
  bool made_[2] = {};
  unsigned deaths_ = 0;
};

// The block of an object that is not deferred becomes a deferred one under a reader (D2).
class StackAgainstReuse final : public RuntimeScenario {
 public:
  StackAgainstReuse() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      holder_ = make<Node>(9, other_deaths_).release();
      holder_->next.store(make<Node>(1, deaths_[0]));
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      holder_->next.store(nullptr);
      second_ = make<Node>(2, deaths_[1]).release();
      (void)defer_counts(*second_);
      return;
    }
    const Deferred<Object> found(holder_->next);
    if (found)
      expect(static_cast<const Node&>(*found).number == 1,
             "a field has what was never stored in it");
  }
  void judge() override {
    decref(*second_);
    expect(deaths_[0] == 1 && deaths_[1] == 0, "not what was replaced has died");
  }
  void drop() override { decref(*holder_); }

  Node* holder_ = nullptr;
  Node* second_ = nullptr;
  unsigned other_deaths_ = 0;
  unsigned deaths_[2] = {};
};

// One object, to which each thread has a reference, merged.
class OneHot : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] { object_ = make<Node>(1, deaths_).release(); });
    as_thread(1, [this] {
      for (unsigned i = 0; i < threads(); ++i) incref(*object_);
    });
    as_thread(0, [this] { decref(*object_); });
  }
  void count() {
    incref(*object_);
    decref(*object_);
  }
  void use(const Ref<Object>& found) const {
    if (!found) return;
    expect(number_of(found) == 1 && deaths_ == 0, "a dead object was found");
  }
  // Nobody has a reference any more, but no decrement ends a distributed object.
  void judge() override {
    expect(deaths_ == 1 || is_distributed(*object_), "the object is left over");
    (void)runtime().gc().collect();
    expect(deaths_ == 1, "the object has not died once");
  }

  Node* object_ = nullptr;
  unsigned deaths_ = 0;
};

// It is distributed while the other thread counts and drops (X1).
class DistributeAgainstDrop final : public OneHot {
 public:
  DistributeAgainstDrop() : OneHot(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      expect(try_distribute(*object_), "a merged object was not distributed");
    else
      count();
    decref(*object_);
  }
};

class DistributeByTwo final : public OneHot {
 public:
  DistributeByTwo() : OneHot(2) {}

 private:
  void part(unsigned thread) override {
    made_[thread] = try_distribute(*object_);
    decref(*object_);
  }
  void judge() override {
    expect(!made_[0] || !made_[1], "an object was distributed twice");
    OneHot::judge();
  }
  bool made_[2] = {};
};

// The owner distributes while the other thread drops a reference that it counts: it is
// queued or distributed first.
class DistributeAgainstQueuer final : public OneHot {
 public:
  DistributeAgainstQueuer() : OneHot(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      object_ = make<Node>(1, deaths_).release();
      incref(*object_);
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)try_distribute(*object_);
      count();
    }
    decref(*object_);
  }
};

class DistributeAgainstRebias final : public OneHot {
 public:
  DistributeAgainstRebias() : OneHot(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      (void)try_distribute(*object_);
    else
      (void)try_rebias(*object_);
    decref(*object_);
  }
};

class DistributeAgainstImmortality final : public OneHot {
 public:
  DistributeAgainstImmortality() : OneHot(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)try_distribute(*object_);
      decref(*object_);
    } else {
      make_immortal(*object_);
      count();
    }
  }
  void judge() override {
    (void)runtime().gc().collect();
    expect(deaths_ == 0 && is_immortal(*object_), "immortality was undone");
    expect_immortals();
  }
};

// A weak reference gives it, whatever counts it (try_incref always succeeds).
class DistributeAgainstWeakGet final : public OneHot {
 public:
  DistributeAgainstWeakGet() : OneHot(2) {}

 private:
  void prepare() override {
    OneHot::prepare();
    as_thread(0, [this] {
      decref(*object_);
      weak_ = WeakReference::create(*object_).release();
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)try_distribute(*object_);
      decref(*object_);
    } else {
      const Ref<Object> found = weak_->get();
      use(found);
    }
  }
  void judge() override {
    OneHot::judge();
    expect(weak_->is_dead(), "a weak reference to it lives");
  }
  void drop() override { decref(*weak_); }

  WeakReference* weak_ = nullptr;
};

// The other thread takes a reference, shows it and leaves: what its slot has counted
// counts on, although nobody holds the slot (A11). Then the first drops both that it has.
class CollectAgainstLeaver final : public OneHot {
 public:
  CollectAgainstLeaver() : OneHot(2) {}

 private:
  void prepare() override {
    OneHot::prepare();
    as_thread(0, [this] {
      expect(try_distribute(*object_), "a merged object was not distributed");
    });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      incref(*object_);
      is_taken_.store(true, release);  // with acquire below
    } else if (is_taken_.load(acquire)) {
      drop_both();
      (void)runtime().gc().collect();
    }
  }
  void judge() override {
    expect(deaths_ == 0 && object_->number == 1, "an object died under a reference");
    if (!is_dropped_) drop_both();
    expect(refcount(*object_) == 1, "a count is wrong");
    decref(*object_);
    OneHot::judge();
  }
  void drop_both() {
    is_dropped_ = true;
    decref(*object_);
    decref(*object_);
  }

  Atomic<bool> is_taken_;
  bool is_dropped_ = false;
};

// In a pause it becomes one that is counted in one place, and then ends like any.
class GatherAgainstDrop final : public OneHot {
 public:
  GatherAgainstDrop() : OneHot(2) {}

 private:
  void prepare() override {
    OneHot::prepare();
    as_thread(0, [this] {
      expect(try_distribute(*object_), "a merged object was not distributed");
    });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      expect(gather(*object_), "a distributed object was not gathered");
    else
      count();
    decref(*object_);
  }
  void judge() override {
    expect(deaths_ == 1, "a gathered object has not died with its last reference");
  }
};

}  // namespace

void add_uncounted_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<CollectAgainstStack<false>>(
      "collect-against-stack",
      "what a thread has on its stack without counting it is not trash", 4'442));
  list.push_back(scenario<CollectAgainstStack<true>>(
      "collect-against-detached-stack",
      "nor is what a thread has on its stack that is detached", 6'654));
  list.push_back(scenario<StackToField>(
      "stack-to-field", "what leaves the stack into a field is counted there", 4'460));
  list.push_back(scenario<DeferAgainstDrop>(
      "defer-against-drop", "an object is deferred while its owner drops it", 56));
  list.push_back(scenario<DeferByTwo>(
      "defer-by-two", "of two threads one makes an object deferred", 133));
  list.push_back(scenario<StackAgainstReuse>(
      "stack-against-reuse",
      "the block of an object becomes a deferred one under a reader", 71));
  list.push_back(scenario<DistributeAgainstDrop>(
      "distribute-against-drop",
      "an object is distributed while another thread counts it", 46));
  list.push_back(scenario<DistributeByTwo>("distribute-by-two",
                                           "two threads distribute one object", 98));
  list.push_back(scenario<DistributeAgainstQueuer>(
      "distribute-against-queuer",
      "the owner distributes an object while another thread queues it", 123));
  list.push_back(scenario<DistributeAgainstRebias>(
      "distribute-against-rebias",
      "an object without owner is distributed while it gets an owner", 62));
  list.push_back(scenario<DistributeAgainstImmortality>(
      "distribute-against-immortality",
      "an object is distributed while it becomes immortal", 17));
  list.push_back(scenario<DistributeAgainstWeakGet>(
      "distribute-against-weak-get",
      "a weak reference gives an object that is distributed and dropped", 17));
  list.push_back(scenario<CollectAgainstLeaver>(
      "collect-against-leaver",
      "what a thread has counted by itself counts when it has left", 7));
  list.push_back(scenario<GatherAgainstDrop>(
      "gather-against-drop",
      "a distributed object is gathered while another thread drops it", 5));
}

}  // namespace threadmill::explore
