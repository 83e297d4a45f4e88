// SPDX-License-Identifier: Apache-2.0
//
// The model cpython: real CPython, embedded, through its C API; 3.11 and later. An
// operation is what a C extension would do, with no bytecode around it.
//
//   with a GIL          one thread at a time, which lets others in where it polls
//   free-threaded       (Py_GIL_DISABLED) all at once; what is read from a container is
//                       read by the functions that return a reference of their own
//
// Polling calls a Python function that does nothing: the interpreter looks at what others
// want of a thread (its GIL, a pause, counts to be merged) as it enters a function.
//
// What bytecode need not count when it is free-threaded, functions and modules, C code
// counts all the same: rows in which threads share those show the C API, not Python.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Python.h>

#include "workloads/portable/object_model.hpp"

static_assert(PY_VERSION_HEX >= 0x030B0000, "this needs CPython 3.11 or later");

namespace threadmill::bench {

#ifdef Py_GIL_DISABLED
inline constexpr bool kPythonHasGil = false;
#else
inline constexpr bool kPythonHasGil = true;
#endif

// An owning reference.
class PythonRef {
 public:
  PythonRef() = default;
  PythonRef(std::nullptr_t) {}
  PythonRef(const PythonRef& other) : object_(Py_XNewRef(other.object_)) {}
  PythonRef(PythonRef&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)) {}
  PythonRef& operator=(PythonRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~PythonRef() { Py_XDECREF(object_); }

  // Takes over a new reference.
  [[nodiscard]] static PythonRef adopt(PyObject* object) {
    PythonRef ref;
    ref.object_ = object;
    return ref;
  }
  // The same; null: whatever went wrong, it is told as want of memory.
  [[nodiscard]] static PythonRef made(PyObject* object) {
    if (object == nullptr) fail();
    return adopt(object);
  }
  static void check(int result) {
    if (result < 0) fail();
  }

  [[nodiscard]] PyObject* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  [[noreturn]] static void fail() {
    if (PyErr_Occurred() != nullptr) PyErr_Print();
    throw std::bad_alloc();
  }

  PyObject* object_ = nullptr;
};

// Node: the one type that CPython has not.
struct PythonNode {
  PyObject base;
  PyObject* links[2];
  PyObject* weak_references;
  std::int64_t stamp;
  portable::Tally* tally;

  [[nodiscard]] static PythonNode& of(PyObject* object) {
    return *reinterpret_cast<PythonNode*>(object);
  }

  // A static type, which its objects do not count: those of a class count themselves on
  // it, which a free-threaded interpreter does by thread, and C code cannot.
  [[nodiscard]] static PyTypeObject* make_type() {
    const PyVarObject head[] = {PyVarObject_HEAD_INIT(nullptr, 0)};  // ends in a comma
    static PyTypeObject type;
    type.ob_base = head[0];
    type.tp_name = "threadmill.Node";
    type.tp_basicsize = sizeof(PythonNode);
    type.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC;
    type.tp_weaklistoffset = offsetof(PythonNode, weak_references);
    type.tp_traverse = traverse;
    type.tp_clear = clear;
    type.tp_dealloc = dealloc;
    return PyType_Ready(&type) == 0 ? &type : nullptr;
  }

  static int traverse(PyObject* self, visitproc visit, void* arg) {
    for (PyObject* link : of(self).links) Py_VISIT(link);
    return 0;
  }
  static int clear(PyObject* self) {
    for (PyObject*& link : of(self).links) Py_CLEAR(link);
    return 0;
  }
  static void dealloc(PyObject* self) {
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, dealloc);
    if (of(self).weak_references != nullptr) PyObject_ClearWeakRefs(self);
    clear(self);
    if (of(self).tally != nullptr) of(self).tally->add();
    Py_TYPE(self)->tp_free(self);
    Py_TRASHCAN_END;
  }
};

class CpythonModel {
 public:
  using Ref = PythonRef;
  template <class T>
  using Allocator = std::allocator<T>;

