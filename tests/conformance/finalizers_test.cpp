// SPDX-License-Identifier: Apache-2.0
//
// Section 3.3: finalizers, and what they resurrect. "On the count" is the way of an object
// whose last reference goes, "in a collection" that of a cycle.
#include <algorithm>
#include <memory>

#include "tests/conformance/support.hpp"

namespace threadmill {
namespace {

// Keeps itself for the test.
Ref<Finalized> make_resurrecting(std::vector<Ref<Finalized>>& saved,
                                 int& finalized,
                                 std::atomic<int>* deaths = nullptr) {
  return create<Finalized>(
      [&](Finalized& self) {
        ++finalized;
        saved.push_back(Ref<Finalized>::share(&self));
      },
      deaths);
}

Ref<Finalized> in_cycle(Ref<Finalized> object) {
  object->first.store(object);
  return object;
}

TEST_F(Conformance, F01_the_last_reference_runs_the_finalizer_once_and_ends_weak_ones) {
  int finalized = 0;
  auto object = create<Finalized>([&](Finalized&) { ++finalized; });
  const Weak<Finalized> weak(object);
  auto another = object;
  another.reset();
  EXPECT_EQ(finalized, 0);
  object.reset();
  EXPECT_EQ(finalized, 1);
  EXPECT_EQ(weak.lock(), nullptr);
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(collect(), 0u);
  EXPECT_EQ(finalized, 1);
}

TEST_F(Conformance, F02_on_the_count_weak_references_of_the_resurrected_stay_alive) {
  int finalized = 0;
  std::vector<Ref<Finalized>> saved;
  auto object = make_resurrecting(saved, finalized);
  const Weak<Finalized> weak(object);
  object.reset();
  ASSERT_EQ(saved.size(), 1u);
  EXPECT_EQ(weak.lock(), saved[0]);
}

TEST_F(Conformance, F03_the_resurrected_is_not_finalized_again_and_dies) {
  int finalized = 0;
  std::atomic<int> deaths{0};
  std::vector<Ref<Finalized>> saved;
  auto object = make_resurrecting(saved, finalized, &deaths);
  const Weak<Finalized> weak(object);
  object.reset();
  saved.clear();
  EXPECT_TRUE(saved.empty());
  EXPECT_EQ(finalized, 1);
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(weak.lock(), nullptr);
}

TEST_F(Conformance, F05_an_untracked_object_is_finalized_too) {
  int finalized = 0;
  auto object = create<Opaque>([&](Opaque& self) {
    ++finalized;
    EXPECT_FALSE(gc().is_tracked(self));
  });
  EXPECT_FALSE(gc().is_tracked(*object));
  object.reset();
  EXPECT_EQ(finalized, 1);
}

TEST_F(Conformance, F06_in_a_collection_weak_references_die_before_finalizers_run) {
  int finalized = 0;
  std::vector<Ref<Finalized>> saved;
  Weak<Finalized> weak;
  bool was_dead = false;
  auto object = create<Finalized>([&](Finalized& self) {
    ++finalized;
    was_dead = weak.expired();
    saved.push_back(Ref<Finalized>::share(&self));
  });
  object->first.store(object);
  weak = Weak<Finalized>(object);
  object.reset();
  (void)collect();
  ASSERT_EQ(saved.size(), 1u);
  EXPECT_TRUE(was_dead);
  EXPECT_EQ(weak.lock(), nullptr);
  EXPECT_EQ(saved[0]->first.load(), saved[0]);
}

TEST_F(Conformance, F07_a_resurrected_cycle_is_collected_in_silence_the_next_time) {
  int finalized = 0;
  std::atomic<int> deaths{0};
  std::vector<Ref<Finalized>> saved;
  in_cycle(make_resurrecting(saved, finalized, &deaths)).reset();
  EXPECT_EQ(collect(), 0u);
  EXPECT_EQ(finalized, 1);
  saved.clear();
  EXPECT_EQ(deaths.load(), 0);
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(finalized, 1);
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_TRUE(saved.empty());
}

TEST_F(Conformance, F08_a_finalizer_may_break_the_cycle_of_its_object) {
  int finalized = 0;
  std::atomic<int> deaths{0};
  auto object = create<Finalized>(
      [&](Finalized& self) {
        ++finalized;
        self.first.store(nullptr);
      },
      &deaths);
  const Weak<Finalized> weak(object);
  object->first.store(object);
  object.reset();
  EXPECT_EQ(deaths.load(), 0);
  (void)collect();
  EXPECT_EQ(finalized, 1);
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_TRUE(weak.expired());
}

// A ring of objects, each linked to both neighbours, and a log of it.
struct Chain {
  enum class Kind { plain, resurrecting, suicidal };

