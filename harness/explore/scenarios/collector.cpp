// SPDX-License-Identifier: Apache-2.0
//
// The collector: what others hold, drop, store and make while it looks for trash
// (catalogue groups E and J).
//
// Most scenarios have a ring of two objects of thread 0, numbered 1 and 2. It may end
// with the collection of the scenario or with the one after it, once, and not before its
// last user.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"
#include "runtime/containers/kept.hpp"

namespace threadmill::explore {
namespace {

class OneRing : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] {
      const auto second = make<Node>(2, deaths_[1]);
      first_ = make<Node>(1, deaths_[0]).release();
      first_->next.store(second);
      second->next.store(Ref<Node>::share(first_));
    });
  }
  // Thread 0's reference, the last one from outside of the ring, goes.
  void drop_ring() { decref(*std::exchange(first_, nullptr)); }
  std::uint64_t collect() {
    const CollectResult result = runtime().gc().collect();
    expect(result.completed, "the collection did not complete");
    expect(result.collected == 0 || result.collected == 2, "half of a ring is trash");
    return result.collected;
  }
  void expect_alive() const {
    expect(deaths_[0] == 0 && deaths_[1] == 0, "the ring died under its user");
  }
  // Nobody has a reference from outside.
  void judge() override {
    (void)collect();
    expect(deaths_[0] == 1 && deaths_[1] == 1, "the ring has not died once");
  }

  Node* first_ = nullptr;
  unsigned deaths_[2] = {};
};

// The reference to the ring is in the field of a third object, numbered 3.
class HeldRing : public OneRing {
 public:
  using OneRing::OneRing;

 protected:
  void prepare() override {
    OneRing::prepare();
    as_thread(0, [this] {
      holder_ = make<Node>(3, holder_deaths_).release();
      holder_->next.store(Ref<Node>::adopt(std::exchange(first_, nullptr)));
    });
  }

  Node* holder_ = nullptr;
  unsigned holder_deaths_ = 0;
};

class CollectAgainstDrop final : public OneRing {
 public:
  CollectAgainstDrop() : OneRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      (void)collect();
    else
      drop_ring();
  }
};

class CollectAgainstHolder final : public OneRing {
 public:
  CollectAgainstHolder() : OneRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(collect() == 0, "what a thread holds is trash");
      return;
    }
    const Ref<Object> second = first_->next.load();
    expect(number_of(second) == 2, "the ring is broken");
    safepoint();
    expect(number_of(second) == 2, "the ring died under its user");
  }
  void judge() override {
    expect_alive();
    drop_ring();
    OneRing::judge();
  }
};

// A field outside leads to the ring; one thread loads it while the other clears it and
// collects.
class CollectAgainstField final : public HeldRing {
 public:
  CollectAgainstField() : HeldRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      holder_->next.store(nullptr);
      (void)collect();
      return;
    }
    const Ref<Object> found = holder_->next.load();
    if (!found) return;
    safepoint();
    expect(number_of(static_cast<Node&>(*found).next.load()) == 2,
           "the ring is broken");
    expect_alive();
  }
  void drop() override { decref(*holder_); }
};

class CollectByTwo final : public OneRing {
 public:
  CollectByTwo() : OneRing(2) {}

 private:
  void prepare() override {
    OneRing::prepare();
    as_thread(0, [this] { drop_ring(); });
  }
  void part(unsigned thread) override { collected_[thread] = collect(); }
  void judge() override {
    expect(collected_[0] + collected_[1] == 2, "the ring was not collected once");
    expect(runtime().gc().collections() == 2, "a collection was skipped");
    OneRing::judge();
  }

  std::uint64_t collected_[2] = {};
};

// An object that refers to the ring is queued to its owner, who collects: the count has
// to be settled first.
class CollectAgainstPush final : public HeldRing {
 public:
  CollectAgainstPush() : HeldRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      (void)collect();
    else
      decref(*holder_);
  }
  void judge() override {
    expect(holder_deaths_ == 1, "a queued object has not died once");
    OneRing::judge();
  }
};

// Objects that are being made are seen when they are complete (J8).
class CollectAgainstMake final : public OneRing {
 public:
  CollectAgainstMake() : OneRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(collect() == 0, "what a thread makes is trash");
      return;
    }
    const auto made = make<Node>(3, made_deaths_);
    safepoint();
    expect(made->number == 3, "an object died under its user");
  }
  void judge() override {
    expect(made_deaths_ == 1, "an object has not died once");
    expect_alive();
    drop_ring();
    OneRing::judge();
  }

  unsigned made_deaths_ = 0;
};

