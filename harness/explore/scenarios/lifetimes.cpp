// SPDX-License-Identifier: Apache-2.0
//
// Weak references against the death of their target and their own, finalizers and
// resurrection, by counts and by the collector (catalogue A3 to A6, group D, J5 to J7).
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {
namespace {

// Thread 0 has the only reference to an object, numbered 1, and both threads know a weak
// reference to it.
class OneTarget : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] {
      auto target = make<Leaf>(1, deaths_);
      weak_ = WeakReference::create(*target).release();
      target_ = target.release();
    });
  }
  void let_die() { decref(*std::exchange(target_, nullptr)); }
  // What a weak reference gives is alive and stays so.
  void use(const Ref<Object>& found) const {
    if (!found) return;
    expect(number_of(found) == 1, "a weak reference gave another object");
    expect(deaths_ == 0, "a weak reference gave a dead object");
  }
  void judge() override {
    if (target_ != nullptr) let_die();
    expect(deaths_ == 1, "the target has not died once");
    if (weak_ != nullptr) expect(weak_->is_dead(), "the target's weak reference lives");
  }
  void drop() override {
    if (weak_ != nullptr) decref(*weak_);
  }

  Leaf* target_ = nullptr;
  WeakReference* weak_ = nullptr;
  unsigned deaths_ = 0;
};

// A WeakValueDict knows thread 0's target under the key 1; thread 1 has another object,
// numbered 2.
class OneCache : public OneTarget {
 public:
  OneCache() : OneTarget(2) {}

 protected:
  void prepare() override {
    OneTarget::prepare();
    for (unsigned thread = 0; thread < 2; ++thread)
      as_thread(thread, [this, thread] { keys_[thread] = Int::create(1).release(); });
    as_thread(1, [this] {
      cache_ = WeakValueDict::create();
      newer_ = make<Leaf>(2, newer_deaths_).release();
      // Its heap has pages of each size.
      WeakValueDict other = WeakValueDict::create();
      expect(other.set(key(1), Ref<Leaf>::share(newer_)), "out of memory");
    });
    as_thread(0, [this] {
      expect(cache_.set(key(0), Ref<Leaf>::share(target_)), "out of memory");
    });
  }
  Ref<Object> key(unsigned thread) { return Ref<Int>::share(keys_[thread]); }
  void set_newer(unsigned thread) {
    expect(cache_.set(key(thread), Ref<Leaf>::share(newer_)), "out of memory");
  }
  // 0: nothing.
  int look(unsigned thread) {
    const Ref<Object> found = cache_.get(key(thread));
    const int number = number_of(found);
    expect(number != 1 || deaths_ == 0, "the cache gave a dead object");
    return number;
  }
  void judge_newer() {
    OneTarget::judge();
    expect(look(0) == 2 && cache_.size() == 1, "a death took a newer item with it");
  }
  void drop() override {
    cache_ = WeakValueDict();
    for (Int* key : keys_) decref(*key);
    decref(*newer_);
    OneTarget::drop();
  }

  WeakValueDict cache_;
  Leaf* newer_ = nullptr;

 private:
  Int* keys_[2] = {};
  unsigned newer_deaths_ = 0;
};

class CacheGetAgainstDeath final : public OneCache {
 private:
  void part(unsigned thread) override {
    if (thread == 0)
      let_die();
    else
      (void)look(1);
  }
  void judge() override {
    OneTarget::judge();
    expect(look(0) == 0 && cache_.size() == 0, "the item of a dead object stayed");
  }
};

// The callback of the old item removes the old item alone (D3).
class CacheSetAgainstDeath final : public OneCache {
 private:
  void part(unsigned thread) override {
    if (thread == 0)
      let_die();
    else
      set_newer(1);
  }
  void judge() override { judge_newer(); }
};

// Who looks finds one or the other: a living object stands there all the time.
class CacheGetAgainstReplace final : public OneCache {
 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      expect(look(1) != 0, "nothing was found where something always stood");
      return;
    }
    set_newer(0);
    let_die();
  }
  void judge() override { judge_newer(); }
};

// One thread lets the target of `Base` die, the others follow the weak reference.
template <class Base, unsigned kThreads = 2>
class AgainstWeakGet : public Base {
 public:
  AgainstWeakGet() : Base(kThreads) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      this->let_die();
    else
      this->use(this->weak_->get());
  }
};

