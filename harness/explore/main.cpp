// SPDX-License-Identifier: Apache-2.0
//
// threadmill-explore: what `threadmill explore` and `threadmill replay` start.
#include "harness/explore/commands.hpp"
#include "harness/explore/scenarios/list.hpp"

int main(int count, char** words) {
  return threadmill::explore::explore_main(count, words,
                                           threadmill::explore::scenarios());
}
