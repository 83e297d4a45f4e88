// SPDX-License-Identifier: Apache-2.0
//
// None: the one object that stands for "nothing"; immortal. Each runtime has its own.
#pragma once

#include "runtime/object/type.hpp"

namespace threadmill {

class None : public Object {
 public:
  static constexpr TypeId kTypeId = kNoneType;

  // For a new runtime. Null: out of memory.
  [[nodiscard]] static None* create_immortal() noexcept;

  None() noexcept = default;  // for allocate()
};

}  // namespace threadmill
