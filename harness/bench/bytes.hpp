// SPDX-License-Identifier: Apache-2.0
//
// bytes/KIND: how much memory an object takes, all included: what becomes resident as a
// process that has done nothing else makes many, divided by their number. The time of these
// rows is that of the measuring process, and means nothing.
#pragma once

#include <sys/prctl.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "harness/bench/program.hpp"
#include "workloads/portable/create_drop.hpp"
#include "workloads/portable/object_model.hpp"

namespace threadmill::bench {

// Exactly; /proc/self/statm lags behind.
[[nodiscard]] inline std::uint64_t resident_bytes_now() {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string word; file >> word;) {
    std::uint64_t kilobytes = 0;
    if (word == "Rss:" && file >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error("this kernel does not say how much memory is resident");
}

template <portable::ObjectModel M>
class Bytes {
 public:
  using Ref = typename M::Ref;

  [[nodiscard]] static Ref make(std::string_view kind, std::int64_t i, const Ref& a) {
    if (kind == "number") return M::number(portable::kFirstNumber + i);
    if (kind == "pair") return M::pair(a, a);
    if (kind == "node") return M::node(i, nullptr);
    if (kind == "list") return M::list();
    if (kind == "dict_5") {
      const Ref made = M::dict();
      for (const Ref& key : keys()) M::set(made, key, a);
      return made;
    }
    throw std::runtime_error("no object of kind " + std::string(kind));
  }

  [[nodiscard]] static double measure(std::string_view kind) {
    constexpr std::int64_t kObjects = 200'000;
    // A huge page would be resident as a whole.
    ::prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    typename M::World world;
    const typename M::Thread here(world);
    for (std::int64_t i = 0; i < 5; ++i)
      keys().push_back(M::number(portable::kFirstNumber + i));
    std::vector<Ref, typename M::template Allocator<Ref>> held(kObjects);
    const Ref part = M::number(portable::kFirstNumber);
    held[0] = make(kind, 0, part);  // what is made once for all
    const std::uint64_t before = resident_bytes_now();
    for (std::int64_t i = 1; i < kObjects; ++i)
      held[static_cast<std::size_t>(i)] = make(kind, i, part);
    const std::uint64_t after = resident_bytes_now();
    held.clear();
    keys().clear();
    return static_cast<double>(after - before) / (kObjects - 1);
  }

 private:
  using Keys = std::vector<Ref, typename M::template Allocator<Ref>>;
  [[nodiscard]] static Keys& keys() {
    static Keys five;
    return five;
  }
};

template <portable::ObjectModel M>
double measure_bytes(std::string_view kind) {
  return Bytes<M>::measure(kind);
}

inline void add_bytes() {
  for (const std::string kind : {"number", "pair", "node", "list", "dict_5"}) {
    benchmark::RegisterBenchmark(("bytes/" + kind).c_str(),
                                 [kind](benchmark::State& state) {
                                   double bytes = 0;
                                   for (auto _ : state) bytes = bytes_of(kind);
                                   state.counters["bytes_per_object"] = bytes;
                                   if (bytes > 0) return;
                                   note_wrong_row();
                                   state.SkipWithError("it could not be measured");
                                 })
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  }
}

}  // namespace threadmill::bench
