// SPDX-License-Identifier: Apache-2.0
//
// scaling/*: the sixteen shapes of CPython's ftscalingbench, as what they do to objects:
// which are shared and only read, and which are the thread's own. There is no bytecode:
// a call takes a reference to what is called and reads its stamp.
//
//   scaling/SHAPE            what is shared was made by another thread
//   scaling_owner/SHAPE      by the one thread that runs
//
// ftscalingbench compares several threads with the one that owns the shared objects, which
// charges them for not being the owner as well as for being several. With both rows one
// sees the two apart.
//
// A model may have `make_hot(ref)`, for what many threads will count, and
// `make_immortal(ref)`, for what stays and need not be counted, which may put an equal
// object in its place; as CPython has deferred and per-thread counts for functions and
// types, and immortal constants.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "workloads/portable/create_drop.hpp"
#include "workloads/portable/row.hpp"

namespace threadmill::portable {

enum class Shape : std::size_t {
  kObjectCfunction,
  kCmoduleFunction,
  kObjectLookupSpecial,
  kContextManager,
  kMultConstant,
  kGenerator,
  kPymethod,
  kPyfunction,
  kModuleFunction,
  kLoadStringConst,
  kLoadTupleConst,
  kCreatePyobject,
  kCreateClosure,
  kCreateDict,
  kThreadLocalRead,
  kMethodCaller,
};
inline constexpr std::size_t kShapes = 16;

struct ShapeNames {
  const char* shared;
  const char* owner;
  const char* purpose;
};
#define TM_SHAPE(name, purpose) \
  { "scaling/" name, "scaling_owner/" name, purpose }
inline constexpr std::array<ShapeNames, kShapes> kShapeNames{
    {TM_SHAPE("object_cfunction", "two methods of a list of the thread's own"),
     TM_SHAPE("cmodule_function",
              "a module is found, a function in it, called with a number"),
     TM_SHAPE("object_lookup_special", "a special method from a type, on a number"),
     TM_SHAPE("context_manager", "an instance is made, two special methods called"),
     TM_SHAPE("mult_constant", "a shared constant times a number"),
     TM_SHAPE("generator", "a frame is made and resumed ten times"),
     TM_SHAPE("pymethod", "a method that sets an attribute to a new number"),
     TM_SHAPE("pyfunction", "a global function is found and called"),
     TM_SHAPE("module_function", "a module is found, a function in it, and called"),
     TM_SHAPE("load_string_const", "a shared string, looked at"),
     TM_SHAPE("load_tuple_const", "a shared tuple, looked at"),
     TM_SHAPE("create_pyobject", "an instance of a shared type is made and dropped"),
     TM_SHAPE("create_closure", "a function over shared code and globals, called once"),
     TM_SHAPE("create_dict", "a dict with a shared key and a shared value"),
     TM_SHAPE("thread_local_read",
              "a shared handle, and the thread's own dict behind it"),
     TM_SHAPE("method_caller", "an object that holds a shared name and calls by it")}};
#undef TM_SHAPE

// What a program's modules hold.
template <ObjectModel M>
class Surroundings {
 public:
  using Ref = typename M::Ref;

  Surroundings() {
    globals = M::shared_dict();
    type = M::shared_dict();
    handle = M::node(4, nullptr);
    module = M::node(3, nullptr);
    hot(globals), hot(type), hot(handle), hot(module);
    function = M::node(1, nullptr);
    method = M::node(2, nullptr);
    hot(function), hot(method);
    function_name = immortal(M::text("function"));
    method_name = immortal(M::text("method"));
    module_name = immortal(M::text("module"));
    constant = immortal(M::number(kFirstNumber));
    string = immortal(M::text("a string"));
    tuple = immortal(M::pair(constant, string));
    for (int i = 0; i < 8; ++i)  // as if there were more in them
      M::set(globals, M::number(kFirstNumber + i), constant);
    M::set(globals, function_name, function);
    M::set(globals, module_name, module);
    M::set(type, method_name, method);
  }

  Ref globals, type, handle, module, function, method;
  Ref function_name, method_name, module_name, constant, string, tuple;

 private:
  static void hot(const Ref& ref) {
    if constexpr (requires { M::make_hot(ref); }) M::make_hot(ref);
  }
  static Ref immortal(Ref ref) {
    if constexpr (requires { M::make_immortal(ref); }) M::make_immortal(ref);
    return ref;
  }
};

// One thread in its surroundings. step() does the shape once, and returns 0.
template <ObjectModel M, Shape kShape>
class ShapeStepper {
 public:
  using Ref = typename M::Ref;

  explicit ShapeStepper(const Surroundings<M>& all) : all_(all) {
    for (std::int64_t i = 0; i < kOwnItems; ++i)
      M::append(list_, M::number(kFirstNumber + i));
    M::set(locals_, all_.string, own_number_);
  }

