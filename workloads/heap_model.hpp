// SPDX-License-Identifier: Apache-2.0
//
// The plain model of a replayed heap, made with the standard library: which nodes there
// are, who holds them, what refers to what, and hence what is reachable. It knows nothing
// of the runtime, so its answer is independent of the collector's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/base/random.hpp"
#include "workloads/heap_dump.hpp"

namespace threadmill {

// A part of a heap, possibly several times side by side: nodes, counted from 0, that
// stand for objects.
class HeapPart {
 public:
  using Number = HeapGraph::Number;

  // The whole graph.
  explicit HeapPart(const HeapGraph& graph);
  // `size` objects, found breadth first from random objects, which hold together.
  HeapPart(const HeapGraph& graph, std::size_t size, Random& random);

  void repeat(std::size_t copies) { copies_ = copies; }

  [[nodiscard]] std::size_t nodes() const { return members_.size() * copies_; }
  [[nodiscard]] std::size_t objects() const { return members_.size(); }

  // The object that a node stands for.
  [[nodiscard]] Number object(std::size_t node) const {
    return members_[node % members_.size()];
  }
  [[nodiscard]] bool is_root(std::size_t node) const {
    return is_root_[node % members_.size()] != 0;
  }
  // What the node refers to within the part, in place of what is in `targets`.
  void targets(std::size_t node, std::vector<Number>& targets) const;

 private:
  static constexpr Number kOutside = ~Number{0};

  void add(Number object);
  void find_roots();

  const HeapGraph* graph_;
  std::vector<Number> members_;
  std::vector<Number>
      place_of_;  // of each object of the graph: in members_, or kOutside
  std::vector<unsigned char> is_root_;
  std::size_t copies_ = 1;
};

class HeapModel {
 public:
  using Number = HeapGraph::Number;

  struct Node {
    std::uint64_t identity = 0;
    bool born = false;
    bool held = false;  // somebody has a handle
    std::vector<Number> edges;
  };

  void reset(std::size_t nodes) {
    nodes_.clear();
    nodes_.resize(nodes);
  }

  [[nodiscard]] std::size_t nodes() const { return nodes_.size(); }
  [[nodiscard]] Node& operator[](std::size_t node) { return nodes_[node]; }
  [[nodiscard]] const Node& operator[](std::size_t node) const { return nodes_[node]; }

  [[nodiscard]] std::size_t born() const;

  // For each node: 1 if it can be reached from a node that is held.
  [[nodiscard]] std::vector<unsigned char> reachable() const;

 private:
  std::vector<Node> nodes_;
};

}  // namespace threadmill
