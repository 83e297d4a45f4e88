// SPDX-License-Identifier: Apache-2.0
//
// Section 3.4: deep structures end in a bounded stack.
#include "tests/conformance/support.hpp"

namespace threadmill {
namespace {

const Class kLink({.name = "link", .slots = {"next"}});

// `depth` containers in each other, of all kinds, each with a member that `make` makes.
template <class Make>
Ref<Object> nest(int depth, Make make_member) {
  Ref<Object> inner = none();
  for (int i = 0; i < depth; ++i) {
    Ref<Object> member = make_member();
    switch (i % 3) {
      case 0: {
        auto list = create<List>();
        if (!list->append(inner) || !list->append(member)) std::abort();
        inner = std::move(list);
        break;
      }
      case 1:
        inner = Tuple::create({inner, member});
        break;
      default: {
        auto dict = create<Dict>();
        if (!dict->set(create<Int>(i), inner) || !dict->set(none(), member))
          std::abort();
        inner = std::move(dict);
      }
    }
  }
  return inner;
}

TEST_F(Conformance, T01_freeing_a_nest_of_150_whose_members_collect_does_not_crash) {
  int finalized = 0;
  int made = 0;
  int asked = 0;
  int completed = 0;
  for (int round = 0; round < 20; ++round) {
    auto outermost = nest(150, [&]() -> Ref<Object> {
      ++made;
      return create<Finalized>([&](Finalized&) {
        if (++finalized % 17 != 0) return;
        ++asked;
        // In a collection, which ends the rest of the nest, another one does nothing.
        completed += gc().collect().completed ? 1 : 0;
      });
    });
    outermost.reset();
    EXPECT_EQ(finalized, made);
  }
  EXPECT_EQ(asked, finalized / 17);
  EXPECT_GE(completed, 20);
}

TEST_F(Conformance, T02_freeing_a_chain_of_50000_instances_with_slots_does_not_crash) {
  Ref<Instance> first;
  std::atomic<int> deaths{0};
  for (int i = 0; i < 50'000; ++i) {
    auto link = create<Instance>(kLink);
    Ref<Object> next = first;
    if (i == 0) next = create<Node>(&deaths);
    ASSERT_EQ(link->set("next", std::move(next)), Instance::SetResult::done);
    first = std::move(link);
  }
  first.reset();
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(runtime_->live_objects(), 0u);
}

TEST_F(Conformance, T03_as_many_are_finalized_as_made_where_finalizers_block) {
  std::atomic<int> made{0};
  std::atomic<int> finalized{0};
  on_threads(2, [&](int) {
    for (int round = 0; round < scaled(100); ++round) {
      (void)nest(60, [&]() -> Ref<Object> {
        made.fetch_add(1);
        return create<Finalized>([&](Finalized&) {
          const Detached blocked;
          rest();
          finalized.fetch_add(1);
        });
      });
    }
  });
  EXPECT_EQ(made.load(), 2 * 60 * scaled(100));
  EXPECT_EQ(finalized.load(), made.load());
}

TEST_F(Conformance, T04_a_target_that_waits_for_its_end_is_dead_to_weak_references) {
  std::vector<Weak<Node>> weak;
  int looks = 0;
  {
    // The members die in one cascade, each after what stands before it in the list. The
    // first finalizer looks at those that have died and wait.
    auto list = create<List>();
    const auto look = [&](Finalized&) {
      ++looks;
      for (const Weak<Node>& target : weak) {
        EXPECT_EQ(target.lock(), nullptr);
        EXPECT_EQ(target.reference()->get(), nullptr);
      }
    };
    ASSERT_TRUE(list->append(create<Finalized>(look)));
    for (int i = 0; i < 10; ++i) {
      auto node = create<Node>();
      weak.emplace_back(node);
      ASSERT_TRUE(list->append(std::move(node)));
    }
    ASSERT_TRUE(list->append(create<Finalized>(look)));
  }
  EXPECT_EQ(looks, 2);
}

}  // namespace
}  // namespace threadmill
