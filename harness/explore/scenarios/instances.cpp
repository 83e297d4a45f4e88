// SPDX-License-Identifier: Apache-2.0
//
// Instances: slots that are read and written without a lock, and a dict that is made when
// it is needed and may be replaced (catalogue D2, K8; containers/instance.hpp).
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {
namespace {

const Class kThing({.name = "thing", .slots = {"slot"}, .has_dict = true});

// An instance of thread 0, whose slot has the value 1.
class OneInstance : public RuntimeScenario {
 public:
  OneInstance() : RuntimeScenario(2) {}

 protected:
  void prepare() override {
    expect_immortals();  // the names that instances share
    as_thread(0, [this] {
      for (int i = 1; i < kValues; ++i) made_[i] = make<Leaf>(i, deaths_[i]).release();
      instance_ = make<Instance>(kThing).release();
      set("slot", 1);
      // So that making the names is no part of the search.
      for (int i = 0; i < 2; ++i) names_[i] = intern(kNames[i]).release();
    });
  }
  void drop() override {
    decref(*instance_);
    for (Str* name : names_) decref(*name);
    for (Leaf* left : made_) {
      if (left != nullptr) decref(*left);
    }
  }

  // Each value is used once.
  Ref<Object> value(int number) {
    return Ref<Leaf>::adopt(std::exchange(made_[number], nullptr));
  }
  void set(std::string_view name, int number) {
    expect(instance_->set(name, value(number)) == Instance::SetResult::done,
           "out of memory");
  }
  // 0: not set.
  int look(std::string_view name) const { return number_of(instance_->get(name)); }
  void expect_dead(int number) const {
    expect(deaths_[number] == 1, "what was taken out has not died once");
  }
  static std::string_view name_of(unsigned thread) { return kNames[thread]; }

  Instance* instance_ = nullptr;

 private:
  static constexpr int kValues = 5;
  static constexpr std::string_view kNames[] = {"first", "second"};

  Leaf* made_[kValues] = {};
  unsigned deaths_[kValues] = {};
  Str* names_[2] = {};
};

class GetAgainstSet final : public OneInstance {
 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      set("slot", 2);
      return;
    }
    const int first = look("slot");
    const int again = look("slot");
    expect(first == 1 || first == 2, "a value that was never there");
    expect(again == 2 || again == first, "the slot went back");
  }
  void judge() override {
    expect_dead(1);
    expect(look("slot") == 2, "the value is lost");
  }
};

class EraseByTwo final : public OneInstance {
 private:
  void part(unsigned thread) override { erased_[thread] = instance_->erase("slot"); }
  void judge() override {
    safepoint();
    expect(erased_[0] != erased_[1], "not exactly one erased the slot");
    expect_dead(1);
    expect(look("slot") == 0, "the slot is set");
  }

  bool erased_[2] = {};
};

// Both need the dict: they get the same one.
class DictByTwo final : public OneInstance {
 private:
  void part(unsigned thread) override {
    dicts_[thread] = instance_->dict().release();
    expect(dicts_[thread] != nullptr, "out of memory");
  }
  void judge() override { expect(dicts_[0] == dicts_[1], "an instance has two dicts"); }
  void drop() override {
    for (Dict* dict : dicts_) decref(*dict);
    OneInstance::drop();
  }

  Dict* dicts_[2] = {};
};

// Both set the first attribute that needs the dict.
class SetByTwo final : public OneInstance {
 private:
  void part(unsigned thread) override {
    set(name_of(thread), static_cast<int>(thread) + 2);
  }
  void judge() override {
    for (int i = 0; i < 2; ++i)
      expect(look(name_of(static_cast<unsigned>(i))) == i + 2, "an attribute is lost");
  }
};