// The target stays alive: every answer is the object.
class WeakGetOfLiving final : public OneTarget {
 public:
  WeakGetOfLiving() : OneTarget(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) expect(number_of(weak_->get()) == 1, "a living target is denied");
  }
};

// The block of the target becomes another object under the reader (D2).
class WeakGetAgainstReuse final : public OneTarget {
 public:
  WeakGetAgainstReuse() : OneTarget(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      use(weak_->get());
      return;
    }
    let_die();
    other_ = make<Leaf>(2, other_deaths_).release();
    set_maybe_weak(*other_);
  }
  void drop() override {
    OneTarget::drop();
    decref(*other_);
  }

  Leaf* other_ = nullptr;
  unsigned other_deaths_ = 0;
};

// The weak reference dies as its target does: one of the two takes it from the list (D5,
// D7).
template <class Base>
class AgainstWeakDrop : public Base {
 public:
  AgainstWeakDrop() : Base(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      this->let_die();
    else
      decref(*std::exchange(this->weak_, nullptr));
  }
};

// Both ask for a weak reference to one object, and get the same.
class WeakMakeByTwo final : public RuntimeScenario {
 public:
  WeakMakeByTwo() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { target_ = make<Leaf>(1, deaths_).release(); });
    as_thread(1, [this] { incref(*target_); });
  }
  void part(unsigned thread) override {
    made_[thread] = WeakReference::create(*target_).release();
    decref(*target_);
  }
  void judge() override {
    safepoint();
    expect(made_[0] == made_[1], "one object has two weak references without callback");
    expect(made_[0]->is_dead() && deaths_ == 1, "the target has not died");
  }
  void drop() override {
    for (WeakReference* weak : made_) decref(*weak);
  }

  Leaf* target_ = nullptr;
  WeakReference* made_[2] = {};
  unsigned deaths_ = 0;
};

// A weak reference is made while a collection clears those of the same page (D12).
class WeakMakeAgainstCollect final : public RuntimeScenario {
 public:
  WeakMakeAgainstCollect() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] {
      auto ring = make<Node>(1, deaths_);
      ring->next.store(ring);
      trash_weak_ = WeakReference::create(*ring).release();
      target_ = make<Node>(2, deaths_).release();
    });
    as_thread(1, [this] { incref(*target_); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      (void)runtime().gc().collect();
    else
      made_ = WeakReference::create(*target_).release();
    decref(*target_);
  }
  void judge() override {
    safepoint();
    expect(trash_weak_->is_dead(), "the weak reference to trash lives");
    expect(made_->is_dead(), "the target has not died");
  }
  void drop() override {
    decref(*trash_weak_);
    decref(*made_);
  }

  Node* target_ = nullptr;
  WeakReference* trash_weak_ = nullptr;
  WeakReference* made_ = nullptr;
  unsigned deaths_ = 0;
};

// Counts how often it is called.
struct Bell : Object {
  explicit Bell(unsigned& its_rings) : rings(&its_rings) {}
  static constexpr const char* kTypeName = "bell";
  static void call(Bell& self, Object& argument) {
    expect(static_cast<WeakReference&>(argument).is_dead(),
           "a callback is called for a living object");
    ++*self.rings;
  }
  unsigned* rings;
};

class WithCallback : public OneTarget {
 public:
  using OneTarget::OneTarget;

 protected:
  void prepare() override {
    as_thread(0, [this] {
      auto target = make<Leaf>(1, deaths_);
      weak_ = WeakReference::create(*target, make<Bell>(rings_)).release();
      target_ = target.release();
    });
  }

  unsigned rings_ = 0;
};

class WeakCallbackAgainstGet final : public AgainstWeakGet<WithCallback> {
  void judge() override {
    OneTarget::judge();
    expect(rings_ == 1, "the callback was not called once");
  }
};

// Whether the weak reference dies first decides whether it is called back.
class WeakCallbackAgainstDrop final : public AgainstWeakDrop<WithCallback> {
  void judge() override {
    OneTarget::judge();
    expect(rings_ <= 1, "a callback was called twice");
  }
};

