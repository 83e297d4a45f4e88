// SPDX-License-Identifier: Apache-2.0
//
// One maker per workload, for the table in registry.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "workloads/workload.hpp"

namespace threadmill {

[[nodiscard]] std::unique_ptr<Workload> make_own_counts();
[[nodiscard]] std::unique_ptr<Workload> make_foreign_counts();
[[nodiscard]] std::unique_ptr<Workload> make_hot_object();
[[nodiscard]] std::unique_ptr<Workload> make_hot_types();
[[nodiscard]] std::unique_ptr<Workload> make_hand_off_pipeline();
[[nodiscard]] std::unique_ptr<Workload> make_thread_churn();
[[nodiscard]] std::unique_ptr<Workload> make_orphaned_pages();
[[nodiscard]] std::unique_ptr<Workload> make_detached_owners();
[[nodiscard]] std::unique_ptr<Workload> make_resurrection();
[[nodiscard]] std::unique_ptr<Workload> make_publishing_finalizers();
[[nodiscard]] std::unique_ptr<Workload> make_weakref_cache();
[[nodiscard]] std::unique_ptr<Workload> make_deep_chains();
[[nodiscard]] std::unique_ptr<Workload> make_parents_and_children();
[[nodiscard]] std::unique_ptr<Workload> make_shared_list();
[[nodiscard]] std::unique_ptr<Workload> make_shared_dict_read_mostly();
[[nodiscard]] std::unique_ptr<Workload> make_shared_dict_mixed();
[[nodiscard]] std::unique_ptr<Workload> make_retired_bytes();
[[nodiscard]] std::unique_ptr<Workload> make_linearizable_list();
[[nodiscard]] std::unique_ptr<Workload> make_linearizable_dict();
[[nodiscard]] std::unique_ptr<Workload> make_linearizable_set();
[[nodiscard]] std::unique_ptr<Workload> make_cycle_rings();
[[nodiscard]] std::unique_ptr<Workload> make_callback_closures();
[[nodiscard]] std::unique_ptr<Workload> make_random_graph();
[[nodiscard]] std::unique_ptr<Workload> make_linked_lists();
[[nodiscard]] std::unique_ptr<Workload> make_binary_trees();
[[nodiscard]] std::unique_ptr<Workload> make_pause_storms();
[[nodiscard]] std::unique_ptr<Workload> make_critical_section_lattices();
[[nodiscard]] std::unique_ptr<Workload> make_immortal_while_queued();
[[nodiscard]] std::unique_ptr<Workload> make_absent_owners();
[[nodiscard]] std::unique_ptr<Workload> make_garbage_work();
[[nodiscard]] std::unique_ptr<Workload> make_untracked_work();
[[nodiscard]] std::unique_ptr<Workload> make_polled_counts();
[[nodiscard]] std::unique_ptr<Workload> make_start_storms();
[[nodiscard]] std::unique_ptr<Workload> make_attach_between_pauses();
[[nodiscard]] std::unique_ptr<Workload> make_sections_in_pauses();
[[nodiscard]] std::unique_ptr<Workload> make_forks();
[[nodiscard]] std::unique_ptr<Workload> make_endings();
[[nodiscard]] std::unique_ptr<Workload> make_task_trees();
[[nodiscard]] std::unique_ptr<Workload> make_task_counters();
[[nodiscard]] std::unique_ptr<Workload> make_inverted_index();
[[nodiscard]] std::unique_ptr<Workload> make_heap_replay();
[[nodiscard]] std::unique_ptr<Workload> make_json_store();

// Whether there is anything for the workload among these files and folders.
[[nodiscard]] bool heap_replay_reads(const std::vector<std::string>& inputs);
[[nodiscard]] bool json_store_reads(const std::vector<std::string>& inputs);

}  // namespace threadmill
