// SPDX-License-Identifier: Apache-2.0
//
// threadmill, and threadmill-faults (the same sources with TM_FAULTS=1): the lab over all
// of its own workloads.
#include "harness/stress_main.hpp"

int main(int count, char** words) {
  return threadmill::stress_main(count, words, threadmill::all_workloads());
}
