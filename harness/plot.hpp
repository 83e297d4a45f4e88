// SPDX-License-Identifier: Apache-2.0
//
// Plot: what a page's script draws (page/report.js). Its JSON is an element of the page's
// list of plots:
//
//   {"id", "title", "kind", "labels": [text], "x": axis, "y": axis,
//    "series": [{"name", "points": [...]}]}        axis: {"title", "log", "unit", "base",
//    "whole"}
//
//   kind     points
//   line     [x, y]
//   steps    [x, y]: y until x
//   bars     a value or null for each of the labels, lying
//   spans    [from, to, index of the label whose lane it is in], lying
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace threadmill {

struct PlotAxis {
  std::string title;
  bool logarithmic = false;
  bool in_nanoseconds = false;  // shown with the unit that fits
  double base = 0;              // where lying bars begin
  bool whole = false;           // whole numbers only, from the first of them
};

struct PlotSeries {
  std::string name;
  std::vector<std::vector<std::optional<double>>> points;  // bars: one value each
};

struct Plot {
  enum class Kind { line, steps, bars, spans };

  std::string title;
  Kind kind = Kind::line;
  PlotAxis x;
  PlotAxis y;
  std::vector<std::string> labels;
  std::vector<PlotSeries> series;
};

[[nodiscard]] nlohmann::ordered_json plot_json(const Plot& plot, const std::string& id);

// The place in the page where the script draws it.
[[nodiscard]] std::string plot_figure(const Plot& plot, const std::string& id);

}  // namespace threadmill
