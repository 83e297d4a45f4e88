// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/page_list.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"

namespace threadmill {
namespace {

using List = PageList<&Page::empty>;

TEST(PageList, is_empty_at_first) {
  const List list;
  EXPECT_EQ(list.first(), nullptr);
  EXPECT_EQ(list.last(), nullptr);
}

TEST(PageList, has_the_order_of_a_deque_whatever_is_done) {
  constexpr std::uint64_t kSeed = 83;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Random random(kSeed);
  std::vector<Page> pages(20);
  std::vector<Page*> outside;
  for (Page& page : pages) outside.push_back(&page);
  std::deque<Page*> model;
  List list;
  for (int step = 0; step < 5000; ++step) {
    const std::uint64_t choice = random.below(3);
    if (choice < 2 && !outside.empty()) {
      Page* page = outside.back();
      outside.pop_back();
      if (choice == 0) {
        list.push_front(*page);
        model.push_front(page);
      } else {
        list.push_back(*page);
        model.push_back(page);
      }
    } else if (!model.empty()) {
      const auto place =
          model.begin() + static_cast<std::ptrdiff_t>(random.below(model.size()));
      list.remove(**place);
      outside.push_back(*place);
      model.erase(place);
    }
    std::vector<Page*> forward;
    for (Page* page = list.first(); page != nullptr; page = list.after(*page))
      forward.push_back(page);
    ASSERT_TRUE(std::equal(forward.begin(), forward.end(), model.begin(), model.end()));
    std::vector<Page*> backward;
    for (Page* page = list.last(); page != nullptr; page = list.before(*page))
      backward.push_back(page);
    ASSERT_TRUE(
        std::equal(backward.begin(), backward.end(), model.rbegin(), model.rend()));
  }
}

}  // namespace
}  // namespace threadmill
