// SPDX-License-Identifier: Apache-2.0
//
// What is no ObjectModel is refused, and the rows notice a model that is wrong.
#include <gtest/gtest.h>

#include "harness/bench/models/shared_ptr.hpp"
#include "tests/portable/drive.hpp"
#include "tests/portable/wrong_models.hpp"
#include "workloads/portable/counts.hpp"
#include "workloads/portable/create_drop.hpp"
#include "workloads/portable/dicts.hpp"
#include "workloads/portable/hand_off.hpp"
#include "workloads/portable/lists.hpp"
#include "workloads/portable/scaling.hpp"
#include "workloads/portable/trees.hpp"

namespace threadmill::portable {
namespace {

using Right = CountedModel<Wrong::kNothing>;
static_assert(ObjectModel<Right>);

// --- not models ---

struct NoDeathsKnown : Right {
  static constexpr std::nullptr_t kDiesAtOnce = nullptr;
};
static_assert(!ObjectModel<NoDeathsKnown>);

struct ForgetsToPoll : bench::SharedPtrModel {
 private:
  using bench::SharedPtrModel::poll;
};
static_assert(!ObjectModel<ForgetsToPoll>);

struct ThreadsAreCopies : bench::SharedPtrModel {
  struct Thread {
    explicit Thread(World& /*world*/) {}
  };
};
static_assert(!ObjectModel<ThreadsAreCopies>);

struct OnlyMoves : bench::SharedPtrModel {
  using Ref = std::unique_ptr<Object>;
};
static_assert(!ObjectModel<OnlyMoves>);

static_assert(HasWeak<bench::SharedPtrModel> && !HasWeak<Right>);

// --- wrong models ---

template <class M>
struct WithItemsMixedUp : M {
  using Ref = typename M::Ref;
  static Ref item(const Ref& ref, std::size_t place) { return M::item(ref, place ^ 1); }
  static Ref get(const Ref& ref, const Ref& key) {
    return M::get(ref, M::value(key) % 100 == 7 ? M::number(M::value(key) - 1) : key);
  }
  static Ref linked(const Ref& ref, std::size_t place) {
    return place == 1 ? Ref() : M::linked(ref, place);
  }
};

// What is put somewhere does not arrive.
template <class M>
struct Forgetful : M {
  using Ref = typename M::Ref;
  static void append(const Ref& ref, const Ref& /*item*/) { M::append(ref, Ref()); }
  static void set(const Ref& ref, const Ref& key, const Ref& value) {
    if (!M::get(ref, key)) M::set(ref, key, value);
  }
  static void link(const Ref& ref, std::size_t place, Ref target) {
    if (!M::linked(ref, place)) M::link(ref, place, std::move(target));
  }
};
template <class M>
struct SetsNothing : M {
  using Ref = typename M::Ref;
  static void set(const Ref& ref, const Ref& key, const Ref& /*value*/) {
    M::set(ref, key, M::number(0));
  }
};

template <class M>
using Methods = Scaling<M, Shape::kPymethod, false>;
template <class M>
using NewDicts = Scaling<M, Shape::kCreateDict, false>;

template <class M, template <class> class Row>
std::string verdict(unsigned threads, std::uint64_t iterations = 5000) {
  return drive<M, Row<M>>(threads, iterations);
}

TEST(WrongModel, a_right_one_passes) {
  EXPECT_EQ((verdict<Right, OwnCounts>(1)), "");
  EXPECT_EQ((verdict<Right, HotCounts>(2)), "");
  EXPECT_EQ((verdict<Right, HandOff>(2)), "");
  EXPECT_EQ((verdict<Right, CreatePair>(1)), "");
}

TEST(WrongModel, a_copy_that_is_not_counted_is_noticed) {
  using Wrong = CountedModel<Wrong::kCopy>;
  EXPECT_EQ((verdict<Wrong, OwnCounts>(1)),
            "the object has died while it was referred to");
  EXPECT_EQ((verdict<Wrong, ForeignCounts>(2)),
            "the object has died while it was referred to");
  EXPECT_EQ((verdict<Wrong, HotCounts>(2)),
            "the object has died while it was referred to");
  EXPECT_EQ((verdict<Wrong, CreatePair>(1)),
            "a part has died while it was referred to");
  EXPECT_EQ((verdict<Wrong, ListAppend>(1)),
            "the item has died while it was referred to");
}

TEST(WrongModel, a_drop_that_is_not_counted_is_noticed) {
  using Wrong = CountedModel<Wrong::kDrop>;
  EXPECT_EQ((verdict<Wrong, OwnCounts>(1)),
            "the object did not die with its last reference");
  EXPECT_EQ((verdict<Wrong, HotCounts>(2)),
            "the object did not die with its last reference");
  // Of 64 objects one is looked at.
  EXPECT_EQ((verdict<Wrong, HandOff>(2, 200'000)),
            "an object did not die with its last reference");
  EXPECT_EQ((verdict<Wrong, CreateNode>(1, 200'000)),
            "a node did not die with its last reference");
  EXPECT_EQ((verdict<Wrong, CreatePair>(1)), "a part is still referred to");
}

TEST(WrongModel, what_is_read_from_a_wrong_place_is_noticed) {
  using Wrong = WithItemsMixedUp<Right>;
  static_assert(ObjectModel<Wrong>);
  EXPECT_EQ((verdict<Wrong, ListRead>(1, 100)), "what was read is not what is there");
  EXPECT_EQ((verdict<Wrong, DictRead>(2, 2000)), "what was read is not what is there");
  EXPECT_EQ((verdict<Wrong, Trees>(1, 3)), "a node is missing");
}

TEST(WrongModel, what_is_written_and_does_not_arrive_is_noticed) {
  using Wrong = Forgetful<Right>;
  static_assert(ObjectModel<Wrong>);
  EXPECT_EQ((verdict<Wrong, ListAppend>(1)), "an item is lost");
  EXPECT_EQ((verdict<Wrong, DictReadMostly>(2)), "the dict is not what was written");
  EXPECT_EQ((verdict<Wrong, Methods>(1)),
            "an object was not the one that it should be");
  EXPECT_EQ((verdict<SetsNothing<Right>, NewDicts>(1)),
            "an object was not the one that it should be");
  EXPECT_EQ((verdict<Right, ListAppend>(1)), "");
  EXPECT_EQ((verdict<Right, DictReadMostly>(2)), "");
  EXPECT_EQ((verdict<Right, Methods>(1)), "");
  EXPECT_EQ((verdict<Right, NewDicts>(1)), "");
}

}  // namespace
}  // namespace threadmill::portable
