// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/operation.hpp"

namespace threadmill::explore {

const char* name_of(Op op) noexcept {
  static constexpr const char* kNames[] = {"-",    "load", "store", "rmw",   "fence",
                                           "wait", "wake", "yield", "resume"};
  return kNames[static_cast<unsigned>(op)];
}

const char* name_of(std::memory_order order) noexcept {
  switch (order) {
    case std::memory_order_relaxed:
      return "relaxed";
    case std::memory_order_consume:
      return "consume";
    case std::memory_order_acquire:
      return "acquire";
    case std::memory_order_release:
      return "release";
    case std::memory_order_acq_rel:
      return "acq_rel";
    case std::memory_order_seq_cst:
      break;
  }
  return "seq_cst";
}

}  // namespace threadmill::explore
