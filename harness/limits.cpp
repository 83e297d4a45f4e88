// SPDX-License-Identifier: Apache-2.0
#include "harness/limits.hpp"

#include <string_view>

#include "runtime/base/build_info.hpp"

namespace threadmill {

Limits Limits::of_this_build() {
  Limits limits;
  if (std::string_view(build_info().sanitizers) == "none") return limits;
  limits.worker_grace *= 5;
  limits.conclusion *= 5;
  return limits;
}

}  // namespace threadmill