// The name gets its number while the other, on an instance of its own, looks for it.
class ShareAName final : public OneInstance {
 private:
  void prepare() override {
    OneInstance::prepare();
    as_thread(1, [this] { other_ = make<Instance>(kThing).release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      set(name_of(0), 2);
      return;
    }
    expect(other_->set(name_of(1), value(3)) == Instance::SetResult::done,
           "out of memory");
    expect(number_of(other_->get(name_of(0))) == 0, "an attribute of another instance");
    expect(number_of(other_->get(name_of(1))) == 3, "an attribute is lost");
  }
  void judge() override { expect(look(name_of(0)) == 2, "an attribute is lost"); }
  void drop() override {
    decref(*other_);
    OneInstance::drop();
  }

  Instance* other_ = nullptr;
};

// The dict is made of what is there while the other sets an attribute.
class MakeAgainstSet final : public OneInstance {
 private:
  void prepare() override {
    OneInstance::prepare();
    as_thread(0, [this] { set(name_of(0), 2); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      set(name_of(1), 3);
    else
      expect(instance_->dict() != nullptr, "out of memory");
  }
  void judge() override {
    const Ref<Dict> dict = instance_->dict();
    expect(dict->size() == 2 && number_of(dict->get(name_of(0))) == 2 &&
               number_of(dict->get(name_of(1))) == 3,
           "an attribute is lost");
  }
};

class GetAgainstFirstSet final : public OneInstance {
 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      set(name_of(0), 2);
      return;
    }
    const int seen = look(name_of(0));
    expect(seen == 2 || seen == 0, "a value that was never there");
  }
  void judge() override { expect(look(name_of(0)) == 2, "an attribute is lost"); }
};

// The dict is replaced, and dies, while the other looks into it (K8).
class GetAgainstReplace final : public OneInstance {
 private:
  void prepare() override {
    OneInstance::prepare();
    as_thread(0, [this] {
      set(name_of(0), 2);
      auto dict = make<Dict>();
      expect(dict->set(make<Str>(name_of(0)), value(3)), "out of memory");
      other_ = dict.release();
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      expect(instance_->set_dict(Ref<Dict>::adopt(other_)), "there is no dict");
      return;
    }
    const int seen = look(name_of(0));
    expect(seen == 2 || seen == 3, "an attribute that is there was not found");
  }
  void judge() override {
    safepoint();
    expect_dead(2);
    expect(look(name_of(0)) == 3, "an attribute is lost");
  }

  Dict* other_ = nullptr;
};

// One makes the dict while the other replaces it: what was put in place of it stays.
class MakeAgainstReplace final : public OneInstance {
 private:
  void prepare() override {
    OneInstance::prepare();
    as_thread(0, [this] { other_ = make<Dict>().release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      expect(instance_->set_dict(Ref<Dict>::share(other_)), "there is no dict");
    else
      expect(instance_->dict() != nullptr, "out of memory");
  }
  void judge() override {
    expect(instance_->dict().get() == other_, "the dict that was put there is lost");
  }
  void drop() override {
    decref(*other_);
    OneInstance::drop();
  }

  Dict* other_ = nullptr;
};

unsigned finalizations = 0;
void count_finalization(Instance& self) noexcept {
  ++finalizations;
  expect(number_of(self.get("slot")) == 1, "a finalizer finds its object broken");
}

const Class kFinal({.name = "final_thing",
                    .slots = {"slot"},
                    .finalize = count_finalization});

// Two threads drop the last references, and a third has a weak one.
class FinalizeAgainstWeakGet final : public RuntimeScenario {
 public:
  FinalizeAgainstWeakGet() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    finalizations = 0;
    as_thread(0, [this] {
      auto instance = make<Instance>(kFinal);
      expect(instance->set("slot", make<Leaf>(1, deaths_)) == Instance::SetResult::done,
             "out of memory");
      weak_ = WeakReference::create(*instance).release();
      instance_ = instance.release();
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      decref(*instance_);
      return;
    }
    const Ref<Object> found = weak_->get();
    if (found)
      expect(number_of(static_cast<Instance&>(*found).get("slot")) == 1,
             "a weak reference gave a broken object");
  }
  void judge() override {
    safepoint();
    expect(finalizations == 1, "the finalizer has not run once");
    expect(deaths_ == 1, "the slot's value has not died once");
    expect(weak_->is_dead(), "the weak reference lives");
  }
  void drop() override { decref(*weak_); }

  Instance* instance_ = nullptr;
  WeakReference* weak_ = nullptr;
  unsigned deaths_ = 0;
};

}  // namespace

void add_instance_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(
      scenario<GetAgainstSet>("instance-get-against-set",
                              "a slot's reader finds the old or the new value", 119));
  list.push_back(scenario<EraseByTwo>(
      "instance-erase-by-two", "exactly one of two threads erases the slot", 19));
  list.push_back(scenario<DictByTwo>("instance-dict-by-two",
                                     "two threads make the dict and get one", 238));
  list.push_back(scenario<SetByTwo>("instance-set-by-two",
                                    "two threads set the first attributes"));
  list.push_back(scenario<ShareAName>("instance-share-a-name",
                                      "two instances get names that they share"));
  list.push_back(scenario<MakeAgainstSet>("instance-make-against-set",
                                          "the dict is made as an attribute is set"));
  list.push_back(scenario<GetAgainstFirstSet>("instance-get-against-first-set",
                                              "a reader as the dict is made", 4));
  list.push_back(
      scenario<GetAgainstReplace>("instance-get-against-replace",
                                  "the dict dies while a reader looks into it", 471));
  list.push_back(
      scenario<MakeAgainstReplace>("instance-make-against-replace",
                                   "the dict is made as another is put there", 5'429));
  list.push_back(scenario<FinalizeAgainstWeakGet>(
      "instance-finalize-against-weak-get",
      "a finalizer runs once, on an object that is whole", 4704));
}

}  // namespace threadmill::explore