// The weak reference belongs to the thread that drops it, which ends it at once (D10).
class WeakCallbackAgainstOwnDrop final : public AgainstWeakDrop<WithCallback> {
  void prepare() override {
    as_thread(0, [this] { target_ = make<Leaf>(1, deaths_).release(); });
    as_thread(1, [this] {
      weak_ = WeakReference::create(*target_, make<Bell>(rings_)).release();
    });
  }
  void judge() override {
    OneTarget::judge();
    expect(rings_ <= 1, "a callback was called twice");
  }
};

// Stores itself in a field as it is finalized, and counts that.
struct Phoenix : Object {
  Phoenix(int its_number, unsigned& its_deaths, unsigned& its_finalizations)
      : number(its_number), deaths(&its_deaths), finalizations(&its_finalizations) {}
  ~Phoenix() {
    static_cast<void>(static_cast<int>(number));  // the last use
    ++*deaths;
  }
  static constexpr const char* kTypeName = "phoenix";
  static void traverse(Phoenix& self, const FieldVisitor& visit) {
    visit(self.next);
    visit(self.nest);
  }
  static void finalize(Phoenix& self) {
    ++*self.finalizations;
    if (self.cleared != nullptr)
      expect(self.cleared->get() == nullptr,
             "a finalizer sees trash by a weak reference");
    if (const Ref<Object> nest = self.nest.load())
      static_cast<Node&>(*nest).next.store(Ref<Phoenix>::share(&self));
  }
  Plain<int> number;
  unsigned* deaths;
  unsigned* finalizations;
  Field<Object> next;
  Field<Object> nest;  // a Node
  const WeakReference* cleared = nullptr;
};

// Thread 0 has the only reference to a phoenix, and both know its nest.
class OnePhoenix : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] {
      auto nest = make<Node>(2, nest_deaths_);
      auto phoenix = make<Phoenix>(1, deaths_, finalizations_);
      phoenix->nest.store(nest);
      weak_ = WeakReference::create(*phoenix).release();
      nest_ = nest.release();
      phoenix_ = phoenix.release();
    });
  }
  void let_die() { decref(*std::exchange(phoenix_, nullptr)); }
  void use(const Ref<Object>& found) const {
    if (!found) return;
    expect(static_cast<const Phoenix&>(*found).number == 1, "another object was found");
    expect(deaths_ == 0, "a dead object was found");
  }
  void judge() override {
    nest_->next.store(nullptr);
    safepoint();
    expect(finalizations_ == 1, "the finalizer has not run once");
    expect(deaths_ == 1, "the phoenix has not died once");
    expect(weak_->is_dead(), "the weak reference to the phoenix lives");
  }
  void drop() override {
    decref(*weak_);
    decref(*nest_);
  }

  Node* nest_ = nullptr;
  Phoenix* phoenix_ = nullptr;
  WeakReference* weak_ = nullptr;
  unsigned nest_deaths_ = 0;
  unsigned deaths_ = 0;
  unsigned finalizations_ = 0;
};

// The other thread takes what the finalizer shows, and drops it (A3, A5).
class ResurrectAgainstTake final : public OnePhoenix {
 public:
  ResurrectAgainstTake() : OnePhoenix(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      let_die();
    else
      use(nest_->next.exchange(nullptr));
  }
};

class ResurrectAgainstLoad final : public OnePhoenix {
 public:
  ResurrectAgainstLoad() : OnePhoenix(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      let_die();
    else
      use(nest_->next.load());
  }
};

// A finalizer that leaves the object alone runs while a weak reference gives it.
class FinalizeAgainstWeakGet final : public AgainstWeakGet<OnePhoenix> {
  void prepare() override {
    OnePhoenix::prepare();
    as_thread(0, [this] { phoenix_->nest.store(nullptr); });
  }
};

// A cache knows the phoenix, too. Who takes it out of the cache has it, or it is still there.
class CachePopAgainstResurrection final : public OnePhoenix {
 public:
  CachePopAgainstResurrection() : OnePhoenix(2) {}

