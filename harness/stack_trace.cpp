// SPDX-License-Identifier: Apache-2.0
#include "harness/stack_trace.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include <cxxabi.h>
#include <execinfo.h>

namespace threadmill {
namespace {

std::uint64_t distance(const void* from, const void* to) noexcept {
  return reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from);
}

}  // namespace

void StackTrace::prepare() noexcept {
  void* frame = nullptr;
  (void)::backtrace(&frame, 1);  // the first call loads libgcc
}

void StackTrace::take(const void* from) noexcept {
  const int count = ::backtrace(frames_.data(), static_cast<int>(frames_.size()));
  size_ = static_cast<std::size_t>(std::max(count, 0));
  const auto end = frames_.begin() + static_cast<std::ptrdiff_t>(size_);
  const auto first = std::find(frames_.begin(), end, from);
  if (first == end) return;  // it is not among them: better too many than none
  std::copy(first, end, frames_.begin());
  size_ = static_cast<std::size_t>(end - first);
}

void StackTrace::put_frame(SafeText& out, std::size_t index) const noexcept {
  const void* address = frames_[index];
  Dl_info where{};
  if (::dladdr(address, &where) == 0 || where.dli_fname == nullptr) {
    out.put("(").put_hexadecimal(distance(nullptr, address)).put(")");
    return;
  }
  const std::string_view path(where.dli_fname);
  if (where.dli_sname != nullptr) {
    out.put_harmless(where.dli_sname).put("+");
    out.put_hexadecimal(distance(where.dli_saddr, address)).put(" ");
  }
  out.put("(").put_harmless(path.substr(path.rfind('/') + 1)).put("+");
  out.put_hexadecimal(distance(where.dli_fbase, address)).put(")");
}

std::string demangled(std::string_view frame) {
  const std::string symbol(frame.substr(0, frame.find('+')));
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(
      abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  if (name == nullptr || !symbol.starts_with("_Z")) return std::string(frame);
  return name.get() + std::string(frame.substr(symbol.size()));
}

}  // namespace threadmill
