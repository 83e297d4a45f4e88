// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/litmus.hpp"

#include "harness/explore/engine.hpp"

namespace threadmill::explore {
namespace {

using Kind = LitmusOperation::Kind;

}  // namespace

LitmusScenario::LitmusScenario(const LitmusProgram& program) : program_(program) {
  for (const auto& thread : program.threads) {
    for (const LitmusOperation& operation : thread) {
      sc_fences_ |= operation.kind == Kind::fence && is_seq_cst(operation.order);
      reads_ += operation.reads() ? 1 : 0;
    }
  }
}

unsigned LitmusScenario::threads() const {
  return static_cast<unsigned>(program_.threads.size());
}

void LitmusScenario::set_up() {
  memory_ = {};
  read_ = {};
  for (unsigned i = 0; i < program_.locations; ++i)
    engine().name(&memory_[i], location_name(i));
}

void LitmusScenario::run(unsigned thread) {
  std::size_t slot = 0;
  for (unsigned t = 0; t < thread; ++t) {
    for (const LitmusOperation& operation : program_.threads[t])
      slot += operation.reads() ? 1 : 0;
  }
  Engine& the_engine = engine();
  int line = 0;
  for (const LitmusOperation& operation : program_.threads[thread]) {
    const void* place = &memory_[operation.location];
    const Site site{"litmus", ++line};
    std::uint64_t read = 0;
    switch (operation.kind) {
      case Kind::load:
        read = the_engine.load(place, 8, operation.order, site);
        break;
      case Kind::store:
        the_engine.store(place, 8, operation.value, operation.order, site);
        break;
      case Kind::exchange:
        read = the_engine.change(
            place, 8, [](std::uint64_t, std::uint64_t value) { return value; },
            operation.value, operation.order, site);
        break;
      case Kind::fetch_add:
        read = the_engine.change(
            place, 8,
            [](std::uint64_t before, std::uint64_t by) { return before + by; },
            operation.value, operation.order, site);
        break;
      case Kind::compare_strong:
        read = the_engine
                   .cas(place, 8, operation.expected, operation.value, operation.order,
                        false, site)
                   .read;
        break;
      case Kind::fence:
        the_engine.fence(operation.order, site);
        break;
    }
    if (operation.reads()) read_[slot++] = read;
  }
}

LitmusOutcome LitmusScenario::observed() const {
  return {{read_.begin(), read_.begin() + reads_},
          {memory_.begin(), memory_.begin() + program_.locations}};
}

}  // namespace threadmill::explore
