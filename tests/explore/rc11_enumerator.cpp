// SPDX-License-Identifier: Apache-2.0
#include "tests/explore/rc11_enumerator.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>

#include "tests/explore/relation.hpp"

namespace threadmill::explore {
namespace {

using Kind = LitmusOperation::Kind;
using Order = std::memory_order;

// An execution graph. A read-modify-write is one event, both a read and a write; that of
// a compare_strong which fails is a relaxed read. Where the paper takes the pair of a
// read and a write for it, `rmw` is [reads ∩ writes] here.
struct Graph {
  Events reads = 0;
  Events writes = 0;
  Events fences = 0;
  Events acquires = 0;  // acquire or stronger: reads and fences
  Events releases = 0;  // release or stronger: writes and fences
  Events seq_cst = 0;
  Relation same_location;  // a fence has none
  Relation po;             // from initial writes to everything else, too
  Relation rf;
  Relation mo;
};

Relation happens_before(const Graph& g) {
  const Relation fence = only(g.fences);
  const Relation rmw = only(g.reads & g.writes);
  const Relation rs = only(g.writes) * optional((g.rf * rmw).transitive());
  const Relation sw = only(g.releases) * optional(fence * g.po) * rs * g.rf *
                      optional(g.po * fence) * only(g.acquires);
  return (g.po | sw).transitive();
}

Relation partial_sc(const Graph& g,
                    const Relation& hb,
                    const Relation& rb,
                    const Relation& eco) {
  const Relation sc = only(g.seq_cst);
  const Relation sc_fence = only(g.seq_cst & g.fences);
  const Relation po_elsewhere = g.po - g.same_location;
  const Relation scb =
      g.po | po_elsewhere * hb * po_elsewhere | (hb & g.same_location) | g.mo | rb;
  const Relation base =
      (sc | sc_fence * optional(hb)) * scb * (sc | optional(hb) * sc_fence);
  const Relation of_fences = sc_fence * (hb | hb * eco * hb) * sc_fence;
  return base | of_fences;
}

bool is_consistent(const Graph& g, const Relation& hb) {
  const Relation rb = g.rf.inverse() * g.mo - kIdentity;
  const Relation eco = (g.rf | g.mo | rb).transitive();
  const Relation rmw = only(g.reads & g.writes);
  const bool coherence =
      (hb * optional(eco)).is_irreflexive() && (rmw * eco).is_irreflexive();
  const bool atomicity = (rmw & (rb * g.mo)).is_empty();
  const bool no_thin_air = (g.po | g.rf).is_acyclic();
  return coherence && atomicity && no_thin_air &&
         partial_sc(g, hb, rb, eco).is_acyclic();
}

bool is_acquire(Order order) {
  return order == Order::acquire || order == Order::consume ||
         order == Order::acq_rel || order == Order::seq_cst;
}

bool is_release(Order order) {
  return order == Order::release || order == Order::acq_rel || order == Order::seq_cst;
}

std::uint64_t value_written(const LitmusOperation& operation, std::uint64_t read) {
  return operation.kind == Kind::fetch_add ? read + operation.value : operation.value;
}

bool writes_after_reading(const LitmusOperation& operation, std::uint64_t read) {
  switch (operation.kind) {
    case Kind::load:
    case Kind::fence:
      return false;
    case Kind::store:
    case Kind::exchange:
    case Kind::fetch_add:
      return true;
    case Kind::compare_strong:
      return read == operation.expected;
  }
  return false;
}

// Chooses a write for every read, then an order for the writes of every location, and
// keeps what is consistent. A choice that cannot be part of a consistent graph is left
// early, but only is_consistent() decides.
class Enumerator {
 public:
  explicit Enumerator(const LitmusProgram& program) : locations_(program.locations) {
    static const LitmusOperation kInitialWrite{Kind::store, Order::relaxed, 0, 0, 0};
    operations_.assign(locations_, kInitialWrite);
    for (Event e = 0; e < locations_; ++e) operations_[e].location = e;
    for (const auto& thread : program.threads) add_thread(thread);
    for (Event a = 0; a < operations_.size(); ++a) {
      for (Event b = 0; b < operations_.size(); ++b) {
        if (operations_[a].kind == Kind::fence || operations_[b].kind == Kind::fence) {
          continue;
        }
        if (operations_[a].location == operations_[b].location) {
          same_location_.add(a, b);
        }
      }
    }
  }