// A thread enters during the collection, another one's ring is in its slot.
class CollectAgainstEnter final : public OneRing {
 public:
  CollectAgainstEnter() : OneRing(2) {}

 private:
  void prepare() override {
    OneRing::prepare();
    vacate(0);
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      (void)collect();
      return;
    }
    const Attached here(runtime());
    expect(first_->number == 1, "the ring died under its user");
    drop_ring();
  }
};

// The references that lead into the ring are in a list that is changed meanwhile.
class CollectAgainstPop final : public OneRing {
 public:
  CollectAgainstPop() : OneRing(2) {}

 private:
  void prepare() override {
    OneRing::prepare();
    as_thread(0, [this] {
      list_ = make<List>().release();
      (void)list_->append(Ref<Node>::adopt(std::exchange(first_, nullptr)));
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)collect();
      return;
    }
    const Ref<Object> popped = list_->pop();
    safepoint();
    expect(number_of(popped) == 1, "the ring died under its user");
  }
  void drop() override { decref(*list_); }

  List* list_ = nullptr;
};

// Memory may run out: a collection asks for none.
class CollectWithoutMemory final : public OneRing {
 public:
  CollectWithoutMemory() : OneRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      expect(number_of(first_->next.load()) == 2, "the ring is broken");
      drop_ring();
      return;
    }
    (void)collect();
  }
};

// An object to which trash refers belongs to another thread, which leaves meanwhile.
class CollectForeignTrash final : public RuntimeScenario {
 public:
  CollectForeignTrash() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(1, [this] { leaf_ = make<Leaf>(2, deaths_[1]).release(); });
    as_thread(0, [this] {
      const auto first = make<Node>(1, deaths_[0]);
      const auto list = make<List>();
      (void)list->append(first);
      (void)list->append(Ref<Leaf>::adopt(leaf_));
      first->next.store(list);
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) (void)runtime().gc().collect();
  }
  void judge() override {
    expect(deaths_[0] == 1 && deaths_[1] == 1, "trash has not died once");
  }

  Leaf* leaf_ = nullptr;
  unsigned deaths_[2] = {};
};

// A young collection, while the last reference to a young ring is dropped by a thread that
// does not own it.
class CollectYoungAgainstDrop final : public OneRing {
 public:
  CollectYoungAgainstDrop() : OneRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      drop_ring();
      return;
    }
    const CollectResult result = runtime().gc().collect(0);
    expect(result.completed, "the collection did not complete");
    expect(result.collected == 0 || result.collected == 2, "half of a ring is trash");
  }
};

// The only reference to a young ring is in an old object, which a young collection does not
// look at; another thread takes it out.
class CollectYoungAgainstField final : public OneRing {
 public:
  CollectYoungAgainstField() : OneRing(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { holder_ = make<Node>(3, holder_deaths_).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)collect();
      const auto second = make<Node>(2, deaths_[1]);
      auto first = make<Node>(1, deaths_[0]);
      first->next.store(second);
      second->next.store(first);
      holder_->next.store(std::move(first));
      (void)runtime().gc().collect(0);
      return;
    }
    const Ref<Object> found = holder_->next.exchange(nullptr);
    if (!found) return;
    safepoint();
    expect(number_of(static_cast<Node&>(*found).next.load()) == 2,
           "the ring is broken");
    expect_alive();
  }
  void judge() override {
    holder_->next.store(nullptr);
    OneRing::judge();
  }
  void drop() override { decref(*holder_); }

  Node* holder_ = nullptr;
  unsigned holder_deaths_ = 0;
};

// Passes a safepoint in its constructor, and refers to what it made there.
struct Built : Object {
  explicit Built(unsigned& deaths) { next.store(make<Node>(2, deaths)); }
  static constexpr const char* kTypeName = "built";
  static void traverse(Built& self, const FieldVisitor& visit) { visit(self.next); }
  Field<Object> next;
};

// A pause in the middle of a constructor (J8).
class CollectAgainstConstructor final : public OneRing {
 public:
  CollectAgainstConstructor() : OneRing(2) {}

