// SPDX-License-Identifier: Apache-2.0
//
// How many bytes containers take, buffers included: no more than was promised.
#include <cstdint>

#include "runtime/containers/dict.hpp"
#include "runtime/containers/instance.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/containers/number.hpp"
#include "runtime/containers/string_table.hpp"
#include "runtime/containers/tuple.hpp"
#include "runtime/memory/page.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

const Class kOpen({.name = "open_budget", .has_dict = true});
const Class kTriple({.name = "triple", .slots = {"first", "second", "third"}});

class BudgetTest : public ObjectTest {
 protected:
  static std::size_t bytes_of(const Ref<Object>& object) {
    return page_of(object.get()).block_bytes;
  }
};

TEST_F(BudgetTest, a_float_takes_24_bytes) {
  EXPECT_LE(bytes_of(make<Float>(0.5)), 24u);
}

TEST_F(BudgetTest, a_pair_takes_40_bytes) {
  const Ref<Object> half = make<Float>(0.5);
  EXPECT_LE(bytes_of(Tuple::create({half, half})), 40u);
}

TEST_F(BudgetTest, an_empty_list_takes_32_bytes) {
  EXPECT_LE(bytes_of(make<List>()), 32u);
}

TEST_F(BudgetTest, an_instance_with_three_slots_takes_40_bytes) {
  EXPECT_LE(bytes_of(make<Instance>(kTriple)), 40u);
}

TEST_F(BudgetTest, an_instance_with_five_attributes_takes_120_bytes) {
  StringTable strings;
  runtime_.world().strings = &strings;
  const Ref<Object> half = make<Float>(0.5);
  std::size_t bytes = 0;
  for (int i = 0; i < 2; ++i) {  // the second one knows how many there will be
    const auto open = make<Instance>(kOpen);
    for (const char* name : {"a", "b", "c", "d", "e"})
      ASSERT_EQ(open->set(name, half), Instance::SetResult::done);
    bytes = bytes_of(open);
    EdgeBuffer held([&bytes](const Object& attributes) noexcept {
      bytes += page_of(&attributes).block_bytes;
    });
    type_of(*open).traverse(*open, held);
    held.finish();
  }
  EXPECT_LE(bytes, 120u);
}

TEST_F(BudgetTest, a_dict_of_five_integer_keys_takes_at_most_176_bytes) {
  const auto dict = make<Dict>();
  for (std::int64_t i = 0; i < 5; ++i)
    ASSERT_TRUE(dict->set(make<Int>(i), make<Int>(i)));
  EXPECT_LE(bytes_of(dict) + dict->table_bytes(), 176u);
}

}  // namespace
}  // namespace threadmill