  // The interpreter, from the thread that makes it until that ends it.
  class Process {
   public:
    Process() {
      PyConfig config;
      PyConfig_InitIsolatedConfig(&config);
      config.site_import = 0;
      // That of the build, so that it finds its library.
      require(PyConfig_SetBytesString(&config, &config.program_name, TM_PYTHON));
      require(Py_InitializeFromConfig(&config));
      PyConfig_Clear(&config);
      if (node_type() == nullptr || nothing() == nullptr)
        throw std::runtime_error(
            "CPython starts, but cannot make a type or a function");
      main_ = PyEval_SaveThread();
    }
    ~Process() {
      PyEval_RestoreThread(main_);
      (void)Py_FinalizeEx();
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

   private:
    static void require(PyStatus status) {
      if (PyStatus_Exception(status) == 0) return;
      throw std::runtime_error(std::string("CPython does not start: ") +
                               (status.err_msg != nullptr ? status.err_msg : "?"));
    }

    PyThreadState* main_ = nullptr;
  };

  struct World {
    void collect() { PyGC_Collect(); }
  };

  class Thread {
   public:
    explicit Thread(World& /*world*/) : state_(PyGILState_Ensure()) {}
    ~Thread() { PyGILState_Release(state_); }
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

   private:
    PyGILState_STATE state_;
  };

  class Blocked {
   public:
    Blocked() : state_(PyEval_SaveThread()) {}
    ~Blocked() { PyEval_RestoreThread(state_); }
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;

   private:
    PyThreadState* state_;
  };

  static constexpr bool kDiesAtOnce = true;
  static constexpr bool kCollectsCycles = true;
  static constexpr bool kDropsDeeply = true;

  static std::string name() { return "cpython"; }
  static std::vector<portable::ModelFact> facts() {
    return {{"allocator", kPythonHasGil ? "pymalloc" : "its own mimalloc"},
            {"cpython_version", PY_VERSION},
            {"gil", kPythonHasGil ? "yes" : "no"}};
  }
  static void poll() { (void)Ref::made(PyObject_CallNoArgs(nothing())); }

  static Ref number(std::int64_t value) {
    return Ref::made(PyLong_FromLongLong(value));
  }
  static std::int64_t value(const Ref& ref) { return PyLong_AsLongLong(ref.get()); }
  // Each byte is a character of Latin-1, which is a byte again inside of a str.
  static Ref text(std::string_view bytes) {
    return Ref::made(PyUnicode_DecodeLatin1(
        bytes.data(), static_cast<Py_ssize_t>(bytes.size()), nullptr));
  }
  static std::string_view view(const Ref& ref) {
    return {reinterpret_cast<const char*>(PyUnicode_1BYTE_DATA(ref.get())),
            static_cast<std::size_t>(PyUnicode_GET_LENGTH(ref.get()))};
  }
  static Ref pair(const Ref& a, const Ref& b) {
    return Ref::made(PyTuple_Pack(2, a.get(), b.get()));
  }
  static Ref part(const Ref& ref, std::size_t place) {
    return shared(PyTuple_GET_ITEM(ref.get(), static_cast<Py_ssize_t>(place)));
  }

  static Ref node(std::int64_t stamp, portable::Tally* tally) {
    PyTypeObject* const type = node_type();
    Ref made = Ref::made(type->tp_alloc(type, 0));  // zeroed
    PythonNode::of(made.get()).stamp = stamp;
    PythonNode::of(made.get()).tally = tally;
    return made;
  }
  static std::int64_t stamp(const Ref& ref) { return PythonNode::of(ref.get()).stamp; }
  static Ref linked(const Ref& ref, std::size_t place) {
    return shared(PythonNode::of(ref.get()).links[place]);
  }
  static void link(const Ref& ref, std::size_t place, const Ref& target) {
    PyObject* const old =
        std::exchange(PythonNode::of(ref.get()).links[place], Py_XNewRef(target.get()));
    Py_XDECREF(old);
  }

