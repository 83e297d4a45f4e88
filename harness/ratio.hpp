// SPDX-License-Identifier: Apache-2.0
//
// Ratio: how many times as long B takes as A, and the interval that the true ratio is in.
// No distribution of the times is assumed where repetitions are known; what is assumed is
// that they are independent of each other.
//
//   of samples   the median of b/a over all pairs (Hodges and Lehmann), with the interval
//                of Moses: those ratios between which the rank test of Mann and Whitney
//                does not refuse that B is A times that. M. Hollander, D. Wolfe and
//                E. Chicken, Nonparametric Statistical Methods, section 4.3.
//   of pairs     the median of ratios that were each measured side by side, with the
//                interval of the sign test: two of their order statistics. Section 3.6
//                there.
//   of means     the ratio of two means whose deviations are known, with the interval of
//                Welch's test for logarithms: where a file has no repetitions.
//
// An interval has 95 %, or as much of it as so few repetitions allow: from 3 of each kind
// (90 %), 5 pairs (93.75 %) or 2 with known deviations on. Below there is none.
#pragma once

#include <cstdint>
#include <vector>

namespace threadmill {

struct Ratio {
  double value = 1;
  double low = 0;
  double high = 0;
  double confidence = 0;  // 0: there is no interval

  [[nodiscard]] bool has_interval() const { return confidence > 0; }
  [[nodiscard]] bool is_above(double bound) const {
    return has_interval() && low > bound;
  }
  [[nodiscard]] bool is_below(double bound) const {
    return has_interval() && high < bound;
  }
};

struct Spread {
  double mean = 0;
  double deviation = -1;  // below 0: not known
  std::uint64_t count = 0;
};

// All values are finite and above 0, and no list is empty.
[[nodiscard]] Ratio ratio_of_samples(std::vector<double> a, std::vector<double> b);
[[nodiscard]] Ratio ratio_of_pairs(std::vector<double> ratios);
[[nodiscard]] Ratio ratio_of_means(const Spread& a, const Spread& b);

}  // namespace threadmill
