// SPDX-License-Identifier: Apache-2.0
//
// Critical sections: exclusion, nesting in any order, suspension by pauses and detaching
// (catalogue group H). Plain counters say whether the innermost section is held.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"
#include "runtime/thread/stop_the_world.hpp"

namespace threadmill::explore {
namespace {

// Objects with a section each, and a counter that it protects: the object's number.
class Sections : public RuntimeScenario {
 public:
  Sections(unsigned threads, unsigned objects)
      : RuntimeScenario(threads), count_(objects) {}

 protected:
  void prepare() override {
    as_thread(0, [this] {
      for (unsigned i = 0; i < count_; ++i)
        objects_[i] = make<Leaf>(0, deaths_[i]).release();
    });
  }
  void drop() override {
    for (unsigned i = 0; i < count_; ++i) decref(*objects_[i]);
  }
  void add(unsigned object) { ++objects_[object]->number; }
  void expect_number(unsigned object, int number) {
    expect(objects_[object]->number == number, "an increment is lost");
  }

  Leaf* objects_[3] = {};

 private:
  const unsigned count_;
  unsigned deaths_[3] = {};
};

class SectionByTwo final : public Sections {
 public:
  SectionByTwo() : Sections(2, 1) {}

 private:
  void part(unsigned) override {
    const CriticalSection section(*objects_[0]);
    add(0);
  }
  void judge() override { expect_number(0, 2); }
};

class SectionByThree final : public Sections {
 public:
  SectionByThree() : Sections(3, 1) {}

 private:
  void part(unsigned) override {
    const CriticalSection section(*objects_[0]);
    add(0);
  }
  void judge() override { expect_number(0, 3); }
};

class SectionNestedOnOne final : public Sections {
 public:
  SectionNestedOnOne() : Sections(2, 1) {}

 private:
  void part(unsigned thread) override {
    const CriticalSection section(*objects_[0]);
    add(0);
    if (thread == 0) {
      const CriticalSection again(*objects_[0]);
      add(0);
    }
    add(0);
  }
  void judge() override { expect_number(0, 5); }
};

// A then B against B then A: no deadlock, and whatever section is the innermost is held,
// the outer one again once the inner one has ended (H8).
class SectionsInOppositeOrder final : public Sections {
 public:
  SectionsInOppositeOrder() : Sections(2, 2) {}

 private:
  void part(unsigned thread) override {
    const unsigned outer = thread;
    const unsigned inner = 1 - thread;
    const CriticalSection around(*objects_[outer]);
    add(outer);
    {
      const CriticalSection section(*objects_[inner]);
      add(inner);
    }
    add(outer);
  }
  void judge() override {
    expect_number(0, 3);
    expect_number(1, 3);
  }
};

class SectionsInARing final : public Sections {
 public:
  SectionsInARing() : Sections(3, 3) {}

 private:
  void part(unsigned thread) override {
    const CriticalSection around(*objects_[thread]);
    const CriticalSection section(*objects_[(thread + 1) % 3]);
    add((thread + 1) % 3);
  }
  void judge() override {
    for (unsigned i = 0; i < 3; ++i) expect_number(i, 1);
  }
};

// A pause comes while a section is at a safepoint; a third party takes the section.
class SectionSuspendedByPause final : public Sections {
 public:
  SectionSuspendedByPause() : Sections(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      { const StoppedWorld here(*current()); }
      const CriticalSection section(*objects_[0]);
      add(0);
      return;
    }
    const CriticalSection section(*objects_[0]);
    add(0);
    safepoint();
    add(0);
  }
  void judge() override { expect_number(0, 3); }
};

class SectionSuspendedByDetach final : public Sections {
 public:
  SectionSuspendedByDetach() : Sections(2, 1) {}

