// SPDX-License-Identifier: Apache-2.0
//
// TextTable: rows of words in aligned columns.
#pragma once

#include <string>
#include <vector>

namespace threadmill {

class TextTable {
 public:
  enum class Align { left, right };

  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns);

  void add(std::vector<std::string> cells);  // as many as there are columns

  // One text per row, the titles first, without newlines or trailing blanks.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  [[nodiscard]] std::string line(const std::vector<std::string>& cells) const;

  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace threadmill
