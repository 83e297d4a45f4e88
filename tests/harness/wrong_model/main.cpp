// SPDX-License-Identifier: Apache-2.0
//
// threadmill-bench-wrong: the portable rows over a model that forgets to count some copies.
#include "harness/bench/peers/peer.hpp"
#include "tests/portable/wrong_models.hpp"

int main(int count, char** words) {
  using namespace threadmill;
  return bench::peer_main<portable::CountedModel<portable::Wrong::kCopy>>(count, words);
}
