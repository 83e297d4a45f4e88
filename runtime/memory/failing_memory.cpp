// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/failing_memory.hpp"

#include "runtime/base/assert.hpp"
#include "runtime/base/random.hpp"
#include "runtime/sync/atomic.hpp"

namespace threadmill {

namespace {

// Of the scope that stands.
struct State {
  MemoryFailures plan;
  Atomic<std::uint64_t> of_kind[kMemoryKinds];
  Atomic<std::uint64_t> allocations;
  Atomic<std::uint64_t> failures;
};

constinit State state;

bool refuse(MemoryKind kind) noexcept {
  // relaxed, all: counts, which publish nothing
  state.of_kind[static_cast<unsigned>(kind)].fetch_add(1, relaxed);
  const std::uint64_t number = state.allocations.fetch_add(1, relaxed) + 1;
  const MemoryFailures& plan = state.plan;
  const bool fails =
      number == plan.at ||
      (plan.one_in != 0 && mix_seed(plan.seed, number) % plan.one_in == 0);
  if (fails) state.failures.fetch_add(1, relaxed);
  return fails;
}

}  // namespace

FailingMemory::FailingMemory(const MemoryFailures& plan) noexcept {
  TM_CHECK(detail::refuse_memory == nullptr, "one-failing-memory",
           "a FailingMemory begins within another");
  state.plan = plan;
  // relaxed, all: no other thread uses the runtime
  for (Atomic<std::uint64_t>& count : state.of_kind) count.store(0, relaxed);
  state.allocations.store(0, relaxed);
  state.failures.store(0, relaxed);
  detail::refuse_memory = refuse;
}

FailingMemory::~FailingMemory() { detail::refuse_memory = nullptr; }

std::uint64_t FailingMemory::allocations() const noexcept {
  return state.allocations.load(relaxed);  // relaxed: a count
}

std::uint64_t FailingMemory::allocations(MemoryKind kind) const noexcept {
  // relaxed: a count
  return state.of_kind[static_cast<unsigned>(kind)].load(relaxed);
}

std::uint64_t FailingMemory::failures() const noexcept {
  return state.failures.load(relaxed);  // relaxed: a count
}

}  // namespace threadmill