 private:
  void prepare() override {
    OneRing::prepare();
    as_thread(0, [this] { drop_ring(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)collect();
      return;
    }
    const auto built = make<Built>(built_deaths_);
    expect(number_of(built->next.load()) == 2, "what was just made is gone");
  }

  unsigned built_deaths_ = 0;
};

// A list that the runtime keeps is made when two threads ask for it at once (N8).
class KeptListByTwo final : public RuntimeScenario {
 public:
  KeptListByTwo() : RuntimeScenario(2) {}

 private:
  void part(unsigned thread) override {
    const Ref<List> list = kept_.get();
    expect(cast<List>(list) != nullptr, "the list is no list yet");
    got_[thread] = list.get();
  }
  void judge() override { expect(got_[0] == got_[1], "two threads got two lists"); }
  void drop() override { decref(*kept_.peek()); }

  Kept<List> kept_;
  const List* got_[2] = {};
};

// One thread looks at all objects as the last reference to one of them goes (J1).
class LookAgainstDrop final : public RuntimeScenario {
 public:
  LookAgainstDrop() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { node_ = make<Node>(1, deaths_).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      safepoint();
      decref(*node_);
      return;
    }
    const auto found = runtime().gc().objects();
    for (std::size_t i = 0; i < found->size(); ++i)
      expect(number_of(found->get(i)) == 1, "a dead object is shown");
  }
  void judge() override {
    safepoint();
    expect(deaths_ == 1, "the object has not died once");
  }

  Node* node_ = nullptr;
  unsigned deaths_ = 0;
};

// Objects that a thread looks at are trash, or are being made, or end.
class LookAgainstCollect final : public OneRing {
 public:
  LookAgainstCollect() : OneRing(2) {}

 private:
  void prepare() override {
    OneRing::prepare();
    as_thread(0, [this] { drop_ring(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)collect();
      return;
    }
    const auto found = runtime().gc().objects();
    expect(found != nullptr, "there was memory");
    expect(found->size() == 0 || found->size() == 2, "half of the trash is shown");
  }
};

}  // namespace

void add_collector_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<CollectAgainstDrop>(
      "collect-against-drop", "a thread drops the last reference to a ring", 6));
  list.push_back(scenario<CollectAgainstHolder>(
      "collect-against-holder", "a thread has a reference to a ring", 110));
  list.push_back(scenario<CollectAgainstField>(
      "collect-against-field", "a thread finds a ring in a field that is cleared",
      140));
  list.push_back(scenario<CollectByTwo>(
      "collect-by-two", "two collections at once: the ring is collected once", 288));
  list.push_back(scenario<CollectAgainstPush>(
      "collect-against-push", "an object that refers to a ring is queued meanwhile",
      6));
  list.push_back(scenario<CollectAgainstMake>(
      "collect-against-make", "a thread makes an object meanwhile", 2'268));
  list.push_back(scenario<CollectAgainstEnter>(
      "collect-against-enter", "a thread takes the slot that owns a ring, and drops it",
      29));
  list.push_back(scenario<CollectAgainstPop>(
      "collect-against-pop", "a thread takes a ring out of a list", 2'918));
  list.push_back(scenario<CollectWithoutMemory>(
      "collect-without-memory", "a collection completes though memory fails", 12,
      {.failed_memory = 1}));
  list.push_back(scenario<CollectForeignTrash>(
      "collect-foreign-trash", "trash refers to an object of another thread", 35));
  list.push_back(scenario<CollectYoungAgainstDrop>(
      "collect-young-against-drop", "a young ring is dropped by who does not own it",
      6));
  list.push_back(scenario<CollectYoungAgainstField>(
      "collect-young-against-field", "a young ring is taken out of an old object"));
  list.push_back(scenario<CollectAgainstConstructor>(
      "collect-against-constructor", "a thread constructs an object in two steps",
      kTooMany));
  list.push_back(scenario<KeptListByTwo>(
      "kept-list-by-two", "two threads ask for a list that is kept, and get one",
      79'940));
  list.push_back(scenario<LookAgainstDrop>(
      "look-against-drop", "a thread looks at all objects as one ends", kTooMany));
  list.push_back(scenario<LookAgainstCollect>(
      "look-against-collect", "a thread looks at all objects during a collection"));
}

}  // namespace threadmill::explore