  LitmusOutcomes run() {
    if (compute_values()) choose_source(0, po_);
    return std::move(outcomes_);
  }

 private:
  void add_thread(const std::vector<LitmusOperation>& thread) {
    const auto first = static_cast<Event>(operations_.size());
    if (first + thread.size() > kMaxEvents) throw std::length_error("litmus program");
    for (const LitmusOperation& operation : thread) {
      const auto event = static_cast<Event>(operations_.size());
      for (Event initial = 0; initial < locations_; ++initial) po_.add(initial, event);
      for (Event earlier = first; earlier < event; ++earlier) po_.add(earlier, event);
      if (operation.reads()) readers_.push_back(event);
      operations_.push_back(operation);
    }
  }

  // `causality` is (po ∪ rf)+ of what has been chosen.
  void choose_source(std::size_t index, const Relation& causality) {
    if (index == readers_.size()) return choose_orders();
    const Event reader = readers_[index];
    for (Event source = 0; source < operations_.size(); ++source) {
      if (source == reader || !same_location_.has(source, reader) ||
          operations_[source].kind == Kind::load || causality.has(reader, source)) {
        continue;
      }
      Relation more = causality;
      more.add_transitively(source, reader);
      rf_source_[reader] = source;
      sourced_ |= set_of(reader);
      if (compute_values()) choose_source(index + 1, more);
      sourced_ &= ~set_of(reader);
    }
  }

  // Of every event whose value the sources chosen determine. False if one of the sources
  // writes nothing, or two read-modify-writes read from the same one.
  bool compute_values() {
    known_ = 0;
    writes_ = 0;
    Events taken = 0;
    for (bool changed = true; changed;) {
      changed = false;
      for (Event e = 0; e < operations_.size(); ++e) {
        if (contains(known_, e)) continue;
        if (operations_[e].reads()) {
          if (!contains(sourced_, e) || !contains(known_, rf_source_[e])) continue;
          if (!contains(writes_, rf_source_[e])) return false;
          read_[e] = written_[rf_source_[e]];
        }
        if (writes_after_reading(operations_[e], read_[e])) {
          if (operations_[e].reads()) {
            if (contains(taken, rf_source_[e])) return false;
            taken |= set_of(rf_source_[e]);
          }
          written_[e] = value_written(operations_[e], read_[e]);
          writes_ |= set_of(e);
        }
        known_ |= set_of(e);
        changed = true;
      }
    }
    return true;
  }

  void choose_orders() {
    Graph graph = graph_without_mo();
    const Relation hb = happens_before(graph);
    // Coherence: if a write, or a read from it, happens before another write, or before a
    // read from that, then the other is later in modification order.
    const Relation must_precede =
        (optional(graph.rf) * hb * optional(graph.rf.inverse()) & same_location_) -
        kIdentity;
    last_.assign(locations_, 0);
    choose_order(graph, hb, must_precede.inverse(), 0);
  }

  void choose_order(Graph& graph,
                    const Relation& hb,
                    const Relation& must_follow,
                    unsigned location) {
    if (location == locations_) return finish(graph, hb);
    const Event initial = location;
    const Events others = same_location_.after(initial) & writes_ & ~set_of(initial);
    extend_order(graph, hb, must_follow, location, initial, others);
  }

  // `newest` is the last write of the order so far, `left` are those not in it.
  void extend_order(Graph& graph,
                    const Relation& hb,
                    const Relation& must_follow,
                    unsigned location,
                    Event newest,
                    Events left) {
    if (left == 0) {
      last_[location] = written_[newest];
      return choose_order(graph, hb, must_follow, location + 1);
    }
    for_each(left, [&](Event next) {
      if ((must_follow.after(next) & left) != 0) return;
      if (contains(graph.reads, next) && rf_source_[next] != newest) return;
      const Relation before = graph.mo;
      graph.mo.add_transitively(newest, next);
      extend_order(graph, hb, must_follow, location, next, left & ~set_of(next));
      graph.mo = before;
    });
  }

  void finish(const Graph& graph, const Relation& hb) {
    LitmusOutcome outcome;
    for (const Event reader : readers_) outcome.read.push_back(read_[reader]);
    outcome.last = last_;
    if (outcomes_.contains(outcome)) return;
    if (is_consistent(graph, hb)) outcomes_.insert(std::move(outcome));
  }

