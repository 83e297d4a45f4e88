// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/models/onetbb.hpp"

#include "harness/bench/peers/peer.hpp"

int main(int count, char** words) {
  return threadmill::bench::peer_main<threadmill::bench::OneTbbModel>(count, words);
}
