// SPDX-License-Identifier: Apache-2.0
//
// Engine: runs one execution of a scenario under a strategy and a memory model. The
// threads of the scenario are fibers of one OS thread; each stops before every operation
// on memory that threads share, and the strategy says who goes on.
//
//   execution   set_up() by the director, alone · every thread up to its first operation ·
//               one operation after the other until all threads have ended · check() by
//               the director, alone
//
// The runtime's sources reach the engine through the replacements of a few headers and
// sources (folder replace/), by the functions at the end of this file. There is one
// engine in a process, and one OS thread that uses it.
//
// A failure ends the execution where it stands: no destructor runs, the threads' stacks
// and the shadow heap are taken back as they are, and whatever else the execution has
// changed in memory that outlives it is restored.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/explore/memory.hpp"
#include "harness/explore/operation.hpp"
#include "harness/explore/scenario.hpp"
#include "harness/explore/shadow_heap.hpp"
#include "harness/explore/strategy.hpp"

namespace threadmill::explore {

enum class MemoryModel : std::uint8_t { sc, rc11 };

enum class FailureKind : std::uint8_t {
  check,           // a check of the runtime failed
  oracle,          // the scenario found a wrong result
  race,            // two accesses of a plain field are not ordered
  use_after_free,  // freed memory, or a dead object's payload, was used
  double_free,
  leak,
  deadlock,  // nobody can go on: a lost wake-up, too
  livelock,  // the execution does not end
  crash,     // a deadly signal
};

[[nodiscard]] const char* name_of(FailureKind kind) noexcept;

struct Failure {
  FailureKind kind = FailureKind::check;
  std::string message;
  unsigned thread = kNobody;  // kNobody: the director
  Site site;
  std::uint32_t step = 0;
};

// One line of the trace.
struct TraceStep {
  unsigned thread = 0;
  Operation operation;
  std::string what;    // the location's name
  std::string result;  // "3 from T1", "= 4"
};

struct Outcome {
  enum class End : std::uint8_t { passed, failed, given_up };
  End end = End::passed;
  Failure failure;             // if it failed
  std::uint32_t steps = 0;     // operations of threads
  std::uint32_t switches = 0;  // preemptions: another thread although this one could
};

struct EngineLimits {
  std::uint32_t steps = 20'000;     // more of them are a livelock
  std::uint32_t spurious = 0;       // wake-ups and CAS failures without cause
  std::uint32_t failed_memory = 0;  // allocations that fail
};

class Engine {
 public:
  Engine();
  ~Engine();

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void use(MemoryModel model);
  [[nodiscard]] MemoryModel memory_model() const noexcept { return model_; }
  [[nodiscard]] EngineLimits& limits() noexcept { return limits_; }

  // Scenarios leave out the part of these threads.
  void leave_out(ThreadSet threads) noexcept { left_out_ = threads; }
  [[nodiscard]] bool is_left_out(unsigned thread) const noexcept {
    return (left_out_ >> thread & 1) != 0;
  }

  // What is swapped with the fibers: a pointer that a thread-local holds.
  void set_fiber_local(void** location) noexcept { fiber_local_ = location; }
  // Names locations for people; empty: it does not know.
  void set_namer(std::function<std::string(const void*)> namer) {
    namer_ = std::move(namer);
  }
  // For scenarios, in set_up(): what the trace calls the place. `name` lives on.
  void name(const void* address, const char* name) {
    names_.emplace_back(address, name);
  }

  Outcome execute(Scenario& scenario, Strategy& strategy);
  // Blocks of the last execution that were not freed, until the next one begins.
  [[nodiscard]] std::size_t live_blocks() const noexcept { return heap_.blocks(); }

  // While on, executions write `trace()`.
  void record(bool on) noexcept { recording_ = on; }
  [[nodiscard]] const std::vector<TraceStep>& trace() const noexcept { return trace_; }

  // For scenarios, in set_up(): the fiber-local pointer with which `thread` begins.
  [[nodiscard]] void*& local_of(unsigned thread) noexcept {
    return threads_[thread].local;
  }

  [[noreturn]] void fail(FailureKind kind, std::string message);
  [[noreturn]] void fail(FailureKind kind, std::string message, Site site);

  // --- called by the runtime through the replacements ---

  std::uint64_t load(const void* address,
                     unsigned bytes,
                     std::memory_order order,
                     Site);
  void store(const void* address,
             unsigned bytes,
             std::uint64_t value,
             std::memory_order order,
             Site);
  std::uint64_t change(const void* address,
                       unsigned bytes,
                       Change function,
                       std::uint64_t operand,
                       std::memory_order order,
                       Site);
  CasResult cas(const void* address,
                unsigned bytes,
                std::uint64_t expected,
                std::uint64_t desired,
                std::memory_order order,
                bool may_fail,
                Site);
  void fence(std::memory_order order, Site);
  void wait(const void* address, std::uint64_t expected, Site);
  void wake(const void* address, bool everybody, Site);
  void yield(Site);