  [[nodiscard]] std::int64_t step() {
    if constexpr (kShape == Shape::kObjectCfunction) {
      const std::int64_t called = call(all_.method) + call(all_.method) - 4;
      const Ref first = M::take_first(list_);
      M::append(list_, first);
      const std::int64_t wrong = M::value(first) ^ (kFirstNumber + at_);
      at_ = (at_ + 1) % kOwnItems;
      const Ref middle = M::item(list_, kOwnItems / 2);
      return called | wrong |
             (M::value(middle) ^ (kFirstNumber + (at_ + kOwnItems / 2) % kOwnItems));
    } else if constexpr (kShape == Shape::kCmoduleFunction) {
      const Ref module = M::get(all_.globals, all_.module_name);
      const Ref made = M::number(kFirstNumber + 1);
      return (M::stamp(module) ^ 3) | called_global(all_.function_name) |
             (M::value(made) ^ (kFirstNumber + 1));
    } else if constexpr (kShape == Shape::kObjectLookupSpecial) {
      return called_special() + (M::value(own_number_) ^ kFirstNumber);
    } else if constexpr (kShape == Shape::kContextManager) {
      const Ref made = instance();
      return called_special() + called_special() + (M::stamp(made) ^ 5);
    } else if constexpr (kShape == Shape::kMultConstant) {
      const Ref constant = all_.constant;
      const Ref product = M::number(M::value(constant) * 3);
      return M::value(product) ^ (3 * kFirstNumber);
    } else if constexpr (kShape == Shape::kGenerator) {
      const Ref frame = M::node(0, nullptr);
      M::link(frame, 0, all_.function);
      std::int64_t sum = 0;
      for (int i = 0; i < 10; ++i) {
        const Ref value = M::number(kFirstNumber + i);
        M::link(frame, 1, value);
        sum += M::value(M::linked(frame, 1)) - kFirstNumber;
      }
      return sum ^ 45;
    } else if constexpr (kShape == Shape::kPymethod) {
      const std::int64_t called = call(all_.method) - 2;
      ++at_;
      M::link(instance_, 0, M::number(kFirstNumber + at_));
      return called | (M::value(M::linked(instance_, 0)) ^ (kFirstNumber + at_));
    } else if constexpr (kShape == Shape::kPyfunction) {
      return called_global(all_.function_name);
    } else if constexpr (kShape == Shape::kModuleFunction) {
      const Ref module = M::get(all_.globals, all_.module_name);
      return (M::stamp(module) ^ 3) | called_global(all_.function_name);
    } else if constexpr (kShape == Shape::kLoadStringConst) {
      const Ref string = all_.string;
      keep(string);
      return static_cast<std::int64_t>(M::view(string).size()) ^ 8;
    } else if constexpr (kShape == Shape::kLoadTupleConst) {
      const Ref tuple = all_.tuple;
      keep(tuple);
      return M::value(M::part(tuple, 0)) ^ kFirstNumber;
    } else if constexpr (kShape == Shape::kCreatePyobject) {
      const Ref made = instance();
      return M::stamp(made) ^ 5;
    } else if constexpr (kShape == Shape::kCreateClosure) {
      const Ref made = M::node(6, nullptr);
      M::link(made, 0, all_.function);
      M::link(made, 1, all_.globals);
      return (M::stamp(made) ^ 6) | (call(M::linked(made, 0)) - 1);
    } else if constexpr (kShape == Shape::kCreateDict) {
      const Ref made = M::dict();
      M::set(made, all_.function_name, all_.constant);
      return static_cast<std::int64_t>(M::entries(made)) ^
             1;  // see makes_whole_dicts()
    } else if constexpr (kShape == Shape::kThreadLocalRead) {
      const std::int64_t looked = call(all_.handle) - 4;
      const Ref found = M::get(locals_, all_.string);
      return looked | (M::value(found) ^ kFirstNumber);
    } else {
      static_assert(kShape == Shape::kMethodCaller);
      const Ref name = M::part(caller_, 0);
      return call(M::get(all_.type, name)) - 2;
    }
  }

  // What kCreateDict has no time to look at.
  [[nodiscard]] bool makes_whole_dicts() const {
    const Ref made = M::dict();
    M::set(made, all_.function_name, all_.constant);
    const Ref found = M::get(made, all_.function_name);
    return found && M::value(found) == kFirstNumber;
  }

 private:
  static constexpr std::int64_t kOwnItems = 100;

  [[nodiscard]] static std::int64_t call(const Ref& callee) {
    const Ref frame = callee;
    keep(frame);
    return M::stamp(frame);
  }
  [[nodiscard]] std::int64_t called_global(const Ref& name) const {
    return call(M::get(all_.globals, name)) - 1;
  }
  [[nodiscard]] std::int64_t called_special() const {
    return call(M::get(all_.type, all_.method_name)) - 2;
  }
  // Whose type is shared: in a reference, where the model has no types of its own.
  [[nodiscard]] Ref instance() const {
    Ref made = M::node(5, nullptr);
    M::link(made, 0, all_.type);
    return made;
  }

  const Surroundings<M>& all_;
  const Ref list_ = M::list();
  const Ref own_number_ = M::number(kFirstNumber);
  const Ref locals_ = M::dict();
  const Ref instance_ = M::node(5, nullptr);
  const Ref caller_ = M::pair(all_.method_name, all_.constant);
  std::int64_t at_ = 0;
};

template <ObjectModel M, Shape kShape, bool kByOwner>
class Scaling {
 public:
  static constexpr const ShapeNames& kNames =
      kShapeNames[static_cast<std::size_t>(kShape)];
  static constexpr RowInfo kInfo{.name = kByOwner ? kNames.owner : kNames.shared,
                                 .purpose = kNames.purpose,
                                 .threads = kByOwner ? Threads::kOne : Threads::kAny,
                                 .note = kCountsNote<M>};

  explicit Scaling(unsigned /*threads*/) {}

  template <class Turn>
  void run(Turn& turn) {
    if constexpr (kByOwner) {
      const Surroundings<M> own;
      measure(turn, own);
    } else {
      measure(turn, shared_);
    }
  }

  void finish(typename M::World& /*world*/, Verdict& /*verdict*/) {}

 private:
  template <class Turn>
  static void measure(Turn& turn, const Surroundings<M>& all) {
    ShapeStepper<M, kShape> stepper(all);
    std::int64_t wrong = 0;
    turn.timed([&] { wrong |= stepper.step(); });
    turn.expect(wrong == 0 && stepper.makes_whole_dicts(),
                "an object was not the one that it should be");
  }

  Surroundings<M> shared_;
};

}  // namespace threadmill::portable
