// SPDX-License-Identifier: Apache-2.0
//
// Type: what the runtime knows of a kind of object, as a table of functions. Types are
// process-wide and numbered before main() or, for the runtime's own, at compile time;
// the table is only read afterwards.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/assert.hpp"
#include "runtime/memory/allocation_counts.hpp"
#include "runtime/object/header.hpp"

namespace threadmill {

// Called with each object that another one refers to and counts. It only notes them down,
// many before the next look at them: so that whoever looks can fetch the memory of all at
// once, and calls nothing for each.
class Visitor {
 public:
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;

  // Null is allowed.
  void operator()(Object* target) noexcept {
    if (target == nullptr) return;
    *next_++ = target;
    if (next_ == end_) [[unlikely]]
      full_(*this);
  }

 protected:
  // Takes what was noted down, and begins anew.
  using Full = void (*)(Visitor& visitor) noexcept;

  explicit Visitor(Full full) noexcept : full_(full) {}
  ~Visitor() = default;

  void begin(Object** room, std::size_t size) noexcept {
    next_ = room;
    end_ = room + size;
  }
  [[nodiscard]] Object** next() const noexcept { return next_; }

 private:
  Object** next_ = nullptr;
  Object** end_ = nullptr;
  const Full full_;
};

// A Visitor that calls `take(Object&)` with each of them, at the latest in finish().
template <class Take>
class EdgeBuffer : public Visitor {
 public:
  explicit EdgeBuffer(Take take) noexcept : Visitor(take_all), take_(take) {
    begin(edges_, kSize);
  }
  void finish() noexcept { take_all(*this); }

 private:
  static constexpr std::size_t kSize = 32;

  static void take_all(Visitor& visitor) noexcept {
    auto& self = static_cast<EdgeBuffer&>(visitor);
    Object** const end = self.next();
    for (Object** edge = self.edges_; edge != end; ++edge) self.take_(**edge);
    self.begin(self.edges_, kSize);
  }

  Take take_;
  Object* edges_[kSize];
};

struct Type {
  const char* name;
  // Visits each counted reference once; null: the type has none, so no cycle goes
  // through its objects. Called by a thread that has the object to itself, or in a pause.
  void (*traverse)(Object& self, Visitor& visit) noexcept;
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
  // What an object refers to never changes. So if none of it is tracked, the object is not
  // tracked either.
  bool is_fixed = false;
  // Counts that threads fight over may be distributed (distributed.hpp): objects that end
  // in collections alone are no harm.
  bool distributes = false;
};

inline constexpr std::size_t kMaxTypes = 1024;
static_assert(kMaxTypes == AllocationCounts::kTypes);

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
  kAttributesType,
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
