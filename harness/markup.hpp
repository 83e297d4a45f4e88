// SPDX-License-Identifier: Apache-2.0
//
// Foreign text within XML and HTML, as content or as an attribute's value in double
// quotes. Any bytes may come, as in the detail of a check of a heap that is damaged; what
// leaves is UTF-8 that both kinds of parsers take. A library that writes XML would escape
// the five characters, too, but lets control characters through, which no XML may hold.
#pragma once

#include <string>
#include <string_view>

namespace threadmill {

// What is no UTF-8 becomes U+FFFD; control bytes but newline and tab become \x1b.
[[nodiscard]] std::string escaped_markup(std::string_view text);

}  // namespace threadmill
