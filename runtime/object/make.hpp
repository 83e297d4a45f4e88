// SPDX-License-Identifier: Apache-2.0
//
// make<T>(...): typed creation, for the runtime's types and for users'. A user's type is
// a struct that derives from Object:
//
//     struct Node : Object {
//       explicit Node(int n) : number(n) {}
//       static constexpr const char* kTypeName = "node";
//       static void traverse(Node& self, const FieldVisitor& visit) { visit(self.next); }
//       int number;
//       Field<Node> next;
//     };
//
// A type may have `static void finalize(Node& self)`, which runs once before the object
// ends, and may resurrect it; and `static void call(Node& self, Object& argument)`.
// `traverse` names every Field once; a type without Fields has none. The destructor runs
// when the object has died and its fields were dropped; it must use no object.
//
// `static constexpr bool kDefersCounts = true` for a type whose objects many threads use:
// stack references are not counted, and they end in collections only (deferred.hpp).
// `kDistributesCounts` likewise: once threads fight over the count of an object without
// owner, each counts by itself, and it ends in a collection only (distributed.hpp).
#pragma once

#include <type_traits>

#include "runtime/object/allocate.hpp"
#include "runtime/object/deferred.hpp"
#include "runtime/object/distributed.hpp"
#include "runtime/object/field.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"

namespace threadmill {

// What a user's `traverse` calls with each Field.
class FieldVisitor {
 public:
  explicit FieldVisitor(Visitor& visit) noexcept : visit_(&visit) {}
  FieldVisitor() noexcept = default;  // clears

  template <class T>
  void operator()(Field<T>& field) const noexcept {
    if (visit_ != nullptr)
      (*visit_)(field.peek());
    else
      field.store(nullptr);
  }

 private:
  Visitor* visit_ = nullptr;
};

template <class T>
concept HasFields = requires(T& object, const FieldVisitor& visit) {
  T::traverse(object, visit);
};

template <class T>
concept HasFinalizer = requires(T& object) {
  T::finalize(object);
};

template <class T>
concept IsCallable = requires(T& object, Object& argument) {
  T::call(object, argument);
};

template <class T>
concept DefersCounts = requires {
  requires T::kDefersCounts;
};

template <class T>
concept DistributesCounts = requires {
  requires T::kDistributesCounts;
};

template <class T>
concept UserType = std::is_base_of_v<Object, T> && requires {
  T::kTypeName;
};

namespace detail {

template <UserType T>
struct UserTypeTable {
  static void traverse(Object& self, Visitor& visit) noexcept {
    if constexpr (HasFields<T>) T::traverse(static_cast<T&>(self), FieldVisitor(visit));
  }
  static void clear(Object& self) noexcept {
    if constexpr (HasFields<T>) T::traverse(static_cast<T&>(self), FieldVisitor());
  }
  static void release(Object& self) noexcept { static_cast<T&>(self).~T(); }
  static void finalize(Object& self) noexcept {
    if constexpr (HasFinalizer<T>) T::finalize(static_cast<T&>(self));
  }
  static void call(Object& self, Object& argument) noexcept {
    if constexpr (IsCallable<T>) T::call(static_cast<T&>(self), argument);
  }

  static constexpr Type kType{
      .name = T::kTypeName,
      // Collections look at what has one.
      .traverse =
          HasFields<T> || DefersCounts<T> || DistributesCounts<T> ? &traverse : nullptr,
      .clear = HasFields<T> ? &clear : nullptr,
      .release = std::is_trivially_destructible_v<T> ? nullptr : &release,
      .hash = nullptr,
      .equal = nullptr,
      .finalize = HasFinalizer<T> ? &finalize : nullptr,
      .call = IsCallable<T> ? &call : nullptr,
      .is_fixed = false,
      .distributes = DistributesCounts<T>,
  };
};

template <UserType T>
inline const TypeId user_type_id = register_type(UserTypeTable<T>::kType);

}  // namespace detail

// The number of T.
template <class T>
[[nodiscard]] TypeId type_id_of() noexcept {
  if constexpr (UserType<T>)
    return detail::user_type_id<T>;
  else
    return T::kTypeId;
}

// A new T with one reference; null: out of memory. The runtime's types have their own
// static `create`, which says what they take.
template <class T, class... Arguments>
[[nodiscard]] Ref<T> make(Arguments&&... arguments) noexcept {
  if constexpr (UserType<T>) {
    static_assert(sizeof(T) <= kMaxObjectBytes, "objects are at most 1 KiB long");
    static_assert(alignof(T) <= 8, "objects are aligned to 8 bytes");
    auto made = Ref<T>::adopt(
        allocate<T>(sizeof(T), type_id_of<T>(), std::forward<Arguments>(arguments)...));
    if constexpr (DefersCounts<T>) {
      if (made) (void)defer_counts(*made);
    }
    return made;
  } else {
    return T::create(std::forward<Arguments>(arguments)...);
  }
}

// The same object as a T; null if it is none.
template <class T>
[[nodiscard]] Ref<T> cast(Ref<Object> object) noexcept {
  // relaxed: written before the object was published
  if (!object || object->type.load(relaxed) != type_id_of<T>()) return nullptr;
  return Ref<T>::adopt(static_cast<T*>(object.release()));
}

}  // namespace threadmill
