// SPDX-License-Identifier: Apache-2.0
#include "harness/death.hpp"

#include <unistd.h>

#include "harness/safe_text.hpp"

namespace threadmill {

void announce(const RunName& run, const Death& death, std::string_view more) noexcept {
  SafeText out(STDERR_FILENO);
  if (::isatty(STDERR_FILENO) == 1) out.put("\r\x1b[K");  // there may be a live line
  out.put("threadmill: ").put(name_of(death.verdict));
  out.put(": workload ").put(run.workload);
  out.put(", oracle ").put_harmless(death.oracle);
  out.put(", seed ").put(run.seed);
  out.put(": ").put_harmless(death.detail).put("\n");
  out.put(more);
  out.put("threadmill: reproduce: ").put(run.reproduce).put("\n");
}

}  // namespace threadmill
