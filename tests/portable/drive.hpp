// SPDX-License-Identifier: Apache-2.0
//
// A row, driven for a short time without a clock: so many operations by so many threads,
// which begin together.
#pragma once

#include <barrier>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "workloads/portable/stage.hpp"

namespace threadmill::portable {

template <ObjectModel M>
class CountedTurn {
 public:
  CountedTurn(unsigned index,
              unsigned threads,
              std::uint64_t iterations,
              Verdict& verdict,
              std::barrier<>& start)
      : index_(index),
        threads_(threads),
        iterations_(iterations),
        verdict_(verdict),
        start_(start) {}

  [[nodiscard]] unsigned index() const { return index_; }
  [[nodiscard]] unsigned threads() const { return threads_; }
  [[nodiscard]] std::uint64_t iterations() const { return iterations_; }

  template <class Operation>
  void timed(Operation operation) {
    {
      const typename M::Blocked waiting;
      start_.arrive_and_wait();
    }
    for (std::uint64_t i = 0; i < iterations_; ++i) {
      operation();
      if (i % 16 == 0) M::poll();
    }
  }

  void expect(bool right, const char* what) { verdict_.expect(right, what); }

 private:
  const unsigned index_;
  const unsigned threads_;
  const std::uint64_t iterations_;
  Verdict& verdict_;
  std::barrier<>& start_;
};

// Empty: the answer was right.
template <ObjectModel M, class Row>
[[nodiscard]] std::string drive(unsigned threads, std::uint64_t iterations) {
  const auto stage = Stage<M, Row>::open(threads);
  std::barrier start(static_cast<std::ptrdiff_t>(threads));
  std::vector<std::jthread> crew;
  for (unsigned i = 0; i < threads; ++i) {
    crew.emplace_back([&, i] {
      CountedTurn<M> turn(i, threads, iterations, stage->verdict(), start);
      stage->run(turn);
    });
  }
  crew.clear();
  return stage->finish();
}

}  // namespace threadmill::portable
