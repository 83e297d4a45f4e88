// SPDX-License-Identifier: Apache-2.0
//
// WeakSet: a set of objects that it does not keep alive (Python's WeakSet). Objects are
// equal only to themselves. What weak_dict.hpp says of handles, steps and callbacks holds
// here too.
#pragma once

#include "runtime/containers/dict.hpp"
#include "runtime/containers/list.hpp"
#include "runtime/object/ref.hpp"

namespace threadmill {

class WeakSet {
 public:
  // The handle of nothing.
  WeakSet() noexcept = default;
  // An empty set. False by operator bool: out of memory.
  [[nodiscard]] static WeakSet create() noexcept;
  explicit operator bool() const noexcept { return entries_ != nullptr; }

  [[nodiscard]] std::size_t size() const noexcept { return entries_->size(); }

  [[nodiscard]] bool contains(const Ref<Object>& item) const noexcept;

  enum class Add {
    added,
    was_there,
    refused,  // out of memory, or a null item
  };
  [[nodiscard]] Add add(const Ref<Object>& item) noexcept;

  // True: it was there.
  bool discard(const Ref<Object>& item) noexcept;

  // Those that live. Null: out of memory.
  [[nodiscard]] Ref<List> items() const noexcept;

  void clear() noexcept { entries_->clear(); }

  // The object behind it, to which this handle is a reference; null: there is none.
  [[nodiscard]] const Ref<Dict>& entries() const noexcept { return entries_; }

 private:
  Ref<Dict> entries_;  // identity -> WeakReference
};

}  // namespace threadmill