  explicit Chain(const std::vector<Kind>& kinds) : kinds_of(kinds) {
    std::vector<Ref<Finalized>> made;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      made.push_back(
          create<Finalized>([this, i](Finalized& self) { at_end(i, self); }, &deaths));
      weak.emplace_back(made.back());
      raw.push_back(made.back().get());
    }
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i]->first.store(made[(i + 1) % made.size()]);
      made[i]->second.store(made[(i + made.size() - 1) % made.size()]);
    }
  }

  void at_end(std::size_t i, Finalized& self) {
    ++calls[i];
    // Links are whole, but for those that a suicidal member has cut.
    EXPECT_EQ(deaths.load(), 0);
    const std::size_t size = raw.size();
    EXPECT_EQ(self.first.load().get(), raw[(i + 1) % size]);
    EXPECT_EQ(self.second.load().get(), raw[(i + size - 1) % size]);
    if (kinds_of[i] == Kind::suicidal) {
      self.first.store(nullptr);
      self.second.store(nullptr);
    } else if (kinds_of[i] == Kind::resurrecting) {
      saved.push_back(Ref<Finalized>::share(&self));
    }
  }

  const std::vector<Kind> kinds_of;
  std::vector<int> calls = std::vector<int>(kinds_of.size());
  std::vector<Ref<Finalized>> saved;
  std::vector<Weak<Finalized>> weak;
  std::vector<Finalized*> raw;
  std::atomic<int> deaths{0};
};

TEST_F(Conformance, F09_members_of_a_cycle_are_finalized_once_before_any_is_cleared) {
  for (const std::size_t size : {1u, 2u, 3u, 40u}) {
    Chain chain(std::vector<Chain::Kind>(size, Chain::Kind::plain));
    EXPECT_EQ(collect(), size);
    EXPECT_EQ(chain.calls, std::vector<int>(size, 1));
    EXPECT_EQ(chain.deaths.load(), static_cast<int>(size));
  }
}

TEST_F(Conformance, F10_of_mixed_chains_all_are_finalized_and_resurrectors_survive) {
  using enum Chain::Kind;
  const std::vector<std::vector<Chain::Kind>> chains = {
      {resurrecting, plain},
      {resurrecting, suicidal},
      {suicidal, plain, plain, suicidal, resurrecting, resurrecting},
      {plain, resurrecting, suicidal, resurrecting, plain, suicidal, plain}};
  for (const auto& kinds : chains) {
    Chain chain(kinds);
    (void)collect();
    EXPECT_EQ(chain.calls, std::vector<int>(kinds.size(), 1));
    std::vector<Finalized*> survivors;
    for (const auto& object : chain.saved) survivors.push_back(object.get());
    std::vector<Finalized*> expected;
    for (std::size_t i = 0; i < kinds.size(); ++i)
      if (kinds[i] == resurrecting) expected.push_back(chain.raw[i]);
    std::sort(survivors.begin(), survivors.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(survivors, expected);
    for (const auto& weak : chain.weak) EXPECT_TRUE(weak.expired());
    chain.saved.clear();
    (void)collect();
    EXPECT_EQ(chain.calls, std::vector<int>(kinds.size(), 1));
    EXPECT_EQ(chain.deaths.load(), static_cast<int>(kinds.size()));
  }
}

TEST_F(Conformance, F11_all_that_the_resurrected_reaches_survives_with_it) {
  int finalized = 0;
  std::atomic<int> deaths{0};
  std::vector<Ref<Finalized>> saved;
  auto object = in_cycle(make_resurrecting(saved, finalized));
  auto reached = make_cyclic_node(&deaths);
  reached->second.store(create<Str>("cargo"));
  auto list = create<List>();
  ASSERT_TRUE(list->append(reached));
  object->second.store(list);
  list.reset();
  reached.reset();
  object.reset();
  EXPECT_EQ(collect(), 0u);
  ASSERT_EQ(saved.size(), 1u);
  EXPECT_EQ(deaths.load(), 0);
  auto found = cast<Node>(cast<List>(saved[0]->second.load())->get(0));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->first.load(), found);
  EXPECT_EQ(cast<Str>(found->second.load())->view(), "cargo");
  found.reset();
  saved.clear();
  EXPECT_EQ(collect(), 3u);
  EXPECT_EQ(deaths.load(), 1);
}

