// SPDX-License-Identifier: Apache-2.0
#include "harness/host.hpp"

#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "runtime/base/build_info.hpp"

namespace threadmill {
namespace {

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string kernel_name() {
  utsname name{};
  if (::uname(&name) != 0) return "unknown";
  return std::string(name.sysname) + " " + name.release;
}

}  // namespace

Host this_host() {
  const auto pages = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES));
  const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {cpu_model(), std::thread::hardware_concurrency(), pages * page_bytes,
          kernel_name()};
}

Build this_build() {
  const BuildInfo build = build_info();
  return {build.compiler,  build.build_type, build.refcount, build.header_bytes,
          build.allocator, build.sanitizers, build.checks,   build.faults};
}

std::uint64_t usable_memory_bytes() {
  const std::uint64_t all = this_host().memory_bytes;
  std::ifstream file("/sys/fs/cgroup/memory.max");
  std::uint64_t limit = 0;
  return file >> limit ? std::min(all, limit) : all;  // it may say "max"
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t resident_peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  rusage of_children{};
  ::getrusage(RUSAGE_CHILDREN, &of_children);
  const auto kibibytes = std::max(usage.ru_maxrss, of_children.ru_maxrss);
  return static_cast<std::uint64_t>(kibibytes) * 1024;
}

}  // namespace threadmill
