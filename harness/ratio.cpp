// SPDX-License-Identifier: Apache-2.0
#include "harness/ratio.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <boost/math/distributions/students_t.hpp>

#include "harness/bench_file.hpp"

namespace threadmill {
namespace {

constexpr double kTail = 0.025;  // on each side of an interval of 95 %
constexpr double kLeastConfidence = 0.9 - 1e-9;
constexpr double kNormalQuantile = 1.959963984540054;  // of 1 - kTail
constexpr std::size_t kMostExact = 25;                 // then the normal approximation
constexpr std::size_t kMostPairsExact = 500;

// The interval is from the rank-th smallest of some ordered values to the rank-th largest.
struct Rank {
  std::size_t rank = 1;
  double confidence = 0;
};

// `counts[u]`: in how many of all equally likely cases the statistic is u.
Rank rank_in(const std::vector<double>& counts) {
  double all = 0;
  for (const double count : counts) all += count;
  double below = counts.front();
  std::size_t rank = 1;
  while (rank < counts.size() && (below + counts[rank]) / all <= kTail)
    below += counts[rank++];
  return {rank, 1 - 2 * below / all};
}

Rank rank_by_approximation(double mean, double deviation) {
  const double rank = std::floor(mean + 0.5 - kNormalQuantile * deviation);
  return {static_cast<std::size_t>(std::max(rank, 1.0)), 1 - 2 * kTail};
}

// How many of the arrangements of m values among n others have u pairs out of order: what
// comes last is one of the m, and then before n others, or it is one of the others.
std::vector<double> mann_whitney_counts(std::size_t m, std::size_t n) {
  std::vector<std::vector<double>> of(m + 1, std::vector<double>(m * n + 1, 0));
  for (auto& counts : of) counts[0] = 1;
  for (std::size_t others = 1; others <= n; ++others) {
    for (std::size_t own = 1; own <= m; ++own) {
      for (std::size_t u = own * others; u >= others; --u)
        of[own][u] += of[own - 1][u - others];
    }
  }
  return of[m];
}

Rank mann_whitney_rank(std::size_t m, std::size_t n) {
  if (std::max(m, n) <= kMostExact) return rank_in(mann_whitney_counts(m, n));
  const auto x = static_cast<double>(m);
  const auto y = static_cast<double>(n);
  return rank_by_approximation(x * y / 2, std::sqrt(x * y * (x + y + 1) / 12));
}

Rank sign_rank(std::size_t pairs) {
  const auto n = static_cast<double>(pairs);
  if (pairs > kMostPairsExact) return rank_by_approximation(n / 2, std::sqrt(n) / 2);
  std::vector<double> counts = {1};
  for (std::size_t k = 1; k <= pairs; ++k) {
    counts.push_back(counts.back() * static_cast<double>(pairs - k + 1) /
                     static_cast<double>(k));
  }
  return rank_in(counts);
}

// The differences of all pairs of two ordered lists, in order, without writing down each.
class Differences {
 public:
  Differences(std::vector<double> from, std::vector<double> to)
      : from_(std::move(from)), to_(std::move(to)) {
    std::sort(from_.begin(), from_.end());
    std::sort(to_.begin(), to_.end());
  }

  [[nodiscard]] std::size_t size() const { return from_.size() * to_.size(); }

  [[nodiscard]] double smallest(std::size_t rank) const {  // from 1
    double low = to_.front() - from_.back();
    double high = to_.back() - from_.front();
    if (count_up_to(low) >= rank) return low;
    // Halves until no number is between the two.
    for (;;) {
      const double middle = low + (high - low) / 2;
      if (middle <= low || middle >= high) return high;
      (count_up_to(middle) >= rank ? high : low) = middle;
    }
  }

  [[nodiscard]] double median() const {
    const double upper = smallest(size() / 2 + 1);
    return size() % 2 == 1 ? upper : (smallest(size() / 2) + upper) / 2;
  }

 private:
  [[nodiscard]] std::size_t count_up_to(double bound) const {
    std::size_t count = 0;
    std::size_t i = from_.size();
    std::size_t too_small = 0;
    // As `to` grows, more of `from` are too small for it.
    for (const double value : to_) {
      while (too_small < i && value - from_[too_small] > bound) ++too_small;
      count += i - too_small;
    }
    return count;
  }

  std::vector<double> from_;
  std::vector<double> to_;
};

std::vector<double> logarithms(std::vector<double> values) {
  for (double& value : values) value = std::log(value);
  return values;
}

Ratio with_interval(double value, double low, double high, double confidence) {
  if (confidence < kLeastConfidence) return {value, 0, 0, 0};
  return {value, low, high, confidence};
}

}  // namespace

Ratio ratio_of_samples(std::vector<double> a, std::vector<double> b) {
  const Rank rank = mann_whitney_rank(a.size(), b.size());
  const Differences differences(logarithms(std::move(a)), logarithms(std::move(b)));
  const std::size_t last = differences.size() + 1 - rank.rank;
  return with_interval(
      std::exp(differences.median()), std::exp(differences.smallest(rank.rank)),
      std::exp(differences.smallest(std::max(last, rank.rank))), rank.confidence);
}

Ratio ratio_of_pairs(std::vector<double> ratios) {
  std::sort(ratios.begin(), ratios.end());
  const Rank rank = sign_rank(ratios.size());
  const std::size_t first = std::min(rank.rank, ratios.size()) - 1;
  const std::size_t last = ratios.size() - 1 - first;
  return with_interval(median_of(ratios), ratios[std::min(first, last)],
                       ratios[std::max(first, last)], rank.confidence);
}

Ratio ratio_of_means(const Spread& a, const Spread& b) {
  const double value = b.mean / a.mean;
  if (a.count < 2 || b.count < 2 || a.deviation < 0 || b.deviation < 0)
    return {value, 0, 0, 0};
  // Of the logarithm of a mean, as far as the deviation is small against it.
  const auto variance_of = [](const Spread& spread) {
    const double relative = spread.deviation / spread.mean;
    return relative * relative / static_cast<double>(spread.count);
  };
  const double variance_a = variance_of(a);
  const double variance_b = variance_of(b);
  const double variance = variance_a + variance_b;
  if (variance <= 0) return {value, value, value, 1 - 2 * kTail};
  const double freedom = variance * variance /
                         (variance_a * variance_a / static_cast<double>(a.count - 1) +
                          variance_b * variance_b / static_cast<double>(b.count - 1));
  if (!std::isfinite(variance) || !(freedom > 0)) return {value, 0, 0, 0};
  const double quantile = boost::math::quantile(
      boost::math::students_t_distribution<double>(freedom), 1 - kTail);
  const double reach = std::exp(quantile * std::sqrt(variance));
  return {value, value / reach, value * reach, 1 - 2 * kTail};
}

}  // namespace threadmill
