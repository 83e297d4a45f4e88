// SPDX-License-Identifier: Apache-2.0
//
// ReplayNode: an object of a heap dump, rebuilt. A Token with edges to other nodes, the
// first few in Fields, the rest in a List, a Dict or a Tuple, whichever comes closest to
// what the object was. Its size is about that of the object, up to the runtime's largest.
//
// key: the node's number; stamp: the round.
//
// One thread at a time changes a node's edges; any thread that has a reference to the
// node reads them meanwhile.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "workloads/census.hpp"

namespace threadmill {

class ReplayNode : public Token {
 public:
  enum class Form : std::uint32_t { kList, kDict, kTuple };

  static constexpr const char* kTypeName = "replayed object";
  static void traverse(ReplayNode& node, const FieldVisitor& visitor) {
    for (Field<Object>& field : node.first_) visitor(field);
    visitor(node.rest_);
  }

  // What comes closest to a Python type of this name.
  [[nodiscard]] static Form form_of(std::string_view python_type);

  // Of about `bytes`. Throws OutOfMemory.
  [[nodiscard]] static Ref<ReplayNode> make_of_size(std::size_t bytes,
                                                    Census& census,
                                                    std::uint64_t id,
                                                    std::uint64_t number,
                                                    std::uint64_t round,
                                                    Form form);

  ReplayNode(Census& census,
             std::uint64_t id,
             std::uint64_t number,
             std::uint64_t round,
             Form form)
      : Token(census, id, number, round), form_(form) {}

  // Stale at once if its owner changes the node.
  [[nodiscard]] std::size_t degree() const {
    return degree_.load(std::memory_order_relaxed);  // relaxed: publishes nothing
  }
  // Null: there is no such edge, or no longer.
  [[nodiscard]] Ref<ReplayNode> edge(std::size_t place) const;

  // For the owner. All throw OutOfMemory.
  void assign(std::span<const Ref<Object>> targets);
  void append(Ref<Object> target);
  void replace(std::size_t place, Ref<Object> target);
  // The last edge takes its place.
  void remove(std::size_t place);

  // Whether these three take a time that does not grow with the degree, or little.
  [[nodiscard]] bool is_easily_changed() const {
    return form_ != Form::kTuple || degree() <= kMostCopied;
  }

 private:
  static constexpr std::size_t kFirst = 3;
  static constexpr std::size_t kMostCopied = 64;

  [[nodiscard]] Ref<Object> object_at(std::size_t place) const;
  void put_rest(std::span<const Ref<Object>> targets);
  void set_rest(std::size_t place, Ref<Object> target);  // place: at most one too far
  void drop_last();
  void set_tuple(std::size_t size, std::size_t place, const Ref<Object>& target);
  void set_degree(std::size_t degree) {
    // relaxed: as above
    degree_.store(static_cast<std::uint32_t>(degree), std::memory_order_relaxed);
  }

  std::array<Field<Object>, kFirst> first_;
  Field<Object> rest_;
  std::atomic<std::uint32_t> degree_{0};
  const Form form_;
};

}  // namespace threadmill
