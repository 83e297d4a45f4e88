// SPDX-License-Identifier: Apache-2.0
//
// XML by a strict parser that is not ours: Python's, over expat.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace threadmill {

// {"tag", "attributes": {}, "text", "children": [...]}; an empty text where there is none.
// Null: it is not well-formed.
[[nodiscard]] nlohmann::json parsed_xml(const std::string& text);

}  // namespace threadmill