 private:
  void prepare() override {
    OnePhoenix::prepare();
    as_thread(1, [this] {
      cache_ = WeakValueDict::create();
      key_ = Int::create(1).release();
    });
    as_thread(0, [this] {
      expect(cache_.set(key(), Ref<Phoenix>::share(phoenix_)), "out of memory");
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      let_die();
    } else {
      const Ref<Object> popped = cache_.pop(key());
      use(popped);
      was_popped_ = popped != nullptr;
    }
  }
  void judge() override {
    safepoint();
    expect((cache_.get(key()) != nullptr) != was_popped_,
           "an item is gone that nobody has taken");
    OnePhoenix::judge();
    expect(cache_.size() == 0, "the item of a dead object stayed");
  }
  void drop() override {
    cache_ = WeakValueDict();
    decref(*key_);
    OnePhoenix::drop();
  }

  Ref<Object> key() { return Ref<Int>::share(key_); }

  WeakValueDict cache_;
  Int* key_ = nullptr;
  bool was_popped_ = false;
};

// A ring of two phoenixes that only a weak reference knows.
class PhoenixRing : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] {
      auto nest = make<Node>(3, nest_deaths_);
      auto first = make<Phoenix>(1, deaths_[0], finalizations_[0]);
      auto second = make<Phoenix>(2, deaths_[1], finalizations_[1]);
      first->next.store(second);
      second->next.store(first);
      first->nest.store(nest);
      weak_ = WeakReference::create(*first).release();
      second->cleared = weak_;
      nest_ = nest.release();
    });
  }
  std::uint64_t collect() {
    const CollectResult result = runtime().gc().collect();
    expect(result.completed, "the collection did not complete");
    expect(result.collected == 0 || result.collected == 2, "half of a ring is trash");
    return result.collected;
  }
  void use(const Ref<Object>& found) const {
    if (!found) return;
    const Ref<Object> next = static_cast<const Phoenix&>(*found).next.load();
    expect(next != nullptr, "a ring was cleared under its user");
    expect(static_cast<const Phoenix&>(*next).number == 2, "the ring is broken");
    expect(deaths_[0] == 0 && deaths_[1] == 0, "the ring died under its user");
  }
  void judge() override {
    nest_->next.store(nullptr);
    (void)collect();
    nest_->next.store(nullptr);
    (void)collect();
    for (int i = 0; i < 2; ++i) {
      expect(finalizations_[i] == 1, "a finalizer has not run once");
      expect(deaths_[i] == 1, "half of the ring has not died once");
    }
    expect(weak_->is_dead(), "the weak reference to the ring lives");
  }
  void drop() override {
    decref(*weak_);
    decref(*nest_);
  }

  Node* nest_ = nullptr;
  WeakReference* weak_ = nullptr;
  unsigned nest_deaths_ = 0;
  unsigned deaths_[2] = {};
  unsigned finalizations_[2] = {};
};

// Either the reader is first, and the ring is no trash, or it gets nothing (J7).
class CollectAgainstWeakGet final : public PhoenixRing {
 public:
  CollectAgainstWeakGet() : PhoenixRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)collect();
    } else {
      safepoint();  // the pause may be here
      use(weak_->get());
    }
  }
};

// A finalizer of the ring shows it to the other thread (J6).
class CollectAgainstTakenUp final : public PhoenixRing {
 public:
  CollectAgainstTakenUp() : PhoenixRing(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)collect();
    } else {
      safepoint();  // the pause may be here
      const Ref<Object> found = nest_->next.load();
      safepoint();
      use(found);
    }
  }
};

// A finalizer of trash waits for a lock that a thread holds at a safepoint (J5).
class CollectAgainstLock final : public RuntimeScenario {
 public:
  CollectAgainstLock() : RuntimeScenario(2) {}

 private:
  struct Waiter : Object {
    Waiter(Mutex& its_gate, Plain<int>& its_visits)
        : gate(&its_gate), visits(&its_visits) {}
    static constexpr const char* kTypeName = "waiter";
    static void traverse(Waiter& self, const FieldVisitor& visit) { visit(self.next); }
    static void finalize(Waiter& self) {
      self.gate->lock(while_detached);
      *self.visits = *self.visits + 1;
      self.gate->unlock();
    }
    Mutex* gate;
    Plain<int>* visits;
    Field<Object> next;
  };

