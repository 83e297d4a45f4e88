// SPDX-License-Identifier: Apache-2.0
//
// Histogram: how often which value occurred, in a fixed size, after G. Tene's
// HdrHistogram. Buckets are log-linear: each power of two is cut into eight, so what is
// said of a value is wrong by at most a sixteenth of it. Recording is a few instructions
// and allocates nothing.
//
// One thread uses it at a time.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "runtime/base/config.hpp"

namespace threadmill {

class Histogram {
 public:
  // Values from 2^kTopBit on share the last bucket; of nanoseconds that is 18 minutes.
  // The explorer makes thousands of runtimes a second, and its clock stands still.
  static constexpr unsigned kTopBit = kExplored ? 4 : 40;

  void record(std::uint64_t value) noexcept {
    ++counts_[index_of(value)];
    ++count_;
    if (value > max_) max_ = value;
  }

  // Everything that `other` recorded.
  void merge(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    if (other.max_ > max_) max_ = other.max_;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }  // exact

  // The value that `percent` of those recorded do not exceed; 0 if there are none.
  // `percent` is in [0, 100].
  [[nodiscard]] std::uint64_t percentile(double percent) const noexcept {
    const double rank = std::ceil(percent / 100 * static_cast<double>(count_));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i + 1 < kBuckets; ++i) {
      below += counts_[i];
      if (counts_[i] == 0 || static_cast<double>(below) < rank) continue;
      const std::uint64_t middle = first_of(i) + (first_of(i + 1) - first_of(i)) / 2;
      return middle < max_ ? middle : max_;
    }
    return max_;
  }

  // Of the buckets that are not empty, ascending: `visit(from, to, count)` with the
  // values in [from, to).
  template <class Visit>
  void for_each_bucket(Visit visit) const {
    for (std::size_t i = 0; i < kBuckets; ++i) {
      if (counts_[i] == 0) continue;
      const bool is_last = i + 1 == kBuckets;
      visit(first_of(i), is_last ? max_ + 1 : first_of(i + 1), counts_[i]);
    }
  }

 private:
  static constexpr unsigned kCutBits = 3;
  static constexpr std::uint64_t kCuts = std::uint64_t{1} << kCutBits;
  static constexpr std::size_t kBuckets = (kTopBit - kCutBits + 1) * kCuts;

  // Up to 2 * kCuts a value is its own index; above, its kCutBits + 1 highest bits are the
  // place in the row of its power of two.
  static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    if (value < 2 * kCuts) return value;
    const auto shift = static_cast<unsigned>(std::bit_width(value)) - kCutBits - 1;
    const std::size_t index = (std::size_t{shift} << kCutBits) + (value >> shift);
    return index < kBuckets ? index : kBuckets - 1;
  }

  // The least value of a bucket.
  static constexpr std::uint64_t first_of(std::size_t index) noexcept {
    if (index < 2 * kCuts) return index;
    const std::size_t shift = (index >> kCutBits) - 1;
    return (kCuts + (index & (kCuts - 1))) << shift;
  }

  std::uint64_t counts_[kBuckets]{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace threadmill
