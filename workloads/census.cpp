// SPDX-License-Identifier: Apache-2.0
//
// The out-of-line part of census.hpp: the sums at the end.
#include "workloads/census.hpp"

#include <fmt/format.h>

#include "workloads/support.hpp"

namespace threadmill {

std::uint64_t Census::total(std::atomic<std::uint64_t> Shard::*field) const {
  std::uint64_t sum = 0;
  for (const Shard& shard : shards_) {
    sum += (shard.*field).load(std::memory_order_relaxed);  // relaxed: at quiescence
  }
  return sum;
}

std::uint64_t Census::births() const { return total(&Shard::births); }

std::uint64_t Census::deaths() const { return total(&Shard::deaths); }

std::string Census::mismatch(const Living& living) const {
  const std::uint64_t born = births();
  const std::uint64_t died = deaths();
  const std::uint64_t unsound = total(&Shard::unsound);
  if (born != died + living.count_) {
    return fmt::format("{} objects were born and {} died, but {} are left", born, died,
                       living.count_);
  }
  if (total(&Shard::born_sum) != total(&Shard::dead_sum) + living.sum_) {
    return "as many died as should have, but not the same ones";
  }
  if (unsound != 0) {
    return fmt::format("{} objects were destroyed twice or were damaged", unsound);
  }
  return {};
}

void Census::check(CheckList& checks, const Living& living) const {
  std::string detail = mismatch(living);
  const bool passed = detail.empty();
  checks.that("every object dies exactly once", births(), passed, std::move(detail));
}

std::string Token::describe() const {
  return fmt::format("object {:#x} (key {}, stamp {:#x}, {})", id_, key_, stamp_,
                     sound() ? "sound" : "dead or damaged");
}

Ref<Token> stray_token(Census& census) { return must(make<Token>(census, 0U, 0U, 0U)); }

}  // namespace threadmill
