// SPDX-License-Identifier: Apache-2.0
//
// Each state of a header that is none is found, and named with the object.
#include "runtime/object/header_check.hpp"

#include "runtime/object/immortal.hpp"
#include "runtime/object/refcount.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

using namespace shared_word;

class HeaderCheckTest : public ObjectTest {
 protected:
  [[nodiscard]] Slot& self() { return *current(); }

  void check(const Object& object, bool is_live = true) {
    const StoppedWorld pause(self());
    check_header(object, is_live, runtime_.world().slot_count());
  }
};

TEST_F(HeaderCheckTest, every_state_of_a_live_object_passes) {
  TM_NEEDS_OWNERS();
  const auto object = make<Link>();
  check(*object);
  incref(*object);
  check(*object);
  for (const std::int32_t shared :
       {make(0, kPlain), make(3, kPlain), make(1, kMaybeWeak), make(-1, kQueued),
        make(0, kQueued), make(kCountLimit, kMaybeWeak)}) {
    set_counts_for_test(*object, 2, shared);
    check(*object);
  }
  set_counts_for_test(*object, 2, make(0, kPlain));
  decref(*object);
  make_immortal_owned(*object);
  check(*object);
  set_counts_for_test(*object, 1, make(0, kPlain));
}

TEST_F(HeaderCheckTest, a_merged_object_and_then_its_dead_block_pass) {
  auto object = make<Link>();
  ASSERT_FALSE(merge(*object, 1));
  check(*object);
  decref(*object);
  Object* block = object.release();
  decref(*block);
  check(*block, false);
}

TEST_F(HeaderCheckTest, fresh_blocks_pass_as_dead_ones) {
  const auto object = make<Link>();
  Page& page = page_of(object.get());
  ASSERT_GT(page.handed_out, 1u);
  const auto& fresh = *static_cast<const Object*>(page.block(page.handed_out - 1));
  check(fresh, false);
}

class HeaderCheckDeathTest : public HeaderCheckTest {
 protected:
  HeaderCheckDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  void expect_death(std::uint64_t local, std::int32_t shared, const char* what) {
    const auto object = make<Link>();
    set_counts_for_test(*object, local, shared);
    EXPECT_DEATH(check(*object), what);
    set_counts_for_test(*object, 1, make(0, kPlain));
  }
};

TEST_F(HeaderCheckDeathTest, names_the_invariant_and_the_object) {
  TM_NEEDS_OWNERS();
  expect_death(1, make(1, kMerged),
               "header-state: H2: an object with an owner is merged; object 0x");
}

TEST_F(HeaderCheckDeathTest, finds_an_object_without_owner_that_is_not_merged) {
  const auto object = make<Link>();
  object->word0.store(0, relaxed);
  object->shared.store(make(1, kMaybeWeak), relaxed);
  EXPECT_DEATH(check(*object), "H2: a live object has no owner and is not merged");
  set_counts_for_test(*object, 1, make(0, kPlain));
}

TEST_F(HeaderCheckDeathTest, finds_counts_that_no_state_allows) {
  TM_NEEDS_OWNERS();
  expect_death(0, make(1, kPlain), "H6");
  expect_death(word0::kLocalLimit + 1, make(0, kPlain), "H6");
  expect_death(2, make(-1, kMaybeWeak), "H1: a shared count is negative");
  expect_death(1, make(-1, kQueued), "H1: nobody has a reference");
}

TEST_F(HeaderCheckDeathTest, finds_a_dead_block_that_lets_itself_be_referenced) {
  TM_NEEDS_OWNERS();
  const auto object = make<Link>();
  EXPECT_DEATH(check(*object, false), "H5: a dead block has an owner");
  object->word0.store(0, relaxed);
  object->shared.store(make(1, kMerged), relaxed);
  EXPECT_DEATH(check(*object, false), "H5: a dead block does not refuse");
  set_counts_for_test(*object, 1, make(0, kPlain));
}

TEST_F(HeaderCheckDeathTest, finds_a_merge_of_what_is_in_no_state_to_be_merged) {
  if constexpr (!kHeaderChecks) GTEST_SKIP() << "this build does not check";
  const auto object = make<Link>();
  set_counts_for_test(*object, 1, make(0, kMerged));
  EXPECT_DEATH((void)merge(*object, 0), "header-state");
  set_counts_for_test(*object, 1, make(0, kPlain));
}

}  // namespace
}  // namespace threadmill