  void prepare() override {
    as_thread(0, [this] {
      const auto waiter = make<Waiter>(gate_, visits_);
      waiter->next.store(waiter);
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(runtime().gc().collect().collected == 1, "the trash was not collected");
    } else if (gate_.try_lock()) {
      visits_ = visits_ + 1;
      safepoint();
      visits_ = visits_ - 1;
      gate_.unlock();
    }
  }
  void judge() override { expect(visits_ == 1, "the finalizer has not run once"); }

  Mutex gate_;
  Plain<int> visits_ = 0;
};

// Does what its maker says as it is finalized.
struct Doer : Object {
  using Function = void (*)(void*);
  Doer(Function its_function, void* its_context)
      : function(its_function), context(its_context) {}
  static constexpr const char* kTypeName = "doer";
  static void traverse(Doer& self, const FieldVisitor& visit) { visit(self.next); }
  static void finalize(Doer& self) { self.function(self.context); }
  Function function;
  void* context;
  Field<Object> next;
};

class DoerScenario : public RuntimeScenario {
 public:
  DoerScenario() : RuntimeScenario(2) {}

 protected:
  template <class T>
  Ref<Doer> make_doer(T* self) {
    return make<Doer>([](void* context) { static_cast<T*>(context)->act(); }, self);
  }
  void wait_for_gate() {
    gate_.lock(while_detached);
    ++acts_;
    gate_.unlock();
  }
  void judge() override { expect(acts_ == 1, "the finalizer has not run once"); }
  Mutex gate_;
  unsigned acts_ = 0;
  Doer* doer_ = nullptr;
};

// What a collection settles waits for a lock, whose holder makes the heap grow.
class GrowthAgainstSettled final : public DoerScenario {
 public:
  void act() { wait_for_gate(); }

 private:
  void prepare() override {
    runtime().gc().disable();
    as_thread(0, [this] { doer_ = make_doer(this).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)runtime().gc().collect();
      return;
    }
    decref(*doer_);
    if (!gate_.try_lock()) return;
    current()->world.collector->collect_if_due(*current());
    gate_.unlock();
  }
};

// Dead objects wait for their end while the finalizer of another one passes a safepoint
// (J14).
class CollectAgainstCascade final : public DoerScenario {
 public:
  void act() {
    ++acts_;
    safepoint();
  }

 private:
  struct Three : Object {
    static constexpr const char* kTypeName = "three";
    static void traverse(Three& self, const FieldVisitor& visit) {
      for (Field<Object>& field : self.fields) visit(field);
    }
    Field<Object> fields[3];
  };

  void prepare() override {
    runtime().gc().disable();
    as_thread(0, [this] {
      auto three = make<Three>();
      three->fields[0].store(make<Node>(1, deaths_));
      three->fields[1].store(make_doer(this));
      three->fields[2].store(make<Node>(2, deaths_));
      three_ = three.release();
    });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      decref(*three_);
    else
      (void)runtime().gc().collect();
  }

  void judge() override {
    DoerScenario::judge();
    expect(deaths_ == 2, "an object has not died once");
  }

  Three* three_ = nullptr;
  unsigned deaths_ = 0;
};

// Two threads find a collection due at once; a finalizer wants a (recursive) lock that one
// holds.
class DueByTwo final : public DoerScenario {
 public:
  void act() {
    if (holder_ == current())
      ++acts_;
    else
      wait_for_gate();
  }

 private:
  void prepare() override {
    runtime().gc().disable();
    as_thread(0, [this] {
      auto doer = make_doer(this);
      doer->next.store(doer);
    });
    runtime().gc().enable();
    slot_of(0).world.collector->make_due_for_test();
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      current()->world.collector->collect_if_due(*current());
    } else if (gate_.try_lock()) {
      holder_ = current();
      current()->world.collector->collect_if_due(*current());
      holder_ = nullptr;
      gate_.unlock();
    }
  }
  const Slot* holder_ = nullptr;
  void judge() override {
    (void)runtime().gc().collect();
    DoerScenario::judge();
  }
};

// A finalizer stops the world, and runs where its thread waits for its turn to do so.
class PauseInPause final : public DoerScenario {
 public:
  void act() {
    ++acts_;
    (void)runtime().live_objects();
  }

 private:
  void prepare() override {
    runtime().gc().disable();
    as_thread(0, [this] {
      doer_ = make_doer(this).release();
      auto ring = make<Node>(1, deaths_);
      ring->next.store(ring);
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      (void)runtime().gc().collect();
      return;
    }
    (void)runtime().live_objects();
    decref(*doer_);
    (void)runtime().live_objects();
  }
  unsigned deaths_ = 0;
};

// The same for a turn to collect.
class CollectInTurn final : public DoerScenario {
 public:
  void act() {
    ++acts_;
    (void)runtime().gc().collect();
  }

