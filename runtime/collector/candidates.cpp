// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/candidates.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "runtime/collector/pages_to_do.hpp"
#include "runtime/collector/side_counts.hpp"

namespace threadmill {

namespace {

// Where blocks of one size begin, as white bits and as side counts of zero: most pages of a
// large heap are full of what is in one state, and are listed by copying these.
class FullPage {
 public:
  // Of the size and number of those of `page`.
  void become(const Page& page) noexcept {
    if (block_bytes_ == page.block_bytes) return;
    block_bytes_ = page.block_bytes;
    std::memset(white_, 0, sizeof white_);
    std::memset(counts_, 0, sizeof counts_);
    for (std::uint32_t i = 0; i < page.block_count; ++i) {
      const std::uint32_t granule =
          (page.first_block + i * block_bytes_) / SideTables::kGranuleBytes;
      white_[granule / 64] |= SideTables::bit_of(granule);
      counts_[granule] = SideCounts::kZero;
    }
  }
  [[nodiscard]] const std::uint64_t* white() const noexcept { return white_; }
  [[nodiscard]] const std::uint8_t* counts() const noexcept { return counts_; }

 private:
  std::uint32_t block_bytes_ = 0;
  std::uint64_t white_[SideTables::kWordsPerPage];
  std::uint8_t counts_[SideTables::kGranulesPerPage];
};

class Candidates {
 public:
  explicit Candidates(const Scope& scope) noexcept
      : scope_(scope),
        counts_(scope.side()),
        next_age_(std::min(scope.generation() + 1, kOldest)) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  void list(std::uint32_t number) noexcept TM_REQUIRES(stopped_world) {
    Page& page = scope_.side().page(number);
    std::uint8_t& marks = scope_.side().marks()[number];
    marks = SideTables::kInUse | (next_age_ == 1 ? SideTables::kHasMiddle : 0);
    if (!is_full_of_one_state(page)) return list_each(page, number);
    // relaxed: the world is stopped
    const std::uint8_t state = page.liveness(0).load(relaxed);
    if (scope_.looks_at(state)) list_all(page, number, state);
  }

 private:
  static constexpr std::uint32_t kWords = SideTables::kWordsPerPage;

  static bool is_full_of_one_state(Page& page) noexcept {
    if constexpr (kExplored) return false;
    if (page.handed_out != page.block_count) return false;
    return std::memcmp(page.liveness(0).address(), page.liveness(1).address(),
                       page.block_count - 1) == 0;
  }
  void list_all(Page& page, std::uint32_t number, std::uint8_t state) noexcept
      TM_REQUIRES(stopped_world) {
    const std::uint8_t next = block_state::with_age(state, next_age_);
    if (next != state) {
      for (std::uint32_t i = 0; i < page.block_count; ++i)
        page.liveness(i).store(next, relaxed);  // relaxed: the world is stopped
    }
    full_.become(page);
    counts_.begin_page(number, full_.counts());
    add(number, full_.white());
  }
  void list_each(Page& page, std::uint32_t number) noexcept TM_REQUIRES(stopped_world) {
    const auto first_granule =
        number * static_cast<std::uint32_t>(SideTables::kGranulesPerPage);
    const std::uint32_t first = page.first_block;
    const std::uint32_t bytes = page.block_bytes;
    std::uint64_t white[kWords] = {};
    const auto is_wanted = [this](std::uint8_t state) {
      return scope_.looks_at(state);
    };
    for_each_block(page, is_wanted, [&](std::uint32_t index, std::uint8_t state) {
      const std::uint8_t next = block_state::with_age(state, next_age_);
      // relaxed: the world is stopped
      if (next != state) page.liveness(index).store(next, relaxed);
      const std::uint32_t granule = (first + index * bytes) / SideTables::kGranuleBytes;
      counts_.set(first_granule + granule, 0);
      white[granule / 64] |= SideTables::bit_of(granule);
    });
    add(number, white);
  }
  void add(std::uint32_t number, const std::uint64_t* white) noexcept {
    SideTables::Colours* const colours = scope_.side().colours() + number * kWords;
    for (std::uint32_t word = 0; word < kWords; ++word) {
      colours[word].white |= white[word];
      size_ += static_cast<std::uint64_t>(std::popcount(white[word]));
    }
  }

  const Scope& scope_;
  SideCounts counts_;
  const unsigned next_age_;
  std::uint64_t size_ = 0;
  FullPage full_;
};

}  // namespace

std::uint64_t list_candidates(const Scope& scope, Team& team) noexcept {
  PagesToDo pages(scope.pages());
  Atomic<std::uint64_t> size;
  auto work = [&](unsigned) TM_NO_THREAD_SAFETY_ANALYSIS {
    Candidates candidates(scope);
    pages.take_all([&](std::uint32_t i) TM_NO_THREAD_SAFETY_ANALYSIS {
      candidates.list(scope.page(i));
    });
    size.fetch_add(candidates.size(), relaxed);  // relaxed: read when all are done
  };
  run_on_pages(scope, team, work);
  return size.load(relaxed);  // relaxed: as above
}

}  // namespace threadmill
