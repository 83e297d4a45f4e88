// SPDX-License-Identifier: Apache-2.0
#include "runtime/containers/function.hpp"

#include "runtime/object/allocate.hpp"

namespace threadmill {

// The functions of the Type. There is no `clear`: what a function captures existed before
// it, so each cycle through it has a member that changes, where it is broken.
struct FunctionType {
  static void traverse(Object& self, Visitor& visit) noexcept {
    visit(static_cast<Function&>(self).closure_);
  }
  static void call(Object& self, Object& argument) noexcept {
    static_cast<Function&>(self)(argument);
  }
};

namespace {

constexpr Type kFunction{.name = "function",
                         .traverse = FunctionType::traverse,
                         .clear = nullptr,
                         .release = nullptr,
                         .hash = nullptr,
                         .equal = nullptr,
                         .finalize = nullptr,
                         .call = FunctionType::call};

[[maybe_unused]] const TypeId registered =
    register_builtin_type(kFunctionType, kFunction);

}  // namespace

Ref<Function> Function::create(Code code, Ref<Tuple> closure) noexcept {
  return Ref<Function>::adopt(
      allocate<Function>(sizeof(Function), kTypeId, code, std::move(closure)));
}

}  // namespace threadmill
