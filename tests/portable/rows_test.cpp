// SPDX-License-Identifier: Apache-2.0
//
// Every portable row over the models that link everywhere: its answer is right. Those of
// the other peers are run by their own executables (tests/harness/peers_test.cpp).
#include "workloads/portable/rows.hpp"

#include <gtest/gtest.h>

#include "harness/bench/models/intrusive_ptr.hpp"
#include "harness/bench/models/shared_ptr.hpp"
#include "harness/bench/models/threadmill.hpp"
#include "tests/portable/drive.hpp"

namespace threadmill::portable {
namespace {

template <class M>
class Rows : public ::testing::Test {
 protected:
  // Operations that make a chain of 10,000 are fewer.
  template <class Row>
  static void expect_right(unsigned threads) {
    const std::uint64_t iterations = 2000 / Row::kInfo.objects + 3;
    EXPECT_EQ((drive<M, Row>(threads, iterations)), "")
        << Row::kInfo.name << " with " << threads << " threads";
  }

  [[maybe_unused]] const typename M::Process process_{};
};

using Models = ::testing::
    Types<bench::ThreadmillModel, bench::SharedPtrModel, bench::IntrusivePtrModel>;
TYPED_TEST_SUITE(Rows, Models);

TYPED_TEST(Rows, are_right_with_any_number_of_threads) {
  for_each_row<TypeParam>([]<class Row>() {
    if (Row::kInfo.threads != Threads::kPairs)
      TestFixture::template expect_right<Row>(1);
    if (Row::kInfo.threads == Threads::kOne) return;
    TestFixture::template expect_right<Row>(2);
    TestFixture::template expect_right<Row>(4);
  });
}

TYPED_TEST(Rows, have_names_and_purposes_of_their_own) {
  std::vector<std::string> names;
  for_each_row<TypeParam>([&names]<class Row>() {
    EXPECT_NE(Row::kInfo.purpose, std::string());
    names.emplace_back(Row::kInfo.name);
  });
  EXPECT_GE(names.size(), 15u);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace threadmill::portable