  [[nodiscard]] Graph graph_without_mo() const {
    Graph g;
    for (Event e = 0; e < operations_.size(); ++e) {
      const LitmusOperation& operation = operations_[e];
      const bool is_fence = operation.kind == Kind::fence;
      const bool writes = contains(writes_, e);
      const bool failed = operation.kind == Kind::compare_strong && !writes;
      const Order order = failed ? Order::relaxed : operation.order;
      if (operation.reads()) g.reads |= set_of(e);
      if (is_fence) g.fences |= set_of(e);
      if ((is_fence || operation.reads()) && is_acquire(order)) g.acquires |= set_of(e);
      if ((is_fence || writes) && is_release(order)) g.releases |= set_of(e);
      if (order == Order::seq_cst) g.seq_cst |= set_of(e);
      if (operation.reads()) g.rf.add(rf_source_[e], e);
    }
    g.writes = writes_;
    g.same_location = same_location_;
    g.po = po_;
    return g;
  }

  unsigned locations_;
  std::vector<LitmusOperation> operations_;  // by event; first the initial writes
  std::vector<Event> readers_;
  Relation po_;
  Relation same_location_;

  // The choices so far and what follows from them.
  Events sourced_ = 0;
  std::array<Event, kMaxEvents> rf_source_{};
  Events known_ = 0;
  Events writes_ = 0;
  std::array<std::uint64_t, kMaxEvents> read_{};
  std::array<std::uint64_t, kMaxEvents> written_{};
  std::vector<std::uint64_t> last_;

  LitmusOutcomes outcomes_;
};

class Interleaver {
 public:
  explicit Interleaver(const LitmusProgram& program)
      : program_(program),
        next_(program.threads.size()),
        read_(program.threads.size()) {
    memory_.assign(program.locations, 0);
  }

  LitmusOutcomes run() {
    step();
    return std::move(outcomes_);
  }

 private:
  void step() {
    bool is_finished = true;
    for (std::size_t thread = 0; thread < next_.size(); ++thread) {
      if (next_[thread] == program_.threads[thread].size()) continue;
      is_finished = false;
      execute(thread, program_.threads[thread][next_[thread]]);
    }
    if (is_finished) finish();
  }

  // The operation, whatever may follow, and back.
  void execute(std::size_t thread, const LitmusOperation& operation) {
    ++next_[thread];
    if (operation.kind == Kind::fence) {
      step();
    } else {
      std::uint64_t& word = memory_[operation.location];
      const std::uint64_t before = word;
      if (operation.reads()) read_[thread].push_back(before);
      if (writes_after_reading(operation, before))
        word = value_written(operation, before);
      step();
      word = before;
      if (operation.reads()) read_[thread].pop_back();
    }
    --next_[thread];
  }

  void finish() {
    LitmusOutcome outcome;
    for (const auto& values : read_) {
      outcome.read.insert(outcome.read.end(), values.begin(), values.end());
    }
    outcome.last = memory_;
    outcomes_.insert(std::move(outcome));
  }