 private:
  void part(unsigned thread) override {
    const CriticalSection section(*objects_[0]);
    add(0);
    if (thread == 0) {
      const Detached blocking;
    }
    add(0);
  }
  void judge() override { expect_number(0, 4); }
};

// Both sections are suspended; the inner one is held again, later the outer one.
class NestedSuspended final : public Sections {
 public:
  NestedSuspended() : Sections(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      for (unsigned i = 0; i < 2; ++i) {
        const CriticalSection section(*objects_[i]);
        add(i);
      }
      return;
    }
    const CriticalSection around(*objects_[0]);
    {
      const CriticalSection section(*objects_[1]);
      { const Detached blocking; }
      add(1);
    }
    add(0);
  }
  void judge() override {
    expect_number(0, 2);
    expect_number(1, 2);
  }
};

// In a pause of one's own a section takes nothing, whoever held it before (H2).
class SectionInPause final : public Sections {
 public:
  SectionInPause() : Sections(2, 1) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      const StoppedWorld here(*current());
      const CriticalSection section(*objects_[0]);
      add(0);
      return;
    }
    const CriticalSection section(*objects_[0]);
    add(0);
    safepoint();
    add(0);
  }
  void judge() override { expect_number(0, 3); }
};

// The same for one that a thread got as it slept, and could not attach with (H2).
class SectionInPauseOfSleeper final : public Sections {
 public:
  SectionInPauseOfSleeper() : Sections(2, 1) {}

 private:
  void part(unsigned thread) override {
    {
      const CriticalSection section(*objects_[0]);
      add(0);
    }
    if (thread != 0) return;
    const StoppedWorld here(*current());
    const CriticalSection section(*objects_[0]);
    add(0);
  }
  void judge() override { expect_number(0, 3); }
};

// Sections on two objects, named in opposite order (H4).
class SectionsOnBoth final : public Sections {
 public:
  SectionsOnBoth() : Sections(2, 2) {}

 private:
  void part(unsigned thread) override {
    const CriticalSection section(*objects_[thread], *objects_[1 - thread]);
    add(0);
    add(1);
  }
  void judge() override {
    expect_number(0, 2);
    expect_number(1, 2);
  }
};

class SectionsOnPairsInARing final : public Sections {
 public:
  SectionsOnPairsInARing() : Sections(3, 3) {}

 private:
  void part(unsigned thread) override {
    const unsigned next = (thread + 1) % 3;
    const CriticalSection section(*objects_[thread], *objects_[next]);
    add(thread);
    add(next);
  }
  void judge() override {
    for (unsigned i = 0; i < 3; ++i) expect_number(i, 2);
  }
};

// One object twice is one; and one that the section around holds is not taken again.
class SectionOnOneTwice final : public Sections {
 public:
  SectionOnOneTwice() : Sections(2, 1) {}

 private:
  void part(unsigned thread) override {
    const CriticalSection around(*objects_[0]);
    add(0);
    if (thread == 0) {
      const CriticalSection section(*objects_[0], *objects_[0]);
      add(0);
    }
    add(0);
  }
  void judge() override { expect_number(0, 5); }
};

// Whichever of its two objects a section inside is on, the outer one stays held (H3).
class SectionInsideOneOnBoth final : public Sections {
 public:
  SectionInsideOneOnBoth() : Sections(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      const CriticalSection section(*objects_[0]);
      add(0);
      return;
    }
    const CriticalSection both(*objects_[0], *objects_[1]);
    const int before = objects_[0]->number;
    for (unsigned i = 0; i < 2; ++i) {
      const CriticalSection inside(*objects_[i]);
      add(1);
    }
    objects_[0]->number = before + 1;
  }
  void judge() override {
    expect_number(0, 2);
    expect_number(1, 2);
  }
};

// It takes the one that the section around does not hold, and both after a suspension.
class SectionOnBothInsideOne final : public Sections {
 public:
  SectionOnBothInsideOne() : Sections(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      const CriticalSection both(*objects_[1], *objects_[0]);
      add(0);
      add(1);
      return;
    }
    const CriticalSection around(*objects_[1]);
    {
      const CriticalSection both(*objects_[0], *objects_[1]);
      add(0);
      add(1);
      { const Detached blocking; }
      add(0);
      add(1);
    }
    add(1);
  }
  void judge() override {
    expect_number(0, 3);
    expect_number(1, 4);
  }
};