 private:
  void prepare() override {
    runtime().gc().disable();
    as_thread(0, [this] { doer_ = make_doer(this).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 1) decref(*doer_);
    (void)runtime().gc().collect();
  }
};

}  // namespace

void add_lifetime_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<AgainstWeakGet<OneTarget>>(
      "weak-get-against-death", "a weak reference is used as its target dies", 49));
  list.push_back(scenario<AgainstWeakGet<OneTarget, 3>>(
      "weak-get-by-two", "two use it as its target dies", 100'667));
  list.push_back(scenario<WeakGetOfLiving>("weak-get-of-living",
                                           "a living target is never denied", 1));
  list.push_back(scenario<WeakGetAgainstReuse>(
      "weak-get-against-reuse", "the target's block becomes another object", 65));
  list.push_back(scenario<AgainstWeakDrop<OneTarget>>(
      "weak-drop-against-death", "a weak reference and its target die at once", 15));
  list.push_back(scenario<WeakMakeByTwo>(
      "weak-make-by-two", "two ask for a weak reference, and get the same one",
      kTooMany));
  list.push_back(scenario<WeakMakeAgainstCollect>(
      "weak-make-against-collect",
      "a weak reference is made as those of trash are cleared", kTooMany));
  list.push_back(scenario<WeakCallbackAgainstGet>(
      "weak-callback-against-get", "a callback is called once, after the last use",
      322));
  list.push_back(scenario<WeakCallbackAgainstDrop>(
      "weak-callback-against-drop", "the weak reference dies as it is called back",
      90));
  list.push_back(scenario<WeakCallbackAgainstOwnDrop>(
      "weak-callback-against-own-drop",
      "the weak reference ends in its owner as it is called back", 170));
  list.push_back(scenario<CacheGetAgainstDeath>(
      "weak-dict-get-against-death", "a cache is asked for an object that dies",
      kTooMany));
  list.push_back(scenario<CacheSetAgainstDeath>(
      "weak-dict-set-against-death",
      "an object dies as its key in a cache gets another one", 99'965));
  list.push_back(scenario<CacheGetAgainstReplace>(
      "weak-dict-get-against-replace",
      "a cache is asked for a key whose object is replaced and dies", kTooMany));
  list.push_back(scenario<ResurrectAgainstTake>(
      "resurrect-against-take", "what a finalizer stores is taken and dropped", 157));
  list.push_back(scenario<ResurrectAgainstLoad>(
      "resurrect-against-load", "what a finalizer stores is loaded and dropped", 4));
  list.push_back(scenario<AgainstWeakGet<OnePhoenix>>(
      "resurrect-against-weak-get", "a weak reference is used during a resurrection",
      83));
  list.push_back(scenario<FinalizeAgainstWeakGet>(
      "finalize-against-weak-get", "a weak reference is used during a finalizer", 258));
  list.push_back(scenario<CachePopAgainstResurrection>(
      "weak-dict-pop-against-resurrection",
      "an object is taken out of a cache as its finalizer keeps it alive", 35'057));
  list.push_back(scenario<CollectAgainstWeakGet>(
      "collect-against-weak-get", "a weak reference to a ring is used meanwhile",
      kTooMany));
  list.push_back(scenario<CollectAgainstLock>(
      "collect-against-lock", "a finalizer waits for a lock that a thread holds",
      35'575));
  list.push_back(scenario<GrowthAgainstSettled>(
      "growth-against-settled",
      "what a collection settles waits for one who makes the heap grow", kTooMany));
  list.push_back(scenario<CollectAgainstCascade>(
      "collect-against-cascade",
      "a collection while a finalizer keeps other dead objects waiting", kTooMany));
  list.push_back(scenario<DueByTwo>(
      "collect-due-by-two",
      "a collection is due for two, one of whom has what a finalizer waits for",
      kTooMany));
  list.push_back(scenario<PauseInPause>(
      "pause-for-finalizer", "a finalizer stops the world as its thread waits to do so",
      kTooMany));
  list.push_back(scenario<CollectInTurn>(
      "collect-for-finalizer", "a finalizer collects as its thread waits to do so",
      kTooMany));
  list.push_back(scenario<CollectAgainstTakenUp>(
      "collect-against-resurrection", "a finalizer shows its ring to another thread",
      kTooMany));
}

}  // namespace threadmill::explore
