// SPDX-License-Identifier: Apache-2.0
//
// What the pages of this program have in common: they load nothing, run nothing but the
// scripts that are in them with the page's nonce, and are read in light and dark. Words may
// be anything; "rows", "classes" and "tag" are ours.
#pragma once

#include <string>
#include <string_view>

namespace threadmill {

// From the doctype to the end of <head>. Without a nonce, no script runs.
[[nodiscard]] std::string page_head(const std::string& title,
                                    const std::string& nonce = "",
                                    std::string_view more_style = "");

[[nodiscard]] std::string element(std::string_view tag,
                                  std::string_view classes,
                                  std::string_view words);

[[nodiscard]] std::string scrolling_table(const std::string& rows);
[[nodiscard]] std::string row_of_two(std::string_view name, std::string_view value);

// For a <script> element that holds data.
[[nodiscard]] std::string json_within_page(const std::string& json);

}  // namespace threadmill