TEST_F(Conformance, F12_the_resurrected_is_not_counted_and_all_other_trash_is) {
  constexpr int kOthers = 100;
  int finalized = 0;
  std::atomic<int> deaths{0};
  std::vector<Ref<Finalized>> saved;
  for (int i = 0; i < kOthers; ++i) {
    if (i == 50) in_cycle(make_resurrecting(saved, finalized)).reset();
    make_cyclic_node(&deaths).reset();
    if (i == 51) in_cycle(make_resurrecting(saved, finalized)).reset();
  }
  EXPECT_EQ(collect(), static_cast<std::uint64_t>(kOthers));
  EXPECT_EQ(saved.size(), 2u);
  EXPECT_EQ(deaths.load(), kOthers);
}

TEST_F(Conformance, F13_two_that_were_resurrected_and_dropped_are_collected_as_2) {
  int finalized = 0;
  std::vector<Ref<Finalized>> saved;
  for (int i = 0; i < 2; ++i) in_cycle(make_resurrecting(saved, finalized)).reset();
  for (int i = 0; i < 10; ++i) make_cyclic_node().reset();
  EXPECT_EQ(collect(), 10u);
  ASSERT_EQ(saved.size(), 2u);
  saved.clear();
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(finalized, 2);
}

TEST_F(Conformance, F14_a_finalizer_reaches_no_trash_through_a_weak_reference) {
  int finalized = 0;
  Weak<Node> outside;
  auto trash = make_cyclic_node();
  outside = Weak<Node>(trash);
  auto object = create<Finalized>([&](Finalized& self) {
    ++finalized;
    EXPECT_EQ(outside.lock(), nullptr);
    EXPECT_EQ(cast<WeakReference>(self.second.load())->get(), nullptr);
  });
  object->first.store(object);
  object->second.store(outside.reference());
  trash->second.store(object);
  EXPECT_EQ(outside.lock(), trash);
  trash.reset();
  object.reset();
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(finalized, 1);
}

TEST_F(Conformance, F15_a_finalizer_may_ask_for_a_collection) {
  int nested = 0;
  auto object = create<Finalized>([&](Finalized&) {
    ++nested;
    make_cyclic_list().reset();
    const CollectResult result = gc().collect();
    EXPECT_FALSE(result.completed);
    EXPECT_EQ(result.collected, 0u);
  });
  in_cycle(std::move(object)).reset();
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(nested, 1);
  // On the count no collection runs, so there it is one.
  create<Finalized>([&](Finalized&) {
    ++nested;
    EXPECT_EQ(collect(), 1u);
  }).reset();
  EXPECT_EQ(nested, 2);
}

int finalized_instances = 0;
const Class kWithSlots({.name = "with_slots",
                        .slots = {"a", "b"},
                        .finalize = [](Instance& self) noexcept {
                          ++finalized_instances;
                          EXPECT_EQ(cast<Int>(self.get("a"))->value(), 1);
                          EXPECT_NE(self.get("b"), nullptr);
                        }});

TEST_F(Conformance, F16_slots_can_be_read_in_the_finalizer) {
  finalized_instances = 0;
  for (const bool cyclic : {false, true}) {
    auto instance = create<Instance>(kWithSlots);
    ASSERT_EQ(instance->set("a", create<Int>(1)), Instance::SetResult::done);
    ASSERT_EQ(instance->set("b", cyclic ? Ref<Object>(instance) : none()),
              Instance::SetResult::done);
  }
  EXPECT_EQ(finalized_instances, 1);
  EXPECT_EQ(collect(), 1u);
  EXPECT_EQ(finalized_instances, 2);
}

// Later still nobody has a reference to make one from.
TEST_F(Conformance,
       F18_a_weak_reference_made_by_the_dying_ones_finalizer_dies_with_it) {
  for (const bool cyclic : {false, true}) {
    Weak<Finalized> plain;
    Weak<Finalized> called_back;
    int calls = 0;
    auto object = create<Finalized>([&](Finalized& self) {
      const auto itself = Ref<Finalized>::share(&self);
      plain = Weak<Finalized>(itself);
      called_back =
          Weak<Finalized>(itself, create<Callback>([&](WeakReference& reference) {
                            ++calls;
                            EXPECT_TRUE(reference.is_dead());
                          }));
      EXPECT_EQ(plain.lock(), itself);
    });
    const auto* const address = object.get();
    if (cyclic) object->first.store(object);
    object.reset();
    EXPECT_EQ(collect(), cyclic ? 1u : 0u);
    EXPECT_TRUE(plain.expired() && called_back.expired());
    EXPECT_EQ(calls, cyclic ? 0 : 1);
    // Not even when another object has its place.
    std::vector<Ref<Finalized>> others;
    for (int i = 0; i < 2000; ++i) {
      others.push_back(create<Finalized>([](Finalized&) {}));
      if (others.back().get() == address) break;
    }
    EXPECT_EQ(plain.lock(), nullptr);
    EXPECT_EQ(called_back.lock(), nullptr);
  }
}

}  // namespace
}  // namespace threadmill
