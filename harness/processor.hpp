// SPDX-License-Identifier: Apache-2.0
//
// The processors that this process may use, and --pin: binding a thread to one of them.
#pragma once

namespace threadmill {

// At least 1.
[[nodiscard]] unsigned allowed_processors();

// Binds this thread to one of the processors that it may use now: they are counted round
// and round. False: the system does not allow it, and nothing has changed.
bool bind_to_processor(unsigned index);

}  // namespace threadmill
