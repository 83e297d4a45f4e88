// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/litmus_list.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

namespace threadmill::explore {
namespace {

using Kind = LitmusOperation::Kind;
using Thread = std::vector<LitmusOperation>;
using Tests = std::vector<Litmus>;

using enum std::memory_order;

enum Location : unsigned { x, y, z };

LitmusOperation load(unsigned location, std::memory_order order) {
  return {Kind::load, order, location, 0, 0};
}
LitmusOperation store(unsigned location, std::uint64_t value, std::memory_order order) {
  return {Kind::store, order, location, value, 0};
}
LitmusOperation exchange(unsigned location,
                         std::uint64_t value,
                         std::memory_order order) {
  return {Kind::exchange, order, location, value, 0};
}
LitmusOperation fetch_add(unsigned location,
                          std::uint64_t value,
                          std::memory_order order) {
  return {Kind::fetch_add, order, location, value, 0};
}
LitmusOperation cas(unsigned location,
                    std::uint64_t expected,
                    std::uint64_t value,
                    std::memory_order order) {
  return {Kind::compare_strong, order, location, value, expected};
}
LitmusOperation fence(std::memory_order order) { return {Kind::fence, order, 0, 0, 0}; }

void add(Tests& tests,
         std::string name,
         std::string purpose,
         std::vector<Thread> threads) {
  unsigned locations = 0;
  for (const Thread& thread : threads) {
    for (const LitmusOperation& operation : thread) {
      locations = std::max(locations, operation.location + 1);
    }
  }
  tests.push_back({"litmus-" + std::move(name), std::move(purpose),
                   LitmusProgram{locations, std::move(threads)}});
}

void add_store_buffering(Tests& tests) {
  add(tests, "sb-rlx", "both loads may miss the other thread's store",
      {{store(x, 1, relaxed), load(y, relaxed)},  //
       {store(y, 1, relaxed), load(x, relaxed)}});
  add(tests, "sb-ra", "release and acquire do not stop both loads from reading 0",
      {{store(x, 1, release), load(y, acquire)},  //
       {store(y, 1, release), load(x, acquire)}});
  add(tests, "sb-sc", "one of the loads sees the other thread's store",
      {{store(x, 1, seq_cst), load(y, seq_cst)},  //
       {store(y, 1, seq_cst), load(x, seq_cst)}});
  add(tests, "sb-fences-sc", "as sb-sc, by fences",
      {{store(x, 1, relaxed), fence(seq_cst), load(y, relaxed)},
       {store(y, 1, relaxed), fence(seq_cst), load(x, relaxed)}});
  add(tests, "sb-fences-ra", "weaker fences do not stop both loads from reading 0",
      {{store(x, 1, relaxed), fence(acq_rel), load(y, relaxed)},
       {store(y, 1, relaxed), fence(acq_rel), load(x, relaxed)}});
  add(tests, "sb-fence-sc", "a fence on one side and seq_cst accesses on the other do",
      {{store(x, 1, relaxed), fence(seq_cst), load(y, relaxed)},  //
       {store(y, 1, seq_cst), load(x, seq_cst)}});
  add(tests, "sb-fence-one-side", "one fence alone does not stop both loads reading 0",
      {{store(x, 1, relaxed), fence(seq_cst), load(y, relaxed)},  //
       {store(y, 1, relaxed), load(x, relaxed)}});
  add(tests, "sb-exchange-sc", "a seq_cst exchange is no fence: both loads may read 0",
      {{exchange(x, 1, seq_cst), load(y, relaxed)},  //
       {exchange(y, 1, seq_cst), load(x, relaxed)}});
  add(tests, "sb-rmw-barrier", "two read-modify-writes of one location do order",
      {{store(x, 1, relaxed), fetch_add(z, 1, acq_rel), load(y, relaxed)},
       {store(y, 1, relaxed), fetch_add(z, 1, acq_rel), load(x, relaxed)}});
  add(tests, "sb-rfis", "seq_cst loads between do not order release stores",
      {{store(x, 1, release), load(x, seq_cst), load(y, seq_cst)},
       {store(y, 1, release), load(y, seq_cst), load(x, seq_cst)}});
}

void add_message_passing(Tests& tests) {
  add(tests, "mp-rlx", "the flag may be seen before the data",
      {{store(x, 1, relaxed), store(y, 1, relaxed)},  //
       {load(y, relaxed), load(x, relaxed)}});
  add(tests, "mp-ra", "who acquires the flag sees the data",
      {{store(x, 1, relaxed), store(y, 1, release)},  //
       {load(y, acquire), load(x, relaxed)}});
  add(tests, "mp-rel-rlx", "a release that nobody acquires may pass",
      {{store(x, 1, relaxed), store(y, 1, release)},  //
       {load(y, relaxed), load(x, relaxed)}});
  add(tests, "mp-rlx-acq", "an acquire of what nobody released may pass",
      {{store(x, 1, relaxed), store(y, 1, relaxed)},  //
       {load(y, acquire), load(x, relaxed)}});
  add(tests, "mp-fences", "as mp-ra, by fences",
      {{store(x, 1, relaxed), fence(release), store(y, 1, relaxed)},
       {load(y, relaxed), fence(acquire), load(x, relaxed)}});
  add(tests, "mp-fence-acq", "a release fence synchronises with an acquiring load",
      {{store(x, 1, relaxed), fence(release), store(y, 1, relaxed)},  //
       {load(y, acquire), load(x, relaxed)}});
  add(tests, "mp-rel-fence", "a releasing store synchronises with an acquire fence",
      {{store(x, 1, relaxed), store(y, 1, release)},
       {load(y, relaxed), fence(acquire), load(x, relaxed)}});
  add(tests, "mp-fences-swapped", "fences of the wrong kind order nothing here",
      {{store(x, 1, relaxed), fence(acquire), store(y, 1, relaxed)},
       {load(y, relaxed), fence(release), load(x, relaxed)}});
  add(tests, "mp-cas", "a compare-and-swap that succeeds acquires",
      {{store(x, 1, relaxed), store(y, 1, release)},  //
       {cas(y, 1, 2, acq_rel), load(x, relaxed)}});
  add(tests, "mp-cas-failure", "one that fails does not: it is a relaxed load",
      {{store(x, 1, relaxed), store(y, 1, release)},  //
       {cas(y, 2, 3, acq_rel), load(x, relaxed)}});
  add(tests, "mp-seqlock", "equal even numbers around a relaxed read vouch for it",
      {{store(y, 1, relaxed), fence(release), store(x, 1, relaxed),
        store(y, 2, release)},
       {load(y, acquire), load(x, relaxed), fence(acquire), load(y, relaxed)}});
}

void add_release_sequences(Tests& tests) {
  add(tests, "rs-rmw", "a relaxed read-modify-write passes on what was released",
      {{store(x, 1, relaxed), store(y, 1, release)},
       {fetch_add(y, 1, relaxed)},
       {load(y, acquire), load(x, relaxed)}});
  add(tests, "rs-rmw-chain", "so does a chain of them",
      {{store(x, 1, relaxed), store(y, 1, release)},
       {fetch_add(y, 1, relaxed), fetch_add(y, 1, relaxed)},
       {load(y, acquire), load(x, relaxed)}});
  add(tests, "rs-fence", "so it does what a fence released",
      {{store(x, 1, relaxed), fence(release), store(y, 1, relaxed)},
       {exchange(y, 2, relaxed)},
       {load(y, acquire), load(x, relaxed)}});
  add(tests, "rs-own-store", "a later relaxed store of the releaser does not, in C++20",
      {{store(x, 1, relaxed), store(y, 1, release), store(y, 2, relaxed)},
       {load(y, acquire), load(x, relaxed)}});
  add(tests, "rs-other-store", "nor does a store of another thread",
      {{store(x, 1, relaxed), store(y, 1, release)},
       {load(y, relaxed), store(y, 2, relaxed)},
       {load(y, acquire), load(x, relaxed)}});
}

void add_load_buffering(Tests& tests) {
  add(tests, "lb-rlx", "no load reads from the future: RC11 forbids what C++20 allows",
      {{load(x, relaxed), store(y, 1, relaxed)},  //
       {load(y, relaxed), store(x, 1, relaxed)}});
  add(tests, "lb-ra", "no load reads from the future",
      {{load(x, acquire), store(y, 1, release)},  //
       {load(y, acquire), store(x, 1, release)}});
}

void add_many_threads(Tests& tests) {
  const auto iriw = [&tests](const char* name, const char* purpose,
                             std::memory_order write, std::memory_order first,
                             std::memory_order second) {
    add(tests, name, purpose,
        {{store(x, 1, write)},
         {load(x, first), load(y, second)},
         {load(y, first), load(x, second)},
         {store(y, 1, write)}});
  };
  iriw("iriw-rlx", "two readers may disagree on the order of two stores", relaxed,
       relaxed, relaxed);
  iriw("iriw-ra", "so they may with release and acquire", release, acquire, acquire);
  iriw("iriw-acq-sc", "so they may if only the first loads are weaker", seq_cst,
       acquire, seq_cst);
  iriw("iriw-sc", "with seq_cst they agree", seq_cst, seq_cst, seq_cst);
  add(tests, "iriw-fences-sc", "with seq_cst fences between the loads they agree",
      {{store(x, 1, relaxed)},
       {load(x, acquire), fence(seq_cst), load(y, acquire)},
       {load(y, acquire), fence(seq_cst), load(x, acquire)},
       {store(y, 1, relaxed)}});

  add(tests, "wrc-rlx", "what one reader has seen another may miss",
      {{store(x, 1, relaxed)},
       {load(x, relaxed), store(y, 1, relaxed)},
       {load(y, relaxed), load(x, relaxed)}});
  add(tests, "wrc-ra", "release and acquire are transitive, coherence on x included",
      {{store(x, 1, relaxed)},
       {load(x, relaxed), store(y, 1, release)},
       {load(y, acquire), load(x, relaxed)}});
  add(tests, "isa2-rlx", "data may be missed after two flags",
      {{store(x, 1, relaxed), store(y, 1, relaxed)},
       {load(y, relaxed), store(z, 1, relaxed)},
       {load(z, relaxed), load(x, relaxed)}});
  add(tests, "isa2-ra", "two edges in a row carry the data",
      {{store(x, 1, relaxed), store(y, 1, release)},
       {load(y, acquire), store(z, 1, release)},
       {load(z, acquire), load(x, relaxed)}});

  add(tests, "rwc-ra", "release and acquire do not order a store and a load",
      {{store(x, 1, release)},
       {load(x, acquire), load(y, acquire)},
       {store(y, 1, release), load(x, acquire)}});
  add(tests, "rwc-sc", "seq_cst does",
      {{store(x, 1, seq_cst)},  //
       {load(x, seq_cst), load(y, seq_cst)},
       {store(y, 1, seq_cst), load(x, seq_cst)}});
  add(tests, "rwc-fences-sc", "so do seq_cst fences",
      {{store(x, 1, relaxed)},
       {load(x, relaxed), fence(seq_cst), load(y, relaxed)},
       {store(y, 1, relaxed), fence(seq_cst), load(x, relaxed)}});
  add(tests, "w+rwc-sc", "so it does though a weaker edge leads to the first load",
      {{store(x, 1, seq_cst), store(z, 1, release)},
       {load(z, acquire), load(y, seq_cst)},
       {store(y, 1, seq_cst), load(x, seq_cst)}});
  add(tests, "w+rwc-fences-sc", "so they do after an edge that leads to one of them",
      {{store(x, 1, relaxed), store(z, 1, release)},
       {load(z, acquire), fence(seq_cst), load(y, relaxed)},
       {store(y, 1, relaxed), fence(seq_cst), load(x, relaxed)}});
}

void add_two_stores(Tests& tests) {
  add(tests, "2+2w-rlx",
      "the first store of each thread may be the last of its location",
      {{store(x, 1, relaxed), store(y, 2, relaxed)},  //
       {store(y, 1, relaxed), store(x, 2, relaxed)}});
  add(tests, "2+2w-ra", "so it may with release",
      {{store(x, 1, release), store(y, 2, release)},  //
       {store(y, 1, release), store(x, 2, release)}});
  add(tests, "2+2w-sc", "with seq_cst it may not",
      {{store(x, 1, seq_cst), store(y, 2, seq_cst)},  //
       {store(y, 1, seq_cst), store(x, 2, seq_cst)}});
  add(tests, "2+2w-fences-sc", "nor with seq_cst fences",
      {{store(x, 1, relaxed), fence(seq_cst), store(y, 2, relaxed)},
       {store(y, 1, relaxed), fence(seq_cst), store(x, 2, relaxed)}});

  add(tests, "s-rlx", "a store after the flag may be overwritten by one before it",
      {{store(x, 2, relaxed), store(y, 1, relaxed)},  //
       {load(y, relaxed), store(x, 1, relaxed)}});
  add(tests, "s-ra", "with release and acquire it may not",
      {{store(x, 2, relaxed), store(y, 1, release)},  //
       {load(y, acquire), store(x, 1, relaxed)}});

  add(tests, "r-ra", "the load may read 0 though its thread's store came last",
      {{store(x, 1, release), store(y, 1, release)},  //
       {store(y, 2, release), load(x, acquire)}});
  add(tests, "r-sc", "with seq_cst it may not",
      {{store(x, 1, seq_cst), store(y, 1, seq_cst)},  //
       {store(y, 2, seq_cst), load(x, seq_cst)}});
  add(tests, "r-fences-sc", "nor with seq_cst fences",
      {{store(x, 1, relaxed), fence(seq_cst), store(y, 1, relaxed)},
       {store(y, 2, relaxed), fence(seq_cst), load(x, relaxed)}});
}

void add_coherence(Tests& tests) {
  add(tests, "corr", "two loads of a thread do not go back in modification order",
      {{store(x, 1, relaxed)},  //
       {load(x, relaxed), load(x, relaxed)}});
  add(tests, "corr-two-readers",
      "two readers agree on the order of stores to a location",
      {{store(x, 1, relaxed)},
       {store(x, 2, relaxed)},
       {load(x, relaxed), load(x, relaxed)},
       {load(x, relaxed), load(x, relaxed)}});
  add(tests, "coww", "two stores of a thread stay in order",
      {{store(x, 1, relaxed), store(x, 2, relaxed)},  //
       {load(x, relaxed)}});
  add(tests, "corw", "a store comes after what its thread read before",
      {{load(x, relaxed), store(x, 1, relaxed)},  //
       {store(x, 2, relaxed)}});
  add(tests, "cowr", "a load reads its thread's store or a later one",
      {{store(x, 1, relaxed), load(x, relaxed)},  //
       {store(x, 2, relaxed)}});
}

void add_read_modify_writes(Tests& tests) {
  add(tests, "rmw-two", "two fetch_adds never read the same",
      {{fetch_add(x, 1, relaxed)},  //
       {fetch_add(x, 1, relaxed)}});
  add(tests, "rmw-three", "nor do three, two of them in one thread",
      {{fetch_add(x, 1, relaxed), fetch_add(x, 1, relaxed)},  //
       {fetch_add(x, 1, relaxed)}});
  add(tests, "rmw-cas", "of two compare-and-swaps from 0 one succeeds",
      {{cas(x, 0, 1, relaxed)},  //
       {cas(x, 0, 2, relaxed)}});
  add(tests, "rmw-store", "no store comes between the halves of a fetch_add",
      {{fetch_add(x, 1, relaxed)},  //
       {store(x, 5, relaxed)}});
  add(tests, "rmw-lb", "no read-modify-write reads from the future",
      {{fetch_add(x, 1, relaxed), fetch_add(y, 1, relaxed)},
       {fetch_add(y, 1, relaxed), fetch_add(x, 1, relaxed)}});
}

// Where seq_cst accesses meet weaker ones. The last two are from "Repairing sequential
// consistency in C/C++11" (PLDI 2017). C++20 took the first of them from there, but
// forbids the second: its order of seq_cst does not ask for different locations.
void add_mixes(Tests& tests) {
  add(tests, "z6.3-ra", "modification order alone carries nothing",
      {{store(x, 1, release), store(y, 1, release)},
       {store(y, 2, release), store(z, 1, release)},
       {load(z, acquire), load(x, acquire)}});
  add(tests, "z6.3-sc", "with seq_cst everywhere it is an order like the others",
      {{store(x, 1, seq_cst), store(y, 1, seq_cst)},
       {store(y, 2, seq_cst), store(z, 1, seq_cst)},
       {load(z, seq_cst), load(x, seq_cst)}});
  add(tests, "z6.u", "an edge from a weaker store is no part of the order of seq_cst",
      {{store(x, 1, seq_cst), store(y, 1, release)},
       {fetch_add(y, 1, seq_cst), load(y, relaxed)},
       {store(y, 3, seq_cst), load(x, seq_cst)}});
  add(tests, "wwmerge", "nor is one that starts from the same location, in RC11",
      {{load(x, acquire), load(y, seq_cst)},
       {store(x, 1, seq_cst), store(x, 2, seq_cst)},
       {store(y, 1, seq_cst), load(x, seq_cst)}});
}

}  // namespace

const std::vector<Litmus>& litmus_tests() {
  static const Tests kTests = [] {
    Tests all;
    add_store_buffering(all);
    add_message_passing(all);
    add_release_sequences(all);
    add_load_buffering(all);
    add_many_threads(all);
    add_two_stores(all);
    add_coherence(all);
    add_read_modify_writes(all);
    add_mixes(all);
    return all;
  }();
  return kTests;
}

}  // namespace threadmill::explore
