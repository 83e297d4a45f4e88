// SPDX-License-Identifier: Apache-2.0
//
// The table of all workloads, in the order in which they are listed and run.
#include <span>

#include "workloads/factories.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

constexpr WorkloadInfo kWorkloads[] = {
    {"own-counts", "counts", "copy, move and drop references to one's own objects",
     false, 1, make_own_counts},
    {"foreign-counts", "counts", "count other threads' objects up, down and to death",
     false, 1, make_foreign_counts},
    {"hot-object", "counts", "all threads copy and drop references to one object",
     false, 1, make_hot_object},
    {"hand-off-pipeline", "counts", "pass objects along stages joined by queues", false,
     1, make_hand_off_pipeline},
    {"thread-churn", "lifetimes",
     "short-lived owners exit, others inherit their objects", false, 1,
     make_thread_churn},
    {"gh-145615-orphaned-pages", "lifetimes",
     "exited threads' full pages are emptied by others (gh-145615)", false, 1,
     make_orphaned_pages},
    {"detached-owners", "lifetimes", "objects die while their owner is blocked", false,
     1, make_detached_owners},
    {"resurrection", "lifetimes", "finalizers bring objects back, others take them up",
     false, 1, make_resurrection},
    {"publishing-finalizers", "lifetimes",
     "finalizers write to shared containers and wait for locks", false, 1,
     make_publishing_finalizers},
    {"weakref-cache", "lifetimes", "a shared dict of weak references with callbacks",
     false, 1, make_weakref_cache},
    {"deep-chains", "lifetimes", "deep cascades, and tails that several chains share",
     false, 1, make_deep_chains},
    {"parents-and-children", "lifetimes",
     "strong children, weak parents, moved subtrees", false, 1,
     make_parents_and_children},
    {"shared-list", "containers", "read, append, pop, assign and slice under readers",
     false, 1, make_shared_list},
    {"shared-dict-read-mostly", "containers", "95 % lock-free reads of a shared dict",
     false, 1, make_shared_dict_read_mostly},
    {"shared-dict-mixed", "containers", "set, erase, set_default, clear and resize",
     false, 1, make_shared_dict_mixed},
    {"gh-133136-retired-bytes", "containers",
     "replace large buffers under readers (gh-133136)", false, 1, make_retired_bytes},
    {"linearizable-list", "containers",
     "all operations of a list, recorded and put in order", false, 1,
     make_linearizable_list},
    {"linearizable-dict", "containers",
     "all operations of a dict, recorded and put in order", false, 1,
     make_linearizable_dict},
    {"linearizable-set", "containers",
     "all operations of a set, recorded and put in order", false, 1,
     make_linearizable_set},
    {"cycle-rings", "cycles", "build rings, drop them, and collect from many threads",
     false, 1, make_cycle_rings},
    {"callback-closures", "cycles", "emitters whose handlers have captured them", false,
     1, make_callback_closures},
    {"random-graph", "cycles", "change a graph from all sides while others collect",
     false, 1, make_random_graph},
    {"linked-lists", "cycles", "insert, remove, splice and drop doubly linked lists",
     false, 1, make_linked_lists},
    {"binary-trees", "cycles", "GCBench: trees of many sizes, half of them cyclic",
     false, 1, make_binary_trees},
    {"pause-storms", "world", "stop the world back to back while others attach", false,
     1, make_pause_storms},
    {"critical-section-lattices", "world",
     "lock objects in pairs, in any order, nested and let go in the middle", false, 1,
     make_critical_section_lattices},
    {"inverted-index", "programs", "index text files; equals a sequential index", true,
     3, make_inverted_index},
    {"heap-replay", "programs", "rebuild, change and collect a real program's heap",
     true, 2, make_heap_replay, heap_replay_reads},
    {"json-store", "programs",
     "share, edit and move JSON documents; written back byte for byte", true, 2,
     make_json_store, json_store_reads},
};

}  // namespace

std::span<const WorkloadInfo> all_workloads() { return kWorkloads; }

}  // namespace threadmill
