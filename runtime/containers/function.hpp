// SPDX-License-Identifier: Apache-2.0
//
// Function: code with the objects that it uses (Python's closures). The code is a C++
// function; the objects, which it captures, are a tuple that never changes. What is to
// change stands in a Cell of it. A function can be the callback of a weak reference.
//
//     auto count = make<Cell>(make<Int>(0));
//     auto callback = make<Function>(
//         [](Function& self, Object&) noexcept {
//           auto cell = self.captured<Cell>(0);
//           cell->set(make<Int>(cast<Int>(cell->get())->value() + 1));
//         },
//         Tuple::create({count}));
#pragma once

#include "runtime/containers/tuple.hpp"
#include "runtime/object/make.hpp"
#include "runtime/object/ref.hpp"
#include "runtime/object/type.hpp"
#include "runtime/sync/plain.hpp"

namespace threadmill {

class Function : public Object {
 public:
  static constexpr TypeId kTypeId = kFunctionType;

  // The caller of the function keeps both objects alive.
  using Code = void (*)(Function& self, Object& argument) noexcept;

  // Without `closure` it captures nothing. Null: out of memory.
  [[nodiscard]] static Ref<Function> create(Code code,
                                            Ref<Tuple> closure = {}) noexcept;

  // The caller has references to this function and to `argument`.
  void operator()(Object& argument) noexcept { code_(*this, argument); }

  // What it captures at `index`; null: out of range, or no T.
  template <class T = Object>
  [[nodiscard]] Ref<T> captured(std::size_t index) const noexcept {
    Ref<Object> found = closure_ == nullptr ? nullptr : closure_->at(index);
    if constexpr (std::is_same_v<T, Object>)
      return found;
    else
      return cast<T>(std::move(found));
  }

  // For allocate().
  Function(Code code, Ref<Tuple> closure) noexcept
      : code_(code), closure_(closure.release()) {}

 private:
  friend struct FunctionType;

  const Plain<Code> code_;
  const Plain<Tuple*> closure_;  // counted; null: it captures nothing
};

static_assert(sizeof(Function) == 32);

}  // namespace threadmill
