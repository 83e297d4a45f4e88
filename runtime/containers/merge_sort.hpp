// SPDX-License-Identifier: Apache-2.0
//
// A stable sort that stays within its bounds whatever `less` answers: user code, which
// others may change the objects of meanwhile. (std::stable_sort may run out of its range
// if the answers contradict each other.)
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

namespace threadmill {

// Sorts `count` elements at `first`; `space` has room for as many.
template <class T, class Less>
void merge_sort(T* first, T* space, std::size_t count, Less less) noexcept {
  T* from = first;
  T* to = space;
  for (std::size_t width = 1; width < count; width *= 2) {
    for (std::size_t begin = 0; begin < count; begin += 2 * width) {
      const std::size_t middle = std::min(begin + width, count);
      const std::size_t end = std::min(middle + width, count);
      std::size_t left = begin;
      std::size_t right = middle;
      for (std::size_t i = begin; i < end; ++i) {
        const bool take_right =
            left == middle || (right < end && less(from[right], from[left]));
        to[i] = take_right ? from[right++] : from[left++];
      }
    }
    std::swap(from, to);
  }
  if (from != first) std::copy(from, from + count, first);
}

}  // namespace threadmill
