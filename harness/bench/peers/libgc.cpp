// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/models/libgc.hpp"

#include "harness/bench/peers/peer.hpp"

int main(int count, char** words) {
  return threadmill::bench::peer_main<threadmill::bench::LibgcModel>(count, words);
}
