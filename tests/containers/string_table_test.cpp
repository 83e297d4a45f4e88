// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/string_table.hpp"

#include <map>
#include <string>
#include <vector>

#include "runtime/base/random.hpp"
#include "tests/object/mini_runtime.hpp"

namespace threadmill {
namespace {

class StringTableTest : public ObjectTest {
 protected:
  StringTableTest() { runtime_.world().strings = &table_; }

  StringTable table_;
};

TEST_F(StringTableTest, equal_strings_are_one_object) {
  auto first = intern("word");
  EXPECT_EQ(first->view(), "word");
  EXPECT_EQ(intern("word"), first);
  EXPECT_EQ(intern(make<Str>("word")), first);
  EXPECT_FALSE(intern("wore") == first);
  EXPECT_EQ(intern(""), intern(std::string_view()));
  EXPECT_EQ(refcount(*first), 1);
}

TEST_F(StringTableTest, the_first_string_of_its_text_is_interned_itself) {
  auto string = make<Str>("own");
  EXPECT_FALSE(is_interned(*string));
  EXPECT_EQ(intern(string), string);
  EXPECT_TRUE(is_interned(*string));
  EXPECT_EQ(intern(string), string);
  EXPECT_EQ(intern("own"), string);
  EXPECT_FALSE(is_interned(*make<Str>("own")));
  EXPECT_EQ(intern(Ref<Str>()), nullptr);
}

TEST_F(StringTableTest, the_table_keeps_no_string_alive) {
  {
    auto kept = intern("kept");
    (void)intern("dropped");
    EXPECT_EQ(table_.size(), 1u);
    EXPECT_EQ(refcount(*kept), 1);
  }
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(intern("dropped")->view(), "dropped");
}

// The bytes of a long string stand in a buffer.
TEST_F(StringTableTest, long_strings_are_interned_too) {
  const std::string text(5000, 'x');
  auto string = intern(text);
  EXPECT_EQ(intern(text), string);
  EXPECT_EQ(string->view(), text);
  string.reset();
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(StringTableTest, behaves_like_a_map_while_strings_come_and_go) {
  const std::uint64_t seed = 12;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  std::map<std::string, Ref<Str>> model;
  const auto check = [&model] {
    for (const auto& [text, string] : model) {
      ASSERT_EQ(string->view(), text);
      ASSERT_EQ(intern(text), string);
    }
  };
  for (int round = 0; round < 20; ++round) {
    // Many strings, then few: stripes grow and shrink.
    const std::uint64_t most = round % 2 == 0 ? 3000 : 60;
    for (int step = 0; step < 3000; ++step) {
      std::string text = std::to_string(random.below(4000));
      if (model.size() > most || random.below(3) == 0) {
        if (!model.empty()) model.erase(model.begin()->first);
        model.erase(text);
      } else {
        auto string = intern(text);
        ASSERT_TRUE(model.try_emplace(std::move(text), string).first->second == string);
      }
    }
    while (model.size() > most) model.erase(model.begin());
    check();
    ASSERT_EQ(table_.size(), model.size());
  }
  model.clear();
  EXPECT_EQ(table_.size(), 0u);
}

// D3: what is found is alive, whoever drops it meanwhile; at one moment all have the same.
TEST_F(StringTableTest, threads_that_intern_and_drop_the_same_texts_share_them) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 3000;
  constexpr std::uint64_t kTexts = 8;
  {
    const Detached while_waiting;
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        ASSERT_NE(enter(runtime_.world()), nullptr);
        Random random(mix_seed(21, t));
        for (int i = 0; i < kRounds; ++i) {
          const std::string text = std::to_string(random.below(kTexts));
          const auto first = intern(text);
          ASSERT_EQ(first->view(), text);
          ASSERT_EQ(intern(make<Str>(text)), first);
        }
        leave();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  safepoint();
  EXPECT_EQ(table_.size(), 0u);
}

}  // namespace
}  // namespace threadmill