class SectionOnBothSuspendedByPause final : public Sections {
 public:
  SectionOnBothSuspendedByPause() : Sections(2, 2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 1) {
      const StoppedWorld here(*current());
      const CriticalSection both(*objects_[1], *objects_[0]);
      add(0);
      add(1);
      return;
    }
    const CriticalSection both(*objects_[0], *objects_[1]);
    add(0);
    safepoint();
    add(1);
  }
  void judge() override {
    expect_number(0, 2);
    expect_number(1, 2);
  }
};

// Operations of a list inside its section are one step for all others.
class SectionAroundAppends final : public RuntimeScenario {
 public:
  SectionAroundAppends() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { list_ = make<List>().release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      const CriticalSection section(*list_);
      const std::size_t before = list_->size();
      for (int i = 0; i < 2; ++i) expect(list_->append(make<Int>(i)), "out of memory");
      expect(list_->size() == before + 2, "somebody was let into the section");
    } else {
      expect(list_->append(none()), "out of memory");
    }
  }
  void judge() override { expect(list_->size() == 3, "an item is lost"); }
  void drop() override { decref(*list_); }

  List* list_ = nullptr;
};

}  // namespace

void add_section_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<SectionByTwo>("section-by-two",
                                        "two threads, a section on one object", 236));
  list.push_back(scenario<SectionByThree>(
      "section-by-three", "three threads, a section on one object", kTooMany));
  list.push_back(scenario<SectionNestedOnOne>(
      "section-nested-on-one", "a section inside a section on the same object", 236));
  list.push_back(scenario<SectionsInOppositeOrder>(
      "sections-in-opposite-order", "nested sections in opposite order: no deadlock",
      176'437));
  list.push_back(scenario<SectionsInARing>(
      "sections-in-a-ring", "three threads nest three sections in a ring: no deadlock",
      kTooMany));
  list.push_back(scenario<SectionSuspendedByPause>(
      "section-suspended-by-pause", "a section is let go for a pause and held again",
      24'341));
  list.push_back(scenario<SectionSuspendedByDetach>(
      "section-suspended-by-detach", "a section is let go while its thread blocks",
      28'121));
  list.push_back(scenario<NestedSuspended>(
      "section-nested-suspended",
      "two nested sections are let go: the inner one is held first", kTooMany));
  list.push_back(scenario<SectionInPause>(
      "section-in-pause", "a section inside a pause takes nothing", 109));
  list.push_back(scenario<SectionInPauseOfSleeper>(
      "section-in-pause-of-sleeper",
      "a section inside a pause on what a stopped thread has taken", kTooMany));
  list.push_back(scenario<SectionsOnBoth>(
      "sections-on-both", "sections on two objects, named in opposite order", 236));
  list.push_back(scenario<SectionsOnPairsInARing>(
      "sections-on-pairs-in-a-ring",
      "three threads, each with a section on two of three", kTooMany));
  list.push_back(scenario<SectionOnOneTwice>(
      "section-on-one-twice", "a section that names one object twice", 236));
  list.push_back(scenario<SectionInsideOneOnBoth>(
      "section-inside-one-on-both", "a section on either of the two that are held",
      236));
  list.push_back(scenario<SectionOnBothInsideOne>(
      "section-on-both-inside-one", "a section on two, one of which is held",
      kTooMany));
  list.push_back(scenario<SectionOnBothSuspendedByPause>(
      "section-on-both-in-pause", "a section on two is let go for a pause, and in it",
      109));
  list.push_back(scenario<SectionAroundAppends>(
      "section-around-appends", "nobody changes a list inside its section", 236));
}

}  // namespace threadmill::explore
