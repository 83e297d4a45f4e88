// SPDX-License-Identifier: Apache-2.0
//
// A pointer of somebody's own, for the model that README.md shows.
#pragma once

#include <memory>
#include <utility>

namespace mine {

struct Base {};

template <class T>
using Pointer = std::shared_ptr<T>;

template <class T, class... Arguments>
Pointer<Base> make(Arguments&&... arguments) {
  return std::make_shared<T>(std::forward<Arguments>(arguments)...);
}

}  // namespace mine