  // An atomic was constructed: whoever uses it has to come after that.
  void made(const void* address, unsigned bytes);
  void plain_read(const void* address, unsigned bytes, Site);
  void plain_write(const void* address, unsigned bytes, Site);
  // Nobody may use the range any more; who used it before has to happen before now.
  void end_range(const void* begin, std::size_t bytes, ShadowHeap::Granule);
  // New things stand in the range.
  void begin_range(const void* begin, std::size_t bytes);

  // Null: out of memory, perhaps by choice.
  void* allocate(std::size_t bytes, std::size_t alignment);
  void* reserve(std::size_t bytes, std::size_t alignment);
  void free(void* block);

 private:
  static constexpr unsigned kDirector = kMaxThreads;
  static constexpr unsigned kRoot = kMaxThreads + 1;
  static constexpr std::size_t kStackBytes = std::size_t{1} << 18;

  enum class Phase : std::uint8_t { idle, set_up, prologue, running, check };
  struct Fiber {
    void* context = nullptr;  // where it goes on; null: it has to be made
    void* local = nullptr;
    const void* sleeps_on = nullptr;  // null: awake
    View view;
  };

  struct JournalEntry {
    void* address;
    std::uint64_t value;
    std::uint8_t bytes;
  };

  static unsigned ask_strategy(unsigned count, Choice choice);
  friend struct FiberEntry;

  void begin(Scenario& scenario, Strategy& strategy);
  void body_of(unsigned fiber);
  void start_next_thread();
  void finish_thread();
  void make_context(unsigned fiber);
  void abandon_fibers() noexcept;
  [[noreturn]] void leave_execution(Outcome::End end);
  void restore_journal() noexcept;

  void* take(std::size_t bytes, std::size_t alignment, bool marked);

  // The way from an operation to another fiber and back is one function: the processor
  // predicts returns by the calls before them, and after a switch those were another
  // fiber's, so that every return is a misprediction.
  [[gnu::always_inline]] inline void jump(unsigned to);
  [[gnu::always_inline]] inline void choose_next();
  [[gnu::always_inline]] inline void step(
      Op op, std::memory_order order, unsigned bytes, const void* address, Site site);
  [[gnu::always_inline]] inline void begin_operation();
  [[gnu::always_inline]] inline Location& enter(
      Op op, const void* address, unsigned bytes, std::memory_order order, Site site);
  [[gnu::always_inline]] inline void tick(View& view);
  Location& look_up(const void* address, unsigned bytes, Site site);
  void journal(const Location& location);
  void check_atomic(const Location& location, bool writes, Site site);
  [[nodiscard]] View& view() noexcept { return threads_[current_].view; }
  void note(const void* address, std::string result);
  [[nodiscard]] std::string source() const;
  [[nodiscard]] std::string name_of(const void* address) const;
  void require_after_all(const Location& location, const char* what, Site site);
  [[noreturn, gnu::cold]] void fail_race(const Location& location,
                                         const char* what,
                                         Site site);
  [[noreturn, gnu::cold]] void fail_deadlock();
  [[noreturn, gnu::cold]] void fail_livelock();

  EngineLimits limits_;
  MemoryModel model_ = MemoryModel::sc;
  std::unique_ptr<Memory> memory_;
  ShadowHeap heap_;
  LocationTable locations_;
  char* stacks_;
  void** fiber_local_ = nullptr;
  std::function<std::string(const void*)> namer_;

  // Of the present execution.
  Scenario* scenario_ = nullptr;
  Strategy* strategy_ = nullptr;
  Phase phase_ = Phase::idle;
  State state_;
  std::array<Fiber, kMaxThreads + 2> threads_;
  unsigned current_ = kRoot;
  unsigned came_from_ = kRoot;
  unsigned left_ = 0;  // threads that have not ended
  std::uint32_t spurious_ = 0;
  std::uint32_t failed_memory_ = 0;
  Outcome outcome_;
  std::vector<JournalEntry> journal_;
  std::vector<std::pair<const void*, const char*>> names_;
  ThreadSet left_out_ = 0;
  bool recording_ = false;
  std::vector<TraceStep> trace_;
};

namespace detail {
extern bool running;  // a thread of a scenario runs: accesses are operations
extern Engine the_engine;
}  // namespace detail

// The engine of this process. Nothing uses it before main().
[[nodiscard]] inline Engine& engine() noexcept { return detail::the_engine; }
[[nodiscard]] inline bool is_running() noexcept { return detail::running; }

}  // namespace threadmill::explore
