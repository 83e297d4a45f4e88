// SPDX-License-Identifier: Apache-2.0
//
// The JSON of a stress run back to the Report that it was made of: report_json() of what
// was read writes the same again. Reports from before a field came to be have its default.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "harness/report.hpp"

namespace threadmill {

// Throws Unfit (report_file.hpp).
[[nodiscard]] Report report_of(const nlohmann::ordered_json& json);

}  // namespace threadmill
