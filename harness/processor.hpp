// SPDX-License-Identifier: Apache-2.0
//
// --pin: binding a thread to one processor.
#pragma once

namespace threadmill {

// Binds this thread to one of the processors that it may use now: they are counted round
// and round. False: the system does not allow it, and nothing has changed.
bool bind_to_processor(unsigned index);

}  // namespace threadmill
