// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/models/shared_ptr.hpp"

#include "harness/bench/peers/peer.hpp"

int main(int count, char** words) {
  return threadmill::bench::peer_main<threadmill::bench::SharedPtrModel>(count, words);
}
