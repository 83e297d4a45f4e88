// SPDX-License-Identifier: Apache-2.0
//
// What addresses of the runtime are called in traces: objects by the order in which the
// trace meets them, their fields, slots, and the words of the world. Addresses change
// from build to build; these names do not.
#pragma once

#include <string>

namespace threadmill {
struct Slot;
}

namespace threadmill::explore {

// A slot of the runtime whose addresses are named from now on; null: none.
void name_runtime_of(Slot* slot) noexcept;

// Empty: not an address of that runtime.
[[nodiscard]] std::string name_of_address(const void* address);

}  // namespace threadmill::explore