  const LitmusProgram& program_;
  std::vector<std::size_t> next_;                 // by thread
  std::vector<std::vector<std::uint64_t>> read_;  // by thread
  std::vector<std::uint64_t> memory_;
  LitmusOutcomes outcomes_;
};

// How likely an access of a random program is relaxed, release or acquire, and
// sequentially consistent; out of their sum.
struct Palette {
  unsigned relaxed, release_acquire, seq_cst;
};

Order random_order(Random& random, const Palette& palette, Kind kind) {
  const std::uint64_t ticket =
      random.below(palette.relaxed + palette.release_acquire + palette.seq_cst);
  if (ticket < palette.relaxed) return Order::relaxed;
  if (ticket >= palette.relaxed + palette.release_acquire) return Order::seq_cst;
  if (kind == Kind::load) return Order::acquire;
  if (kind == Kind::store) return Order::release;
  static constexpr std::array kAny{Order::acquire, Order::release, Order::acq_rel};
  return kAny[random.below(kAny.size())];
}

LitmusOperation random_fence(Random& random) {
  static constexpr std::array kOrders{Order::acquire, Order::release, Order::acq_rel,
                                      Order::seq_cst, Order::seq_cst, Order::seq_cst};
  return {Kind::fence, kOrders[random.below(kOrders.size())], 0, 0, 0};
}

// Mostly not the location that the thread used last: weak behaviour takes two.
unsigned random_location(Random& random,
                         unsigned locations,
                         const std::vector<LitmusOperation>& thread) {
  const auto location = static_cast<unsigned>(random.below(locations));
  const bool again = !thread.empty() && thread.back().location == location;
  if (!again || random.below(4) == 0) return location;
  return static_cast<unsigned>(random.below(locations));
}

// A store writes `value`; what is added is out of the way of the values stored.
LitmusOperation random_access(Random& random,
                              const Palette& palette,
                              unsigned location,
                              std::uint64_t value) {
  static constexpr std::array kKinds{
      Kind::load,  Kind::load,      Kind::load,     Kind::load,
      Kind::load,  Kind::store,     Kind::store,    Kind::store,
      Kind::store, Kind::fetch_add, Kind::exchange, Kind::compare_strong};
  const Kind kind = kKinds[random.below(kKinds.size())];
  if (kind == Kind::fetch_add) value = 16;
  return {kind, random_order(random, palette, kind), location, value, 0};
}

LitmusProgram draw_program(Random& random) {
  static constexpr std::array<Palette, 5> kPalettes{
      {{1, 0, 0}, {1, 4, 0}, {1, 1, 4}, {4, 1, 1}, {1, 1, 1}}};
  static constexpr std::array kLocations{1u, 2u, 2u, 2u, 3u, 3u};
  const Palette palette = kPalettes[random.below(kPalettes.size())];
  const std::uint64_t fences = random.below(3);  // of 5 places between two accesses
  const std::size_t threads = 2 + random.below(2);
  const std::size_t most = 8;  // operations
  std::size_t left = std::max(threads + 1 + random.below(most - threads),
                              threads + 1 + random.below(most - threads));

  LitmusProgram program;
  program.locations = kLocations[random.below(kLocations.size())];
  program.threads.resize(threads);
  for (std::uint64_t value = 1; left > 0; ++value) {
    // First a thread that has nothing yet.
    const std::size_t turn = value <= threads ? value - 1 : random.below(threads);
    std::vector<LitmusOperation>& thread = program.threads[turn];
    const unsigned location = random_location(random, program.locations, thread);
    if (!thread.empty() && left >= 2 && random.below(5) < fences) {
      thread.push_back(random_fence(random));
      --left;
    }
    thread.push_back(random_access(random, palette, location, value));
    --left;
  }
  return program;
}

std::vector<LitmusOperation*> accesses_of(LitmusProgram& program, unsigned location) {
  std::vector<LitmusOperation*> accesses;
  for (auto& thread : program.threads) {
    for (LitmusOperation& operation : thread) {
      if (operation.kind != Kind::fence && operation.location == location) {
        accesses.push_back(&operation);
      }
    }
  }
  return accesses;
}

// Lets each compare_strong expect 0 or what some other access may leave.
void draw_expectations(Random& random, LitmusProgram& program) {
  for (unsigned location = 0; location < program.locations; ++location) {
    const std::vector<LitmusOperation*> accesses = accesses_of(program, location);
    for (LitmusOperation* operation : accesses) {
      if (operation->kind != Kind::compare_strong) continue;
      const LitmusOperation* other = accesses[random.below(accesses.size())];
      const bool writes = other != operation && other->kind != Kind::load;
      operation->expected = writes ? other->value : 0;
    }
  }
}

bool is_racy(const LitmusProgram& program) {
  for (unsigned location = 0; location < program.locations; ++location) {
    unsigned users = 0;
    bool is_written = false;
    for (const auto& thread : program.threads) {
      bool uses = false;
      for (const LitmusOperation& operation : thread) {
        if (operation.kind == Kind::fence || operation.location != location) continue;
        uses = true;
        is_written |= operation.kind != Kind::load;
      }
      users += uses ? 1 : 0;
    }
    if (users < 2 || !is_written) return false;
  }
  return true;
}

}  // namespace

LitmusOutcomes enumerate_rc11(const LitmusProgram& program) {
  return Enumerator(program).run();
}

LitmusOutcomes enumerate_sc(const LitmusProgram& program) {
  return Interleaver(program).run();
}

LitmusProgram random_program(Random& random) {
  LitmusProgram program = draw_program(random);
  while (!is_racy(program)) program = draw_program(random);
  draw_expectations(random, program);
  return program;
}

}  // namespace threadmill::explore
