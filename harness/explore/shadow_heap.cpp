// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/shadow_heap.hpp"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace threadmill::explore {
namespace {

void* reserve(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return memory;
}

constexpr std::size_t round_up(std::size_t value, std::size_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace

ShadowHeap::ShadowHeap()
    : base_(static_cast<char*>(reserve(kBytes))),
      shadow_(static_cast<std::uint8_t*>(reserve(kBytes / kGranule))) {}

ShadowHeap::~ShadowHeap() {
  ::munmap(base_, kBytes);
  ::munmap(shadow_, kBytes / kGranule);
}

void ShadowHeap::reset() noexcept {
  for (unsigned part = 0; part < kParts; ++part) {
    if (used_[part] == 0) continue;
    std::memset(shadow_ + part * (kPartBytes / kGranule), 0, marked_[part]);
    marked_[part] = 0;
    used_[part] = 0;
  }
  blocks_ = 0;
}

void* ShadowHeap::allocate(unsigned part,
                           std::size_t bytes,
                           std::size_t alignment,
                           bool marked) noexcept {
  char* start = base_ + part * kPartBytes;
  const auto first = reinterpret_cast<std::uintptr_t>(start) + used_[part];
  const std::uintptr_t block = round_up(first + sizeof(Prefix), alignment);
  const std::size_t end =
      round_up(block + bytes - reinterpret_cast<std::uintptr_t>(start), 2 * kGranule);
  if (bytes > kPartBytes || end > kPartBytes) return nullptr;
  used_[part] = end;
  void* memory = reinterpret_cast<void*>(block);
  static_cast<Prefix*>(memory)[-1] = {bytes, kLive};
  if (marked) mark(memory, bytes, Granule::live);
  ++blocks_;
  return memory;
}

std::size_t ShadowHeap::free(void* block) noexcept {
  Prefix& prefix = static_cast<Prefix*>(block)[-1];
  if (prefix.state != kLive) return 0;
  prefix.state = 0;
  mark(block, prefix.bytes, Granule::freed);
  --blocks_;
  return prefix.bytes;
}

void ShadowHeap::mark(const void* begin, std::size_t bytes, Granule granule) noexcept {
  const std::size_t first = offset_of(begin) / kGranule;
  const std::size_t end = (offset_of(begin) + bytes + kGranule - 1) / kGranule;
  std::memset(shadow_ + first, static_cast<int>(granule), end - first);
  const std::size_t part = offset_of(begin) / kPartBytes;
  const std::size_t high = end - part * (kPartBytes / kGranule);
  if (marked_[part] < high) marked_[part] = high;
}

}  // namespace threadmill::explore
