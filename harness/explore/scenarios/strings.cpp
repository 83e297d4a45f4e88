// SPDX-License-Identifier: Apache-2.0
//
// Interned strings: who interns a text against the death of the string that has it, and
// against others who intern it (catalogue D3, D4; containers/string_table.hpp, N1 to N4).
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"

namespace threadmill::explore {
namespace {

// What a thread interned is alive, complete, and what the table has.
void use(const Ref<Str>& string) {
  expect(string != nullptr, "out of memory");
  expect(string->view() == "text", "another string was found");
  expect(is_interned(*string), "a string that is not interned");
}

// Thread t keeps what it interned in `made_[t]`.
class Interning : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void intern_text(unsigned thread) {
    Ref<Str> string = intern("text");
    use(string);
    made_[thread] = string.release();
  }
  // What is kept is one object, and it is listed.
  void judge() override {
    const Str* kept = nullptr;
    for (const Str* made : made_) {
      if (made == nullptr) continue;
      expect(kept == nullptr || kept == made, "two equal interned strings are alive");
      kept = made;
    }
    if (kept != nullptr)
      expect(intern("text").get() == kept, "a living string is not found");
  }
  void drop() override {
    for (Str* made : made_) {
      if (made != nullptr) decref(*made);
    }
    expect(current()->world.strings->size() == 0, "a dead string is listed");
  }

  Str* made_[3] = {};
};

class InternByTwo final : public Interning {
 public:
  InternByTwo() : Interning(2) {}

 private:
  void part(unsigned thread) override { intern_text(thread); }
};

// Both make a string and offer it.
class OfferByTwo final : public Interning {
 public:
  OfferByTwo() : Interning(2) {}

 private:
  void prepare() override {
    for (unsigned t = 0; t < 2; ++t)
      as_thread(t, [this, t] { own_[t] = make<Str>("text").release(); });
  }
  void part(unsigned thread) override {
    Ref<Str> string = intern(Ref<Str>::adopt(own_[thread]));
    use(string);
    expect(string.get() == own_[0] || string.get() == own_[1],
           "the interned string is nobody's");
    made_[thread] = string.release();
  }

  Str* own_[2] = {};
};

// Both offer the same string.
class OfferOneByTwo final : public Interning {
 public:
  OfferOneByTwo() : Interning(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { own_ = make<Str>("text").release(); });
    as_thread(1, [this] { incref(*own_); });
  }
  void part(unsigned thread) override {
    Ref<Str> string = intern(Ref<Str>::adopt(own_));
    expect(string.get() == own_, "a string is not its own");
    made_[thread] = string.release();
  }

  Str* own_ = nullptr;
};

// Thread 0 has the only reference to an interned string.
class InternAgainstDeath : public Interning {
 public:
  InternAgainstDeath() : Interning(2) {}

 protected:
  explicit InternAgainstDeath(unsigned threads) : Interning(threads) {}
  void prepare() override {
    as_thread(0, [this] { string_ = intern("text").release(); });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      decref(*string_);
    else
      intern_text(thread);
  }

  Str* string_ = nullptr;
};

class InternByTwoAgainstDeath final : public InternAgainstDeath {
 public:
  InternByTwoAgainstDeath() : InternAgainstDeath(3) {}
};

// The owner of the string is away: it dies in the thread that drops it, not its owner.
class InternAgainstForeignDeath final : public InternAgainstDeath {
 private:
  void prepare() override {
    as_guest([this] { string_ = intern("text").release(); });
  }
};

// The dead string's block becomes the next string of the same text.
class InternAgainstDeathAndReuse final : public InternAgainstDeath {
 private:
  void part(unsigned thread) override {
    if (thread == 0) decref(*string_);
    intern_text(thread);
  }
};

// A weak reference to a string is made as it is interned: two flags of one byte (K17).
class WeakMakeAgainstIntern final : public Interning {
 public:
  WeakMakeAgainstIntern() : Interning(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { own_ = make<Str>("text").release(); });
    as_thread(1, [this] { incref(*own_); });
  }
  void part(unsigned thread) override {
    auto string = Ref<Str>::adopt(own_);
    if (thread == 0)
      weak_ = WeakReference::create(*string).release();
    else
      use(intern(std::move(string)));
  }
  void judge() override {
    safepoint();
    expect(weak_->is_dead(), "the weak reference to the string lives");
  }
  void drop() override {
    decref(*weak_);
    Interning::drop();
  }

  Str* own_ = nullptr;
  WeakReference* weak_ = nullptr;
};

// Two strings in one stripe: the death of the first moves the second.
class InternAgainstDeathOfAnother final : public InternAgainstDeath {
 private:
  void prepare() override {
    as_thread(0, [this] {
      string_ = intern("text").release();
      std::size_t found = 0;
      // Texts of its stripe and place, so that they stand behind it.
      for (int i = 0; found < 2; ++i) {
        const std::string text = "other" + std::to_string(i);
        const std::uint64_t difference = Str::hash_of(text) ^ string_->hash();
        if ((difference >> 59) != 0 || (difference & 7) != 0) continue;
        others_[found++] = intern(text).release();
      }
    });
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      decref(*string_);
      return;
    }
    for (Str* other : others_)
      expect(intern(other->view()).get() == other, "a living string is not found");
  }
  void drop() override {
    for (Str* other : others_) decref(*other);
    Interning::drop();
  }

  Str* others_[2] = {};
};

}  // namespace

void add_string_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<InternByTwo>(
      "intern-by-two", "two threads intern one text and get one string", 82'702));
  list.push_back(
      scenario<OfferByTwo>("intern-offer-by-two",
                           "two threads intern equal strings and get one of them", 12));
  list.push_back(scenario<OfferOneByTwo>("intern-offer-one-by-two",
                                         "two threads intern the same string", 14));
  list.push_back(scenario<WeakMakeAgainstIntern>(
      "weak-make-against-intern", "a weak reference to a string that is interned",
      165));
  list.push_back(scenario<InternAgainstDeath>(
      "intern-against-death", "a text is interned as the string that has it dies",
      684));
  list.push_back(scenario<InternAgainstForeignDeath>(
      "intern-against-foreign-death", "the dying string belongs to a vacant slot",
      1'146));
  list.push_back(scenario<InternAgainstDeathAndReuse>(
      "intern-against-death-and-reuse", "both make the next string of the text",
      22'894));
  list.push_back(scenario<InternByTwoAgainstDeath>(
      "intern-by-two-against-death", "two threads intern the text of a dying string",
      kTooMany));
  list.push_back(scenario<InternAgainstDeathOfAnother>(
      "intern-against-death-of-another",
      "a death moves strings in the table that others look for", 73));
}

}  // namespace threadmill::explore
