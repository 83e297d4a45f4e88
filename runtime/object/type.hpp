// SPDX-License-Identifier: Apache-2.0
//
// Type: what the runtime knows of a kind of object, as a table of functions. Types are
// process-wide and numbered before main() or, for the runtime's own, at compile time;
// the table is only read afterwards.
#pragma once

#include <cstdint>

#include "runtime/base/assert.hpp"
#include "runtime/object/header.hpp"

namespace threadmill {

// Called with each object that another one refers to and counts.
class Visitor {
 public:
  using Function = void (*)(void* context, Object& target) noexcept;

  Visitor(Function function, void* context) noexcept
      : function_(function), context_(context) {}

  // Null is allowed.
  void operator()(Object* target) const noexcept {
    if (target != nullptr) function_(context_, *target);
  }

 private:
  Function function_;
  void* context_;
};

struct Type {
  const char* name;
  // Visits each counted reference once; null: the type has none, so no cycle goes
  // through its objects. Called by a thread that has the object to itself, or in a pause.
  void (*traverse)(Object& self, const Visitor& visit) noexcept;
  // Drops references so that no cycle goes through `self`; null: cycles through such an
  // object are broken elsewhere. The caller holds a reference.
  void (*clear)(Object& self) noexcept;
  // Ends the object's life but for its references, which were dropped: frees buffers.
  // Null: nothing to do.
  void (*release)(Object& self) noexcept;
  // For dict keys. Equal objects have equal hashes. Null: identity.
  std::uint64_t (*hash)(const Object& self) noexcept;
  bool (*equal)(const Object& self, const Object& other) noexcept;
  // User code that runs once, before the object dies for good (Python's __del__). The
  // object is whole and the caller holds a reference; what keeps another one keeps the
  // object alive. Null: none.
  void (*finalize)(Object& self) noexcept = nullptr;
  // User code: calls the object with one argument, which the caller keeps alive. Null: it
  // cannot be called.
  void (*call)(Object& self, Object& argument) noexcept = nullptr;
};

inline constexpr std::size_t kMaxTypes = 1024;

namespace detail {
extern const Type* type_table[kMaxTypes];
}

// The runtime's own types.
enum BuiltinType : TypeId {
  kNoneType = 1,
  kStrType,
  kIntType,
  kFloatType,
  kTupleType,
  kListType,
  kDictType,
  kWeakReferenceType,
  kCellType,
  kFunctionType,
  kSetType,
  kFirstUserType = 16,
};

// Gives `type`, which lives for ever, a number. Called while the process starts, on one
// thread.
TypeId register_type(const Type& type) noexcept;
TypeId register_builtin_type(TypeId id, const Type& type) noexcept;

inline const Type& type_of(const Object& object) noexcept {
  // relaxed: written before the object was published
  return *detail::type_table[object.type.load(relaxed)];
}

}  // namespace threadmill
