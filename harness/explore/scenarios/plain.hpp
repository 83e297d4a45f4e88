// SPDX-License-Identifier: Apache-2.0
//
// Plain<T>: a variable that is not atomic, whose uses the engine checks: two of them, one
// a write, that nothing orders are a data race, and a use of freed memory is found.
#pragma once

#include "harness/explore/engine.hpp"

namespace threadmill::explore {

template <class T>
class Plain {
 public:
  explicit Plain(T value = T{},
                 const char* file = __builtin_FILE(),
                 int line = __builtin_LINE()) {
    write(value, file, line);
  }

  [[nodiscard]] T read(const char* file = __builtin_FILE(),
                       int line = __builtin_LINE()) const {
    if (is_running()) engine().plain_read(&value_, sizeof value_, {file, line});
    return value_;
  }
  void write(T value,
             const char* file = __builtin_FILE(),
             int line = __builtin_LINE()) {
    if (is_running()) engine().plain_write(&value_, sizeof value_, {file, line});
    value_ = value;
  }
  void add(T amount, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    const T before = read(file, line);
    write(static_cast<T>(before + amount), file, line);
  }

  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;

 private:
  T value_;
};

}  // namespace threadmill::explore
