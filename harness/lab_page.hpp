// SPDX-License-Identifier: Apache-2.0
//
// LabPage: the page that `report` makes of the results in a folder. One file, which loads
// nothing; its numbers are in tables, which need no script, and its plots are drawn by a
// library that is in it. Within it, as data: element `plots`, a list of plots (plot.hpp),
// and what the script has drawn of them, element `self-check` (page/report.js).
#pragma once

#include <string>
#include <vector>

#include "harness/lab_sections.hpp"

namespace threadmill {

struct LabFile {
  std::string name;
  std::string trouble;  // not empty: why nothing of it is shown
  LabSection section;
};

// What kind of file it is, its content tells. Never throws Unfit: that is its trouble.
[[nodiscard]] LabFile lab_file_of(std::string name, const std::string& content);

[[nodiscard]] std::string lab_page(const std::string& title,
                                   const std::vector<LabFile>& files);

}  // namespace threadmill
