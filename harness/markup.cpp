// SPDX-License-Identifier: Apache-2.0
#include "harness/markup.hpp"

#include <fmt/format.h>

#include "harness/report_json.hpp"

namespace threadmill {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

void append(std::string& out, char c) {
  switch (c) {
    case '&':
      out += "&amp;";
      return;
    case '<':
      out += "&lt;";
      return;
    case '>':
      out += "&gt;";
      return;
    case '"':
      out += "&quot;";
      return;
    case '\n':
    case '\t':  // as themselves they would become blanks in an attribute
      out += fmt::format("&#{};", static_cast<int>(c));
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7f) {
    out += fmt::format("\\x{:02x}", static_cast<unsigned>(byte));
  } else {
    out += c;
  }
}

// XML has no place for U+FFFE and U+FFFF either.
void replace_noncharacters(std::string& text) {
  for (const std::string_view no : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {
    for (std::size_t at = 0; (at = text.find(no, at)) != std::string::npos;)
      text.replace(at, no.size(), kReplacement);
  }
}

}  // namespace

std::string escaped_markup(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) append(out, c);
  replace_noncharacters(out);
  return out;
}

}  // namespace threadmill
