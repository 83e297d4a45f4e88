// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/side_tables.hpp"

#include <cstring>

#include "runtime/memory/os_memory.hpp"

namespace threadmill {

namespace {

constexpr std::size_t kSystemPage = 4096;

static_assert(SideTables::kGranulesPerPage % kSystemPage == 0,
              "what belongs to a page is whole pages of the system's");

constexpr std::size_t whole_pages(std::size_t bytes) noexcept {
  return (bytes + kSystemPage - 1) & ~(kSystemPage - 1);
}

// All but the beginning, so that a small heap does not pay for large pages.
void prefer_large_pages(void* table, std::size_t bytes) noexcept {
  constexpr std::size_t kBeginning = std::size_t{2} << 20;
  const auto begin =
      (reinterpret_cast<std::uintptr_t>(table) + kBeginning) & ~(kSystemPage - 1);
  const auto end = reinterpret_cast<std::uintptr_t>(table) + bytes;
  if (begin < end) os_prefer_large_pages(reinterpret_cast<void*>(begin), end - begin);
}

}  // namespace

SideTables::~SideTables() {
  if (range_ != nullptr) os_release(range_, range_bytes_);
}

bool SideTables::open(char* base, std::size_t bytes) noexcept {
  const std::size_t pages = bytes / kPageBytes;
  const std::size_t granules = pages * kGranulesPerPage;
  const std::size_t wide_bytes = granules * sizeof(std::uint32_t);
  const std::size_t bit_bytes = whole_pages(granules / 8);
  const std::size_t list_bytes = pages * sizeof(std::uint32_t);
  range_bytes_ = wide_bytes + 2 * bit_bytes + granules + 3 * list_bytes + pages;
  range_ = os_reserve(range_bytes_, kPageBytes);
  if (range_ == nullptr) return false;
  base_ = base;
  char* next = static_cast<char*>(range_);
  const auto take = [&next](std::size_t length) {
    char* const taken = next;
    next += length;
    return static_cast<void*>(taken);
  };
  wide_ = static_cast<std::uint32_t*>(take(wide_bytes));
  white_ = static_cast<std::uint64_t*>(take(bit_bytes));
  grey_ = static_cast<std::uint64_t*>(take(bit_bytes));
  narrow_ = static_cast<std::uint8_t*>(take(granules));
  scope_ = static_cast<std::uint32_t*>(take(list_bytes));
  queue_ = static_cast<std::uint32_t*>(take(list_bytes));
  next_free_ = static_cast<std::uint32_t*>(take(list_bytes));
  marks_ = static_cast<std::uint8_t*>(take(pages));
  prefer_large_pages(white_, bit_bytes);
  prefer_large_pages(narrow_, granules);
  return true;
}

void SideTables::discard(std::uint32_t page) noexcept {
  os_discard(narrow_ + page * kGranulesPerPage, kGranulesPerPage);
  os_discard(wide_ + page * kGranulesPerPage, kGranulesPerPage * sizeof *wide_);
}

void SideTables::wipe(std::uint32_t page) noexcept {
  std::memset(narrow_ + page * kGranulesPerPage, 0, kGranulesPerPage);
  std::memset(white_ + page * kWordsPerPage, 0, kGranulesPerPage / 8);
  std::memset(grey_ + page * kWordsPerPage, 0, kGranulesPerPage / 8);
  marks_[page] = 0;
}

}  // namespace threadmill
