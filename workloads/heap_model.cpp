// SPDX-License-Identifier: Apache-2.0
#include "workloads/heap_model.hpp"

#include <algorithm>
#include <numeric>

namespace threadmill {

HeapPart::HeapPart(const HeapGraph& graph)
    : graph_(&graph), members_(graph.objects()), place_of_(graph.objects()) {
  std::iota(members_.begin(), members_.end(), Number{0});
  std::iota(place_of_.begin(), place_of_.end(), Number{0});
  find_roots();
}

HeapPart::HeapPart(const HeapGraph& graph, std::size_t size, Random& random)
    : graph_(&graph), place_of_(graph.objects(), kOutside) {
  members_.reserve(size);
  std::vector<std::size_t> starts;
  for (std::size_t next = 0; members_.size() < size;) {
    if (next == members_.size()) {
      const std::uint64_t start = random.below(graph.objects());
      if (place_of_[start] != kOutside) continue;
      starts.push_back(next);
      add(static_cast<Number>(start));
    }
    for (const Number target : graph.targets(members_[next++])) {
      if (place_of_[target] == kOutside && members_.size() < size) add(target);
    }
  }
  find_roots();
  for (const std::size_t start : starts) is_root_[start] = 1;
}

void HeapPart::add(Number object) {
  place_of_[object] = static_cast<Number>(members_.size());
  members_.push_back(object);
}

void HeapPart::find_roots() {
  is_root_.assign(members_.size(), 0);
  for (const Number root : graph_->roots()) {
    if (place_of_[root] != kOutside) is_root_[place_of_[root]] = 1;
  }
}

void HeapPart::targets(std::size_t node, std::vector<Number>& targets) const {
  const std::size_t copy = node - node % members_.size();
  targets.clear();
  for (const Number target : graph_->targets(object(node))) {
    const Number place = place_of_[target];
    if (place != kOutside) targets.push_back(static_cast<Number>(copy + place));
  }
}

std::size_t HeapModel::born() const {
  return static_cast<std::size_t>(std::count_if(
      nodes_.begin(), nodes_.end(), [](const Node& node) { return node.born; }));
}

std::vector<unsigned char> HeapModel::reachable() const {
  std::vector<unsigned char> reachable(nodes_.size(), 0);
  std::vector<Number> waiting;
  const auto reach = [&](Number node) {
    if (reachable[node] == 0) waiting.push_back(node);
    reachable[node] = 1;
  };
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].held) reach(static_cast<Number>(i));
  }
  for (std::size_t next = 0; next < waiting.size(); ++next) {
    for (const Number target : nodes_[waiting[next]].edges) reach(target);
  }
  return reachable;
}

}  // namespace threadmill
