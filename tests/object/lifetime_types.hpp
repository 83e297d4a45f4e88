// SPDX-License-Identifier: Apache-2.0
//
// Objects that tell what becomes of them, for tests of weak references and finalizers.
#pragma once

#include <functional>
#include <string>

#include "runtime/object/make.hpp"
#include "runtime/object/weak.hpp"

namespace threadmill {

// Calls a function of the test.
struct Callback : Object {
  using Function = std::function<void(WeakReference&)>;
  explicit Callback(Function function) : call_function(std::move(function)) {}
  static constexpr const char* kTypeName = "callback";
  static void call(Callback& self, Object& argument) {
    self.call_function(static_cast<WeakReference&>(argument));
  }
  Function call_function;
};

// Writes "f" as it is finalized and "d" as it is destroyed.
struct Ephemeral : Object {
  using Function = std::function<void(Ephemeral&)>;
  explicit Ephemeral(std::string& its_log, Function function = {})
      : log(its_log), finalize_function(std::move(function)) {}
  ~Ephemeral() { log += "d"; }
  static constexpr const char* kTypeName = "ephemeral";
  static void traverse(Ephemeral& self, const FieldVisitor& visit) {
    visit(self.next);
    visit(self.keeps);
  }
  static void finalize(Ephemeral& self) {
    self.log += "f";
    if (self.finalize_function) self.finalize_function(self);
  }
  std::string& log;
  Function finalize_function;
  Field<Ephemeral> next;
  Field<Object> keeps;
};

}  // namespace threadmill
