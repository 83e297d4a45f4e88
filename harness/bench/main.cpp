// SPDX-License-Identifier: Apache-2.0
//
// threadmill-bench: what `threadmill bench` becomes. The rows of the runtime alone, and
// those that its peers have, too.
#include <cstdio>
#include <exception>

#include "harness/bench/families.hpp"
#include "harness/bench/models/threadmill.hpp"
#include "harness/bench/portable.hpp"
#include "harness/bench/program.hpp"
#include "harness/report.hpp"

int main(int count, char** words) {
  using namespace threadmill;
  using namespace threadmill::bench;
  try {
    return run_program(count, words,
                       {.model = ThreadmillModel::name(),
                        .facts = ThreadmillModel::facts(),
                        .add_rows =
                            [](const RowSettings& settings) {
                              add_counts();
                              add_containers();
                              add_threads();
                              add_pauses(settings.quick);
                              add_collections(settings.nodes, settings.quick);
                              add_portable<ThreadmillModel>(settings);
                            },
                        .measure_bytes = measure_bytes<ThreadmillModel>});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "threadmill: %s\n", error.what());
    return static_cast<int>(ExitStatus::bad_usage);
  }
}
