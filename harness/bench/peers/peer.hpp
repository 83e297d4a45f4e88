// SPDX-License-Identifier: Apache-2.0
//
// main() of a peer: the portable rows over its model.
#pragma once

#include <cstdio>
#include <exception>

#include "harness/bench/portable.hpp"
#include "harness/bench/program.hpp"
#include "harness/report.hpp"

namespace threadmill::bench {

template <portable::ObjectModel M>
int peer_main(int count, char** words) {
  try {
    [[maybe_unused]] const typename M::Process process;
    return run_program(count, words,
                       {.model = M::name(),
                        .facts = M::facts(),
                        .add_rows = add_portable<M>,
                        .measure_bytes = measure_bytes<M>});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "threadmill: %s\n", error.what());
    return static_cast<int>(ExitStatus::bad_usage);
  }
}

}  // namespace threadmill::bench
