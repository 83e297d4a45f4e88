// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/weak_method.hpp"

#include <utility>

#include "runtime/containers/cell.hpp"
#include "runtime/containers/tuple.hpp"

namespace threadmill {

namespace {

// The code of the callback of both weak references. `self` captures a cell with the user's,
// which whoever is first takes out.
void call_once(Function& self, Object& dead) noexcept {
  const Ref<Object> callback = self.captured<Cell>(0)->exchange(nullptr);
  if (callback) type_of(*callback).call(*callback, dead);
}

// Null: out of memory.
Ref<Object> make_shared_callback(Ref<Object> callback) noexcept {
  Ref<Cell> cell = Cell::create(std::move(callback));
  Ref<Tuple> captured = cell ? Tuple::create({std::move(cell)}) : nullptr;
  return captured ? Function::create(call_once, std::move(captured)) : nullptr;
}

}  // namespace

WeakMethod WeakMethod::create(Object& self,
                              Function& function,
                              Ref<Object> callback) noexcept {
  WeakMethod made;
  Ref<Object> shared;
  if (callback) {
    shared = make_shared_callback(std::move(callback));
    if (!shared) return {};
  }
  made.self_ = WeakReference::create(self, shared);
  made.function_ = WeakReference::create(function, std::move(shared));
  return made ? made : WeakMethod();
}

WeakMethod::Method WeakMethod::get() const noexcept {
  if (!*this) return {};
  Method found{self_->get(), cast<Function>(function_->get())};
  return found ? found : Method{};
}

}  // namespace threadmill
