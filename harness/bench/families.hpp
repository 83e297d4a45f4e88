// SPDX-License-Identifier: Apache-2.0
//
// The rows, a file for each family; in the order in which they are shown.
#pragma once

#include <cstdint>

namespace threadmill::bench {

void add_counts();
void add_containers();
void add_threads();
void add_pauses(bool quick);
// `nodes`: a size of graph besides the usual ones; 0: none. Quick: the smallest only.
void add_collections(std::uint64_t nodes, bool quick);

}  // namespace threadmill::bench
