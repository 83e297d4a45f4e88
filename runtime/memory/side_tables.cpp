// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/side_tables.hpp"

#include <cstring>

#include "runtime/memory/os_memory.hpp"

namespace threadmill {

namespace {

constexpr std::size_t kSystemPage = 4096;

static_assert(SideTables::kGranulesPerPage % kSystemPage == 0,
              "what belongs to a page is whole pages of the system's");

constexpr std::size_t kLargePage = std::size_t{2} << 20;

// Of a table that is looked up anywhere: so much is in pages of the system's own size, so
// that a small heap does not pay for large ones, which follow.
constexpr std::size_t kBeginning = std::size_t{1} << 20;

// Where such a table begins, so that large pages fit after its beginning.
char* begin_table(char* next) noexcept {
  const auto end = reinterpret_cast<std::uintptr_t>(next) + kBeginning;
  return next + (kLargePage - end % kLargePage) % kLargePage;
}

void prefer_large_pages(void* table, std::size_t bytes) noexcept {
  if (bytes > kBeginning)
    os_prefer_large_pages(static_cast<char*>(table) + kBeginning, bytes - kBeginning);
}

}  // namespace

SideTables::~SideTables() {
  if (range_ != nullptr) os_release(range_, range_bytes_);
}

bool SideTables::open(char* base, std::size_t bytes) noexcept {
  const std::size_t pages = bytes / kPageBytes;
  const std::size_t granules = pages * kGranulesPerPage;
  const std::size_t wide_bytes = granules * sizeof(std::uint32_t);
  const std::size_t colour_bytes = granules / 64 * sizeof(Colours);
  const std::size_t list_bytes = pages * sizeof(std::uint32_t);
  range_bytes_ =
      2 * kLargePage + colour_bytes + granules + wide_bytes + 3 * list_bytes + pages;
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
  next = begin_table(next);
  narrow_ = static_cast<std::uint8_t*>(take(granules));
  next = begin_table(next);
  colours_ = static_cast<Colours*>(take(colour_bytes));
  scope_ = static_cast<std::uint32_t*>(take(list_bytes));
  queue_ = static_cast<std::uint32_t*>(take(list_bytes));
  next_free_ = static_cast<std::uint32_t*>(take(list_bytes));
  marks_ = static_cast<std::uint8_t*>(take(pages));
  prefer_large_pages(colours_, colour_bytes);
  prefer_large_pages(narrow_, granules);
  return true;
}

void SideTables::discard(std::uint32_t page) noexcept {
  os_discard(narrow_ + page * kGranulesPerPage, kGranulesPerPage);
  os_discard(wide_ + page * kGranulesPerPage, kGranulesPerPage * sizeof *wide_);
}

void SideTables::wipe(std::uint32_t page) noexcept {
  std::memset(narrow_ + page * kGranulesPerPage, 0, kGranulesPerPage);
  std::memset(colours_ + page * kWordsPerPage, 0, kWordsPerPage * sizeof(Colours));
  marks_[page] = 0;
}

}  // namespace threadmill