  static Ref list() { return Ref::made(PyList_New(0)); }
  static Ref shared_list() { return list(); }
  static std::size_t size(const Ref& ref) {
    return static_cast<std::size_t>(PyList_Size(ref.get()));
  }
  static Ref item(const Ref& ref, std::size_t place) {
    const auto at = static_cast<Py_ssize_t>(place);
#if PY_VERSION_HEX >= 0x030D0000
    return Ref::made(PyList_GetItemRef(ref.get(), at));
#else
    return shared(PyList_GetItem(ref.get(), at));
#endif
  }
  static void append(const Ref& ref, const Ref& item) {
    Ref::check(PyList_Append(ref.get(), item.get()));
  }
  static void clear(const Ref& ref) {
    Ref::check(PyList_SetSlice(ref.get(), 0, PyList_Size(ref.get()), nullptr));
  }
  static Ref take_first(const Ref& ref) {
    Ref first = item(ref, 0);
    Ref::check(PyList_SetSlice(ref.get(), 0, 1, nullptr));
    return first;
  }

  static Ref dict() { return Ref::made(PyDict_New()); }
  static Ref shared_dict() { return dict(); }
  static std::size_t entries(const Ref& ref) {
    return static_cast<std::size_t>(PyDict_Size(ref.get()));
  }
  static Ref get(const Ref& ref, const Ref& key) {
#if PY_VERSION_HEX >= 0x030D0000
    PyObject* found = nullptr;
    Ref::check(PyDict_GetItemRef(ref.get(), key.get(), &found));
    return Ref::adopt(found);
#else
    PyObject* const found = PyDict_GetItemWithError(ref.get(), key.get());
    if (found == nullptr && PyErr_Occurred() != nullptr) Ref::check(-1);
    return shared(found);
#endif
  }
  static void set(const Ref& ref, const Ref& key, const Ref& value) {
    Ref::check(PyDict_SetItem(ref.get(), key.get(), value.get()));
  }
  static Ref set_default(const Ref& ref, const Ref& key, const Ref& value) {
#if PY_VERSION_HEX >= 0x030D0000
    PyObject* found = nullptr;
    Ref::check(PyDict_SetDefaultRef(ref.get(), key.get(), value.get(), &found));
    return Ref::adopt(found);
#else
    PyObject* const found = PyDict_SetDefault(ref.get(), key.get(), value.get());
    if (found == nullptr) Ref::check(-1);
    return shared(found);
#endif
  }

  // As the compiler does it, in whose code `ref` becomes a constant: immortal, where the
  // interpreter is free-threaded.
  static void make_immortal(Ref& ref) {
    const Ref text = Ref::made(PyObject_Repr(ref.get()));
    const char* const source = PyUnicode_AsUTF8(text.get());
    if (source == nullptr) Ref::check(-1);
    const Ref none = Ref::made(PyDict_New());
    ref = Ref::made(PyRun_String(source, Py_eval_input, none.get(), none.get()));
  }

  using Weak = PythonRef;
  static Weak weak(const Ref& ref) {
    return Ref::made(PyWeakref_NewRef(ref.get(), nullptr));
  }
  static Ref lock(const Weak& weak) {
#if PY_VERSION_HEX >= 0x030D0000
    PyObject* found = nullptr;
    Ref::check(PyWeakref_GetRef(weak.get(), &found));
    return Ref::adopt(found);
#else
    PyObject* const found = PyWeakref_GetObject(weak.get());
    return found == Py_None ? Ref() : shared(found);
#endif
  }

 private:
  // What somebody else keeps alive: a container under the GIL, or that nobody changes.
  [[nodiscard]] static Ref shared(PyObject* borrowed) {
    return Ref::adopt(Py_XNewRef(borrowed));
  }

  // Made by Process, and kept for as long as there is a process.
  [[nodiscard]] static PyTypeObject* node_type() {
    static PyTypeObject* const type = PythonNode::make_type();
    return type;
  }
  [[nodiscard]] static PyObject* nothing() {
    static PyObject* const function = [] {
      const Ref globals = Ref::made(PyDict_New());
      return PyRun_String("lambda: None", Py_eval_input, globals.get(), globals.get());
    }();
    return function;
  }
};

static_assert(portable::HasWeak<CpythonModel>);

}  // namespace threadmill::bench
