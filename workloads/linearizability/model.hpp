// SPDX-License-Identifier: Apache-2.0
//
// The sequential list, dict and set: what a container answers, and what becomes of its
// content, if nobody else uses it, so that a sort() always succeeds. A row of values and
// linear search; contents are small.
#pragma once

#include "workloads/linearizability/history.hpp"

namespace threadmill {

// The answer; changes `content`. The call is one of the subject's and has as many
// arguments as it takes.
[[nodiscard]] Values apply(Subject subject,
                           Values& content,
                           Call call,
                           const Values& arguments);

}  // namespace threadmill
