// SPDX-License-Identifier: Apache-2.0
#include "harness/chart.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "harness/markup.hpp"
#include "harness/numbers.hpp"

namespace threadmill {
namespace {

// In units of the drawing, which the page scales.
constexpr double kWidth = 600;
constexpr double kHeight = 140;
constexpr double kTop = 16;
constexpr double kBottom = 118;
constexpr double kLeft = 4;
constexpr double kRight = 596;

struct Step {
  double begin = 0;
  double end = 0;
  double rate = 0;
};

// An interval that is much shorter than the others has no rate worth drawing, and is
// taken together with the next one, or the last with the one before it.
std::vector<ThroughputPoint> without_slivers(
    const std::vector<ThroughputPoint>& points) {
  const double mean = points.back().seconds / static_cast<double>(points.size() - 1);
  std::vector<ThroughputPoint> kept;
  const auto ends_with_sliver = [&] {
    const std::size_t size = kept.size();
    return size > 1 && kept[size - 1].seconds - kept[size - 2].seconds < mean / 2;
  };
  for (const ThroughputPoint& point : points) {
    if (ends_with_sliver()) kept.pop_back();
    kept.push_back(point);
  }
  if (kept.size() > 2 && ends_with_sliver()) kept.erase(kept.end() - 2);
  return kept;
}

std::vector<Step> steps_of(const std::vector<ThroughputPoint>& points) {
  std::vector<Step> steps;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const ThroughputPoint& from = points[i - 1];
    const ThroughputPoint& to = points[i];
    steps.push_back({from.seconds, to.seconds,
                     static_cast<double>(to.operations - from.operations) /
                         (to.seconds - from.seconds)});
  }
  return steps;
}

std::string text(double x, double y, std::string_view anchor, std::string_view words) {
  return fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"{}\">{}</text>", x,
                     y, anchor, escaped_markup(words));
}

std::string drawing(const std::string& label, const std::string& content) {
  return fmt::format(
      "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">"
      "<path class=\"axis\" d=\"M{} {}H{}\"/>{}</svg>\n",
      kWidth, kHeight, escaped_markup(label), kLeft, kBottom, kRight, content);
}

}  // namespace

std::string throughput_chart(const std::vector<ThroughputPoint>& points) {
  if (points.size() < 2) return {};
  const std::vector<Step> steps = steps_of(without_slivers(points));
  double most = 0;
  for (const Step& step : steps) most = std::max(most, step.rate);
  const double length = steps.back().end;
  const auto x = [&](double at) { return kLeft + (kRight - kLeft) * at / length; };
  const auto y = [&](double rate) {
    return kBottom - (most > 0 ? (kBottom - kTop) * rate / most : 0);
  };
  std::string path = fmt::format("M{:.1f} {:.1f}", kLeft, kBottom);
  for (const Step& step : steps)
    path += fmt::format("V{:.1f}H{:.1f}", y(step.rate), x(step.end));
  path += fmt::format("V{:.1f}Z", kBottom);
  const std::string highest = with_unit(most) + "op/s";
  const std::string end = fmt::format("{:.1f} s", length);
  return drawing("throughput: at most " + highest + " within " + end,
                 "<path class=\"area\" d=\"" + path + "\"/>" +
                     text(kLeft, kTop - 4, "start", highest) +
                     text(kLeft, kHeight - 6, "start", "0 s") +
                     text(kRight, kHeight - 6, "end", end));
}

std::string latency_chart(const Latency& latency) {
  if (latency.buckets.empty()) return {};
  const auto logarithm = [](std::uint64_t value) {
    return std::log2(static_cast<double>(value) + 1);
  };
  std::uint64_t most = 1;
  for (const Latency::Bucket& bucket : latency.buckets)
    most = std::max(most, bucket.count);
  const std::uint64_t first = latency.buckets.front().from;
  const std::uint64_t last = latency.buckets.back().to;
  const double scale =
      (kRight - kLeft) / std::max(logarithm(last) - logarithm(first), 0.001);
  const auto x = [&](std::uint64_t value) {
    return kLeft + scale * (logarithm(value) - logarithm(first));
  };
  std::string bars;
  for (const Latency::Bucket& bucket : latency.buckets) {
    const double height = (kBottom - kTop) * logarithm(bucket.count) / logarithm(most);
    bars += fmt::format(
        "<rect class=\"area\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
        "height=\"{:.1f}\"><title>from {} to {}: {}</title></rect>",
        x(bucket.from), kBottom - height, x(bucket.to) - x(bucket.from), height,
        with_time_unit(bucket.from), with_time_unit(bucket.to),
        with_thousands(bucket.count));
  }
  const std::string begin = with_time_unit(first);
  const std::string end = with_time_unit(last);
  return drawing(latency.name + ": histogram from " + begin + " to " + end,
                 bars + text(kLeft, kTop - 4, "start", with_thousands(most)) +
                     text(kLeft, kHeight - 6, "start", begin) +
                     text(kRight, kHeight - 6, "end", end));
}

}  // namespace threadmill
