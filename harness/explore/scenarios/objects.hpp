// SPDX-License-Identifier: Apache-2.0
//
// What the scenarios' objects are made of. Each has a number that is written at its birth
// and read, without atomics, by its users and by its destructor: so a use that is not
// ordered after the birth and before the end is a data race. Each counts its death in a
// place of its own.
#pragma once

#include "runtime/runtime.hpp"
#include "runtime/sync/plain.hpp"

namespace threadmill::explore {

// Refers to nothing.
struct Leaf : Object {
  Leaf(int its_number, unsigned& its_deaths)
      : number(its_number), deaths(&its_deaths) {}
  ~Leaf() {
    static_cast<void>(static_cast<int>(number));  // the last use
    ++*deaths;
  }

  static constexpr const char* kTypeName = "leaf";

  Plain<int> number;
  unsigned* deaths;
};

// May be part of a ring.
struct Node : Object {
  Node(int its_number, unsigned& its_deaths)
      : number(its_number), deaths(&its_deaths) {}
  ~Node() {
    static_cast<void>(static_cast<int>(number));  // the last use
    ++*deaths;
  }

  static constexpr const char* kTypeName = "node";
  static void traverse(Node& self, const FieldVisitor& visit) { visit(self.next); }

  Plain<int> number;
  unsigned* deaths;
  Field<Object> next;
};

// The number of the Leaf or Node; 0: null.
inline int number_of(const Ref<Object>& object) {
  if (!object) return 0;
  // relaxed: written before the object was published
  return object->type.load(relaxed) == type_id_of<Leaf>()
             ? static_cast<const Leaf*>(object.get())->number
             : static_cast<const Node*>(object.get())->number;
}

}  // namespace threadmill::explore
