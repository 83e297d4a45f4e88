// SPDX-License-Identifier: Apache-2.0
#include "harness/plot.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/markup.hpp"
#include "harness/page.hpp"

namespace threadmill {
namespace {

using Json = nlohmann::ordered_json;

// Pixels.
constexpr std::size_t kHeight = 280;
constexpr std::size_t kFrame = 90;  // axis, title and legend
constexpr std::size_t kLane = 26;
constexpr std::size_t kBar = 9;

const char* name_of(Plot::Kind kind) {
  switch (kind) {
    case Plot::Kind::line:
      return "line";
    case Plot::Kind::steps:
      return "steps";
    case Plot::Kind::bars:
      return "bars";
    case Plot::Kind::spans:
      break;
  }
  return "spans";
}

Json json_of(const PlotAxis& axis) {
  return {{"title", axis.title},
          {"log", axis.logarithmic},
          {"unit", axis.in_nanoseconds ? "ns" : ""},
          {"base", axis.base},
          {"whole", axis.whole}};
}

Json json_of(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json();
}

std::size_t height_of(const Plot& plot) {
  if (plot.kind == Plot::Kind::spans) return kFrame + kLane * plot.labels.size();
  if (plot.kind != Plot::Kind::bars) return kHeight;
  const std::size_t lane = std::max(kLane, kBar * plot.series.size() + kBar);
  return kFrame + lane * plot.labels.size();
}

}  // namespace

Json plot_json(const Plot& plot, const std::string& id) {
  Json all = Json::array();
  for (const PlotSeries& series : plot.series) {
    Json points = Json::array();
    for (const auto& point : series.points) {
      if (plot.kind == Plot::Kind::bars) {
        points.push_back(json_of(point.front()));
        continue;
      }
      Json numbers = Json::array();
      for (const auto& value : point) numbers.push_back(json_of(value));
      points.push_back(std::move(numbers));
    }
    all.push_back({{"name", series.name}, {"points", std::move(points)}});
  }
  return {{"id", id},
          {"title", plot.title},
          {"kind", name_of(plot.kind)},
          {"x", json_of(plot.x)},
          {"y", json_of(plot.y)},
          {"labels", plot.labels},
          {"series", std::move(all)}};
}

std::string plot_figure(const Plot& plot, const std::string& id) {
  return fmt::format(
      "<figure>{}<div class=\"plot\" style=\"height: {}px\"><canvas id=\"{}\" "
      "role=\"img\" aria-label=\"{}\"></canvas></div></figure>\n",
      element("figcaption", "", plot.title), height_of(plot), id,
      escaped_markup(plot.title));
}

}  // namespace threadmill
