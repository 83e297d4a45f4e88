// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/engine.hpp"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <boost/context/detail/fcontext.hpp>
#include <fmt/format.h>

#include "harness/explore/memory_rc11.hpp"
#include "harness/explore/memory_sc.hpp"

namespace threadmill::explore {

namespace context = boost::context::detail;

namespace detail {
bool running = false;
Engine the_engine;
}  // namespace detail

const char* name_of(FailureKind kind) noexcept {
  static constexpr const char* kNames[] = {"check",          "oracle",      "data-race",
                                           "use-after-free", "double-free", "leak",
                                           "deadlock",       "livelock",    "crash"};
  return kNames[static_cast<unsigned>(kind)];
}

void expect(bool holds, const char* what) {
  if (!holds) engine().fail(FailureKind::oracle, what);
}

// --- fibers ---

// Boost.Context's lowest layer rather than its class fiber: an execution that failed is
// left where it stands, and the destructor of a suspended boost::context::fiber would
// unwind its stack, through functions that are noexcept.
struct FiberEntry {
  [[noreturn]] static void enter(context::transfer_t from) {
    Engine& engine = explore::engine();
    engine.threads_[engine.came_from_].context = from.fctx;
    for (;;) engine.body_of(engine.current_);
  }
};

Engine::Engine() {
  constexpr std::size_t kStacks = kMaxThreads + 1;
  void* memory = ::mmap(nullptr, kStacks * kStackBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  stacks_ = static_cast<char*>(memory);
  // The lowest page of each stack is a guard.
  for (std::size_t i = 0; i < kStacks; ++i)
    ::mprotect(stacks_ + i * kStackBytes, 4096, PROT_NONE);
  use(MemoryModel::sc);
}

Engine::~Engine() { ::munmap(stacks_, (kMaxThreads + 1) * kStackBytes); }

void Engine::use(MemoryModel model) {
  model_ = model;
  if (model == MemoryModel::sc)
    memory_ = std::make_unique<ScMemory>(ask_strategy);
  else
    memory_ = std::make_unique<Rc11Memory>(ask_strategy);
}

void Engine::make_context(unsigned fiber) {
  threads_[fiber].context = context::make_fcontext(stacks_ + (fiber + 1) * kStackBytes,
                                                   kStackBytes, FiberEntry::enter);
}

// Returns when somebody jumps back.
void Engine::jump(unsigned to) {
  const unsigned from = current_;
  if (threads_[to].context == nullptr) make_context(to);
  if (fiber_local_ != nullptr) {
    threads_[from].local = *fiber_local_;
    *fiber_local_ = threads_[to].local;
  }
  came_from_ = from;
  current_ = to;
  const context::transfer_t back =
      context::jump_fcontext(threads_[to].context, nullptr);
  threads_[came_from_].context = back.fctx;
}

// What a fiber does in one execution. Each hands over to the next, so that no switch is
// spent on coming back to the root: the director, each thread up to its first operation,
// whoever is picked, and the director again.
void Engine::body_of(unsigned fiber) {
  if (fiber == kDirector) {
    phase_ = Phase::set_up;
    scenario_->set_up();
    phase_ = Phase::prologue;
    if (left_ != 0) jump(0);
    phase_ = Phase::check;
    scenario_->check();
    jump(kRoot);
    return;
  }
  detail::running = true;
  scenario_->run(fiber);
  detail::running = false;
  finish_thread();
}

// In the prologue this thread has got as far as it should.
void Engine::start_next_thread() {
  const unsigned next = current_ + 1;
  if (next < state_.threads) {
    jump(next);
  } else if (left_ == 0) {
    jump(kDirector);
  } else {
    phase_ = Phase::running;
    choose_next();
  }
}

void Engine::finish_thread() {
  state_.runnable = static_cast<ThreadSet>(state_.runnable & ~(1u << current_));
  state_.pending[current_] = {};
  state_.current = kNobody;
  --left_;
  if (phase_ == Phase::prologue)
    start_next_thread();
  else if (left_ == 0)
    jump(kDirector);
  else
    choose_next();
}

// --- executions ---

Outcome Engine::execute(Scenario& scenario, Strategy& strategy) {
  begin(scenario, strategy);
  jump(kDirector);  // returns when the execution is over
  detail::running = false;
  phase_ = Phase::idle;
  if (outcome_.end != Outcome::End::passed) restore_journal();
  outcome_.steps = state_.step;
  return std::move(outcome_);
}

void Engine::begin(Scenario& scenario, Strategy& strategy) {
  scenario_ = &scenario;
  strategy_ = &strategy;
  outcome_ = {};
  trace_.clear();
  journal_.clear();
  names_.clear();
  heap_.reset();
  locations_.forget_all();
  memory_->begin(scenario.uses_sc_fences());
  spurious_ = 0;
  failed_memory_ = 0;
  state_.runnable = 0;
  state_.current = kNobody;
  state_.step = 0;
  state_.threads = left_ = scenario.threads();
  for (unsigned i = 0; i < state_.threads; ++i) {
    state_.pending[i] = {};
    Fiber& fiber = threads_[i];
    fiber.local = nullptr;
    fiber.sleeps_on = nullptr;
    fiber.view = {};
    fiber.view.thread = static_cast<std::uint8_t>(i);
  }
  current_ = kRoot;
}

// Every fiber stays where it stands; its stack is used again from the top.
void Engine::abandon_fibers() noexcept {
  for (unsigned i = 0; i <= kDirector; ++i) threads_[i].context = nullptr;
}

void Engine::leave_execution(Outcome::End end) {
  outcome_.end = end;
  abandon_fibers();
  if (fiber_local_ != nullptr) *fiber_local_ = threads_[kRoot].local;
  came_from_ = kRoot;  // nobody goes on here
  current_ = kRoot;
  context::jump_fcontext(threads_[kRoot].context, nullptr);
  std::abort();  // nobody jumps back
}

void Engine::restore_journal() noexcept {
  for (std::size_t i = journal_.size(); i > 0; --i) {
    const JournalEntry& entry = journal_[i - 1];
    std::memcpy(entry.address, &entry.value, entry.bytes);
  }
}

void Engine::fail(FailureKind kind, std::string message) {
  const bool is_thread = current_ < kMaxThreads;
  fail(kind, std::move(message), is_thread ? state_.pending[current_].site : Site{});
}

void Engine::fail(FailureKind kind, std::string message, Site site) {
  detail::running = false;
  if (phase_ == Phase::idle) {
    std::fprintf(stderr, "threadmill-explore: outside of any execution: %s\n",
                 message.c_str());
    std::abort();
  }
  outcome_.failure = {kind, std::move(message),
                      current_ < kMaxThreads ? current_ : kNobody, site, state_.step};
  leave_execution(Outcome::End::failed);
}

// --- scheduling ---

unsigned Engine::ask_strategy(unsigned count, Choice choice) {
  return engine().strategy_->pick(count, choice);
}

// Goes on with whomever the strategy picks; returns when this fiber is picked again.
void Engine::choose_next() {
  if (state_.runnable == 0) fail_deadlock();
  const unsigned next = strategy_->pick_thread(state_);
  if (next == kNobody) leave_execution(Outcome::End::given_up);
  if (state_.current != kNobody && next != state_.current) ++outcome_.switches;
  if (next != current_) jump(next);
}

// Announces the operation, and returns when it is this thread's turn to do it.
void Engine::step(
    Op op, std::memory_order order, unsigned bytes, const void* address, Site site) {
  detail::running = false;
  const unsigned self = current_;
  // Field by field: a copy would read in one piece what was just written in several,
  // which costs more than all the rest.
  Operation& operation = state_.pending[self];
  operation.op = op;
  operation.order = order;
  operation.bytes = static_cast<std::uint8_t>(bytes);
  operation.address = address;
  operation.site = site;
  state_.runnable = static_cast<ThreadSet>(state_.runnable | 1u << self);
  if (phase_ == Phase::prologue) {
    start_next_thread();
  } else {
    state_.current = self;
    choose_next();
  }
  begin_operation();
}

// This thread was picked, and does what it has announced.
void Engine::begin_operation() {
  if (++state_.step > limits_.steps) [[unlikely]]
    fail_livelock();
  tick(view());
  strategy_->executed(current_, state_.pending[current_]);
}

void Engine::fail_livelock() {
  fail(FailureKind::livelock,
       fmt::format("the execution did not end within {} operations", limits_.steps));
}

void Engine::fail_deadlock() {
  std::string text = "nobody can go on:";
  for (unsigned i = 0; i < state_.threads; ++i) {
    if (threads_[i].sleeps_on == nullptr) continue;
    text += fmt::format(" T{} sleeps on {};", i, name_of(threads_[i].sleeps_on));
  }
  text.pop_back();
  fail(FailureKind::deadlock, text);
}

void Engine::tick(View& view) {
  if (view.time == 0xffff) [[unlikely]]
    fail(FailureKind::livelock, "a thread has more than 65534 events");
  ++view.time;
  view.clock.advance(view.thread);
}

// --- operations ---

Location& Engine::look_up(const void* address, unsigned bytes, Site site) {
  if (heap_.contains(address)) {
    const ShadowHeap::Granule granule = heap_.granule(address);
    if (granule == ShadowHeap::Granule::freed || granule == ShadowHeap::Granule::dead)
        [[unlikely]] {
      fail(FailureKind::use_after_free,
           fmt::format("{} was used after {}", name_of(address),
                       granule == ShadowHeap::Granule::freed ? "it was freed"
                                                             : "its object had died"),
           site);
    }
  }
  Location& location = locations_.at(address);
  if (location.bytes != bytes) [[unlikely]] {
    if (location.bytes != 0)
      fail(FailureKind::check,
           fmt::format("{} is accessed with {} and with {} bytes", name_of(address),
                       location.bytes, bytes),
           site);
    location.bytes = static_cast<std::uint8_t>(bytes);
  }
  return location;
}

// Whatever outlives the execution gets its value back if that fails.
void Engine::journal(const Location& location) {
  if (heap_.contains(location.address)) return;
  journal_.push_back(
      {const_cast<void*>(location.address), read_raw(location), location.bytes});
}

Location& Engine::enter(
    Op op, const void* address, unsigned bytes, std::memory_order order, Site site) {
  step(op, order, bytes, address, site);
  Location& location = look_up(address, bytes, site);
  const bool writes = op == Op::store || op == Op::rmw;
  check_atomic(location, writes, site);
  View& self = view();
  if (writes) {
    journal(location);
    location.atomic_writes.set(self.thread, self.time);
  } else {
    location.atomic_reads.set(self.thread, self.time);
  }
  return location;
}

void Engine::check_atomic(const Location& location, bool writes, Site site) {
  if (!location.is_plain) [[likely]]
    return;
  const Clock& clock = view().clock;
  if (!clock.covers(location.plain_writes)) [[unlikely]]
    fail_race(location, writes ? "is stored to" : "is loaded", site);
  if (writes && !clock.covers(location.plain_reads)) [[unlikely]]
    fail_race(location, "is stored to", site);
}

// Whoever used the location did so before now.
void Engine::require_after_all(const Location& location, const char* what, Site site) {
  if (!view().clock.covers(location.uses())) [[unlikely]]
    fail_race(location, what, site);
}

void Engine::fail_race(const Location& location, const char* what, Site site) {
  const Clock uses = location.uses();
  unsigned other = kNobody;
  for (unsigned i = 0; i < state_.threads; ++i) {
    if (uses[i] > view().clock[i]) other = i;
  }
  fail(FailureKind::race,
       fmt::format("{} {} by T{} without being ordered after what T{} did to it",
                   name_of(location.address), what, current_, other),
       site);
}

std::uint64_t Engine::load(const void* address,
                           unsigned bytes,
                           std::memory_order order,
                           Site site) {
  Location& location = enter(Op::load, address, bytes, order, site);
  const std::uint64_t value = memory_->load(view(), location, order);
  if (recording_) note(address, fmt::format("{:#x}{}", value, source()));
  detail::running = true;
  return value;
}

void Engine::store(const void* address,
                   unsigned bytes,
                   std::uint64_t value,
                   std::memory_order order,
                   Site site) {
  Location& location = enter(Op::store, address, bytes, order, site);
  memory_->store(view(), location, value, order);
  if (recording_) note(address, fmt::format("= {:#x}", value));
  detail::running = true;
}

std::uint64_t Engine::change(const void* address,
                             unsigned bytes,
                             Change function,
                             std::uint64_t operand,
                             std::memory_order order,
                             Site site) {
  Location& location = enter(Op::rmw, address, bytes, order, site);
  const std::uint64_t before =
      memory_->change(view(), location, function, operand, order);
  if (recording_)
    note(address,
         fmt::format("{:#x}{} -> {:#x}", before, source(), function(before, operand)));
  detail::running = true;
  return before;
}

CasResult Engine::cas(const void* address,
                      unsigned bytes,
                      std::uint64_t expected,
                      std::uint64_t desired,
                      std::memory_order order,
                      bool may_fail,
                      Site site) {
  Location& location = enter(Op::rmw, address, bytes, order, site);
  const bool spurious = may_fail && spurious_ < limits_.spurious;
  const CasResult result =
      memory_->cas(view(), location, expected, desired, order, spurious);
  if (!result.swapped && result.read == expected) ++spurious_;
  if (recording_)
    note(address,
         result.swapped
             ? fmt::format("{:#x}{} -> {:#x}", result.read, source(), desired)
             : fmt::format("{:#x}{}, expected {:#x}", result.read, source(), expected));
  detail::running = true;
  return result;
}

void Engine::fence(std::memory_order order, Site site) {
  if (is_seq_cst(order) && !scenario_->uses_sc_fences())
    fail(FailureKind::check, "a scenario with SC fences has to say so", site);
  step(Op::fence, order, 0, nullptr, site);
  memory_->fence(view(), order);
  if (recording_) note(nullptr, "");
  detail::running = true;
}

void Engine::wait(const void* address, std::uint64_t expected, Site site) {
  Location& location = enter(Op::wait, address, 4, std::memory_order_relaxed, site);
  const std::uint64_t value = read_raw(location);
  if (recording_) note(address, fmt::format("{:#x}, expected {:#x}", value, expected));
  if (value == expected) {
    const bool spurious =
        spurious_ < limits_.spurious && strategy_->pick(2, Choice::spurious) == 1;
    if (spurious) {
      ++spurious_;
    } else {
      threads_[current_].sleeps_on = address;
      state_.runnable = static_cast<ThreadSet>(state_.runnable & ~(1u << current_));
      state_.pending[current_] = {Op::resume, std::memory_order_relaxed, 0, nullptr,
                                  site};
      state_.current = kNobody;
      choose_next();  // returns once it was woken and picked
      begin_operation();
      if (recording_) note(nullptr, "");
    }
  }
  detail::running = true;
}

// The address is a name here: nothing is read or written, and nothing need be there.
void Engine::wake(const void* address, bool everybody, Site site) {
  step(Op::wake, std::memory_order_relaxed, 4, address, site);
  std::array<unsigned, kMaxThreads> sleepers{};
  unsigned count = 0;
  for (unsigned i = 0; i < state_.threads; ++i) {
    if (threads_[i].sleeps_on == address) sleepers[count++] = i;
  }
  if (count > 1 && !everybody) {
    sleepers[0] = sleepers[strategy_->pick(count, Choice::sleeper)];
    count = 1;
  }
  std::string woken;
  for (unsigned i = 0; i < count; ++i) {
    threads_[sleepers[i]].sleeps_on = nullptr;
    state_.runnable = static_cast<ThreadSet>(state_.runnable | 1u << sleepers[i]);
    if (recording_) woken += fmt::format(" T{}", sleepers[i]);
  }
  if (recording_) note(address, "wakes" + (count == 0 ? " nobody" : woken));
  detail::running = true;
}

void Engine::yield(Site site) {
  step(Op::yield, std::memory_order_relaxed, 0, nullptr, site);
  detail::running = true;
}

// --- plain memory ---

void Engine::plain_read(const void* address, unsigned bytes, Site site) {
  detail::running = false;
  Location& location = look_up(address, bytes, site);
  View& self = view();
  tick(self);
  if (!self.clock.covers(location.plain_writes) ||
      !self.clock.covers(location.atomic_writes)) [[unlikely]]
    fail_race(location, "is read", site);
  location.plain_reads.set(self.thread, self.time);
  location.is_plain = true;
  detail::running = true;
}

// A new location, whoever used the place before: it has to be over.
void Engine::made(const void* address, unsigned bytes) {
  detail::running = false;
  Location& location = locations_.at(address);
  View& self = view();
  tick(self);
  require_after_all(location, "is made anew", {});
  location.forget();
  location.bytes = static_cast<std::uint8_t>(bytes);
  location.plain_writes.set(self.thread, self.time);
  location.is_plain = true;
  detail::running = true;
}

void Engine::plain_write(const void* address, unsigned bytes, Site site) {
  detail::running = false;
  Location& location = look_up(address, bytes, site);
  View& self = view();
  tick(self);
  require_after_all(location, "is written", site);
  journal(location);
  location.plain_writes.set(self.thread, self.time);
  location.is_plain = true;
  location.messages.clear();  // memory holds the only value
  detail::running = true;
}

void Engine::end_range(const void* begin,
                       std::size_t bytes,
                       ShadowHeap::Granule granule) {
  if (heap_.contains(begin)) heap_.mark(begin, bytes, granule);
  if (!detail::running) return;
  detail::running = false;
  locations_.for_each_in(begin, bytes, [this](Location& location) {
    require_after_all(location, "is freed", {});
    location.forget();
  });
  detail::running = true;
}

void Engine::begin_range(const void* begin, std::size_t bytes) {
  if (heap_.contains(begin)) heap_.mark(begin, bytes, ShadowHeap::Granule::live);
  locations_.for_each_in(begin, bytes, [](Location& location) { location.forget(); });
}

void* Engine::allocate(std::size_t bytes, std::size_t alignment) {
  if (detail::running && failed_memory_ < limits_.failed_memory) {
    detail::running = false;
    const bool fails = strategy_->pick(2, Choice::memory) == 1;
    detail::running = true;
    if (fails) {
      ++failed_memory_;
      return nullptr;
    }
  }
  return take(bytes, alignment, true);
}

void* Engine::reserve(std::size_t bytes, std::size_t alignment) {
  return take(bytes, alignment, false);
}

void* Engine::take(std::size_t bytes, std::size_t alignment, bool marked) {
  if (phase_ == Phase::idle) {
    const std::size_t padded = (bytes + alignment - 1) / alignment * alignment;
    return std::aligned_alloc(alignment, padded);
  }
  const unsigned part = current_ < kMaxThreads ? current_ : kDirector;
  return heap_.allocate(part, bytes, alignment, marked);
}

void Engine::free(void* block) {
  if (!heap_.contains(block)) {
    std::free(block);
    return;
  }
  const std::size_t bytes = heap_.free(block);
  if (bytes == 0)
    fail(FailureKind::double_free, fmt::format("{} was freed twice", name_of(block)));
  end_range(block, bytes, ShadowHeap::Granule::freed);
}

// --- words ---

// Of the value that was just read: " from T1".
std::string Engine::source() const {
  const unsigned writer = memory_->read_from();
  return writer < kMaxThreads ? fmt::format(" from T{}", writer) : std::string();
}

void Engine::note(const void* address, std::string result) {
  trace_.push_back(
      {current_, state_.pending[current_], name_of(address), std::move(result)});
}

// Null has no name.
std::string Engine::name_of(const void* address) const {
  if (address == nullptr) return {};
  for (const auto& [place, name] : names_) {
    if (place == address) return name;
  }
  std::string given = namer_ ? namer_(address) : std::string();
  if (!given.empty()) return given;
  if (heap_.contains(address))
    return fmt::format("memory+{:#x}", heap_.offset_of(address));
  return fmt::format("location {}", fmt::ptr(address));
}

}  // namespace threadmill::explore
