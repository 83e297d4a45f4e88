// SPDX-License-Identifier: Apache-2.0
#include "runtime/object/dealloc.hpp"

#include "runtime/object/refcount.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class DeallocTest : public ObjectTest {
 protected:
  void build_and_drop(int links) {
    Ref<Link> head;
    for (int i = 0; i < links; ++i) {
      auto link = make<Link>();
      ASSERT_TRUE(link);
      link->next.store(std::move(head));
      head = std::move(link);
    }
    const std::size_t pages = runtime_.arena().pages_in_use();
    head.reset();
    // Every block is free again: as many links need no further page.
    for (int i = 0; i < links; ++i) {
      auto link = make<Link>();
      ASSERT_TRUE(link);
      link->next.store(std::move(head));
      head = std::move(link);
    }
    EXPECT_LE(runtime_.arena().pages_in_use(), pages + 1);
    head.reset();
  }
};

using DeallocTestSlow = DeallocTest;

TEST_F(DeallocTest, a_chain_of_a_hundred_thousand_links_dies_in_bounded_stack) {
  build_and_drop(100'000);
}

TEST_F(DeallocTestSlow, a_chain_of_ten_million_links_dies_in_bounded_stack) {
  build_and_drop(10'000'000);
}

TEST_F(DeallocTest, deaths_inside_a_scope_wait_for_its_end) {
  std::atomic<int> deaths{0};
  auto object = make<Mortal>(deaths);
  {
    const CascadeScope outer(*current());
    {
      const CascadeScope inner(*current());
      object.reset();
    }
    EXPECT_EQ(deaths.load(), 0);
  }
  EXPECT_EQ(deaths.load(), 1);
}

// A destructor that makes and drops objects, and passes safepoints.
struct Busy : Object {
  explicit Busy(std::atomic<int>& counter) : deaths(counter) {}
  ~Busy() {
    for (int i = 0; i < 10; ++i) (void)make<Mortal>(deaths);
    safepoint();
  }
  static constexpr const char* kTypeName = "busy";
  std::atomic<int>& deaths;
};

TEST_F(DeallocTest, a_destructor_may_make_and_drop_objects) {
  std::atomic<int> deaths{0};
  for (int i = 0; i < 100; ++i) (void)make<Busy>(deaths);
  EXPECT_EQ(deaths.load(), 1000);
}

// Drops a reference to itself when it is dead.
struct Zombie : Object {
  ~Zombie() { decref(*this); }
  static constexpr const char* kTypeName = "zombie";
};

TEST_F(DeallocTest, a_destructor_that_uses_its_own_dead_object_is_noticed) {
  EXPECT_DEATH({ (void)make<Zombie>(); }, "dead-objects-have-no-references");
}

}  // namespace
}  // namespace threadmill
