// SPDX-License-Identifier: Apache-2.0
#include "harness/markup.hpp"

#include <gtest/gtest.h>

#include "tests/harness/xml.hpp"

namespace threadmill {
namespace {

TEST(Markup, leaves_plain_text_alone) {
  EXPECT_EQ(escaped_markup("hot-object: 3 \xc3\xa9 'x'"), "hot-object: 3 \xc3\xa9 'x'");
}

TEST(Markup, escapes_what_means_something) {
  EXPECT_EQ(escaped_markup("<a b=\"c\">&\n\t"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&#10;&#9;");
}

TEST(Markup, shows_control_bytes_and_replaces_what_is_no_text) {
  EXPECT_EQ(escaped_markup(std::string_view("\0\x1b\r\x7f", 4)),
            "\\x00\\x1b\\x0d\\x7f");
  EXPECT_EQ(escaped_markup("a\xff"
                           "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(escaped_markup("\xed\xa0\x80").find('\xed'), std::string::npos)
      << "a surrogate";
  EXPECT_EQ(escaped_markup("\xef\xbf\xbf"), "\xef\xbf\xbd") << "a noncharacter";
}

TEST(Markup, every_byte_in_every_neighbourhood_is_valid_xml) {
  std::string text;
  for (int first = 0; first < 256; ++first) {
    for (const int second : {0x00, 0x78, 0x80, 0xbf, 0xff})
      text += {static_cast<char>(first), static_cast<char>(second)};
  }
  const std::string escaped = escaped_markup(text);
  const nlohmann::json root =
      parsed_xml("<x y=\"" + escaped + "\">" + escaped + "</x>");
  ASSERT_TRUE(root.is_object());
  EXPECT_EQ(root["text"], root["attributes"]["y"]) << "both keep all of it";
}

}  // namespace
}  // namespace threadmill
