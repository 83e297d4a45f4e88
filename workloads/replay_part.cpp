// SPDX-License-Identifier: Apache-2.0
#include "workloads/replay_part.hpp"

#include "runtime/base/random.hpp"
#include "workloads/corpus.hpp"
#include "workloads/heap_dump.hpp"
#include "workloads/heap_model.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

constexpr const char* kDump = "workloads/data/standard_library.heap";

void count_reachable(ReplayPart& part) {
  std::vector<bool> seen(part.targets.size());
  std::vector<std::uint32_t> open = part.roots;
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    if (seen[at]) continue;
    seen[at] = true;
    ++part.reachable_objects;
    part.reachable_edges += part.targets[at].size();
    open.insert(open.end(), part.targets[at].begin(), part.targets[at].end());
  }
}

[[nodiscard]] ReplayPart read_part() {
  const std::string path = find_own_file(kDump);
  if (path.empty()) throw InputError(std::string("no heap to replay: no ") + kDump);
  const HeapGraph graph = read_heap_dump(path);
  Random random(1);
  const HeapPart heap(graph, kReplayObjects, random);
  ReplayPart part;
  for (std::uint32_t i = 0; i < heap.nodes(); ++i) {
    part.targets.emplace_back();
    heap.targets(i, part.targets.back());
    if (heap.is_root(i)) part.roots.push_back(i);
  }
  // So that there is something to walk whatever the part is.
  if (part.roots.empty()) part.roots.push_back(0);
  count_reachable(part);
  return part;
}

}  // namespace

const ReplayPart& replay_part() {
  static const ReplayPart part = read_part();
  return part;
}

}  // namespace threadmill
