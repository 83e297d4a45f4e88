// SPDX-License-Identifier: Apache-2.0
#include "harness/text_table.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace threadmill {

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {
  for (const Column& column : columns_) widths_.push_back(column.title.size());
}

void TextTable::add(std::vector<std::string> cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    widths_.at(i) = std::max(widths_.at(i), cells[i].size());
  }
  rows_.push_back(std::move(cells));
}

std::vector<std::string> TextTable::lines() const {
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::vector<std::string> all = {line(titles)};
  for (const auto& row : rows_) all.push_back(line(row));
  return all;
}

std::string TextTable::line(const std::vector<std::string>& cells) const {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text += "  ";
    const bool right = columns_[i].align == Align::right;
    text += right ? fmt::format("{:>{}}", cells[i], widths_[i])
                  : fmt::format("{:<{}}", cells[i], widths_[i]);
  }
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

}  // namespace threadmill
