// SPDX-License-Identifier: Apache-2.0
//
// forks: a process forks while its threads work, and the child goes on by itself.
//
// Imitates   a server that forks its workers, or os.fork() in a program with threads: the
//            child has one thread and a copy of all memory, and what the other threads were
//            in the middle of must be whole.
// Draws      workers move amounts between 4 accounts in sections on two of them, append to
//            and pop from a shared list, drop each other's objects and make rings of garbage;
//            about one operation in 1000, not before the last child has ended, is a fork.
// Checks     in the child: the heap is whole, all that workers hold included, and no object is
//            locked; the accounts add up; after a collection as many objects are alive as
//            lead from what is held; sections, containers, threads that enter (not under
//            ThreadSanitizer) and stop the world, and another collection work, and the heap
//            is whole again. In the parent: each child says so; at the end the accounts add
//            up. Under AddressSanitizer nobody forks: until LLVM 18 its allocator's locks stay
//            locked in a child whose parent had a thread in it, as the harness has.
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/assert.hpp"
#include "runtime/base/config.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kAccounts = 4;
constexpr std::int64_t kStart = 1000;
constexpr std::uint64_t kForkOneIn = 1000;
constexpr std::uint64_t kMostItems = 64;
constexpr unsigned kChildThreads = 2;
constexpr unsigned kChildSeconds = 20;  // then it hangs,
constexpr unsigned kChildRivals = 100;  // if no more threads want each processor

struct Account : Object {
  static constexpr const char* kTypeName = "account";

  std::int64_t amount = kStart;  // guarded by a section on the account
};

struct Member : Object {
  static constexpr const char* kTypeName = "member";
  static void traverse(Member& self, const FieldVisitor& visit) { visit(self.next); }

  Field<Member> next;
};

// A worker's handles are all here while it passes a safepoint, so that who forks can name
// them to the verifier.
struct Share {
  Ref<Object> item;
  bool is_passed = false;  // append() may have another handle of `item`
  Ref<Member> first;
  Ref<Member> second;
  std::uint64_t moves = 0;
  std::uint64_t forks = 0;
};

class Forks final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    runtime_ = &runtime;
    shares_.resize(settings.threads);
    for (Ref<Account>& account : accounts_) account = must(make<Account>());
    items_ = must(make<List>());
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      Share& share = shares_[worker.index()];
      switch (worker.random().below(4)) {
        case 0:
          exchange_item(worker, share);
          break;
        case 1:
          make_ring(share);
          break;
        default:
          move(worker.random());
          ++share.moves;
      }
      // The first operation, so that even a short run forks.
      if (share.forks == 0 || worker.random().below(kForkOneIn) == 0)
        fork_unless_busy(worker, share);
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t moves = 0;
    std::uint64_t forks = 0;
    shares_.for_each([&](const Share& share) {
      moves += share.moves;
      forks += share.forks;
    });
    wrong_.report(checks, "the children of forks are whole and go on", forks);
    checks.equal("the accounts add up", moves + kAccounts,
                 kAccounts * static_cast<std::uint64_t>(kStart),
                 static_cast<std::uint64_t>(sum()));
  }

  void roots(std::vector<Object*>& handles) const override {
    for (const Ref<Account>& account : accounts_)
      if (account) handles.push_back(account.get());
    if (items_) handles.push_back(items_.get());
    shares_.for_each([&handles](const Share& share) {
      if (share.item) handles.push_back(share.item.get());
      if (share.is_passed) handles.push_back(share.item.get());
      if (share.first) handles.push_back(share.first.get());
      if (share.second) handles.push_back(share.second.get());
    });
  }

  void drop() override {
    for (Ref<Account>& account : accounts_) account.reset();
    items_.reset();
    shares_.for_each([](Share& share) {
      share.item.reset();
      share.first.reset();
      share.second.reset();
    });
    (void)runtime_->gc().collect();  // the rings
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::uint64_t forks = 0;
    shares_.for_each([&forks](const Share& share) { forks += share.forks; });
    return {{"forks", kAddressSanitizer ? "none under AddressSanitizer"
                                        : std::to_string(forks)}};
  }

  void spoil_for_test() override { ++accounts_[0]->amount; }

 private:
  [[nodiscard]] std::int64_t sum() const {
    std::int64_t sum = 0;
    for (const Ref<Account>& account : accounts_) sum += account->amount;
    return sum;
  }

  void move(Random& random) {
    Account& from = *accounts_[random.below(kAccounts)];
    Account& to = *accounts_[random.below(kAccounts)];
    const auto amount = static_cast<std::int64_t>(random.below(10));
    const CriticalSection both(from, to);
    from.amount -= amount;
    if (random.below(16) == 0) std::this_thread::yield();  // others come to wait
    to.amount += amount;
  }

  void exchange_item(Worker& worker, Share& share) {
    share.item = make<Int>(static_cast<std::int64_t>(worker.random().below(1000)));
    must(static_cast<bool>(share.item));
    share.is_passed = true;
    must(items_->append(share.item));
    share.is_passed = false;
    share.item.reset();
    if (items_->size() > worker.random().below(kMostItems)) (void)items_->pop();
  }

  static void make_ring(Share& share) {
    share.first = must(make<Member>());
    share.second = must(make<Member>());
    share.first->next.store(share.second);
    share.second->next.store(share.first);
    share.first.reset();
    share.second.reset();
  }

  // relaxed, both: the flag publishes nothing
  void fork_unless_busy(Worker& worker, Share& share) {
    if constexpr (kAddressSanitizer) return;
    if (forking_.exchange(true, std::memory_order_relaxed)) return;
    fork_and_wait(worker, share);
    forking_.store(false, std::memory_order_relaxed);
  }

  void fork_and_wait(Worker& worker, Share& share) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return;  // no descriptor left, for a while
    const unsigned seconds = child_seconds();
    const pid_t child = worker.runtime().fork();
    if (child == 0) be_child(worker.runtime(), ends[1], seconds);
    const Detached waiting;
    close(ends[1]);
    if (child > 0) {
      ++share.forks;
      const std::string complaint = read_all(ends[0]);
      const std::string end = end_of(child, seconds);
      if (!complaint.empty() || !end.empty())
        wrong_.add(complaint + (complaint.empty() || end.empty() ? "" : "; ") + end);
    }
    close(ends[0]);
  }

  [[nodiscard]] static std::string read_all(int end) {
    std::string text;
    std::array<char, 256> part{};
    for (;;) {
      const ssize_t size = read(end, part.data(), part.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return text;
      text.append(part.data(), static_cast<std::size_t>(size));
    }
  }

  // A child has to wait for its turn on a processor. The system says how many threads of
  // all that run or want to, before the slash: "9.43 11.12 22.67 5/120 4711".
  [[nodiscard]] static unsigned child_seconds() {
    std::ifstream load("/proc/loadavg");
    double averages[3];
    unsigned rivals = 0;
    load >> averages[0] >> averages[1] >> averages[2] >> rivals;
    const unsigned processors = std::max(std::thread::hardware_concurrency(), 1U);
    return kChildSeconds * std::max(rivals / processors / kChildRivals, 1U);
  }

  // Empty: as it should be.
  [[nodiscard]] static std::string end_of(pid_t child, unsigned seconds) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
      if (errno != EINTR) return "the child could not be waited for";
    }
    if (WIFSIGNALED(status)) {
      return WTERMSIG(status) == SIGALRM
                 ? fmt::format("the child did not end within {} s", seconds)
                 : fmt::format("the child died of signal {}", WTERMSIG(status));
    }
    return WEXITSTATUS(status) == 0
               ? ""
               : fmt::format("the child ended with status {}", WEXITSTATUS(status));
  }

  [[noreturn]] void be_child(Runtime& runtime, int end, unsigned seconds) {
    // Whatever the parent does about failures and signals concerns the parent.
    (void)set_failure_handler(nullptr);
    for (const int deadly : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM})
      (void)std::signal(deadly, SIG_DFL);
    alarm(seconds);
    std::string complaint;
    try {
      complaint = judge(runtime);
    } catch (const std::exception& error) {
      complaint = error.what();
    }
    // A pipe takes so much at once.
    if (write(end, complaint.data(), complaint.size()) < 0) _exit(3);
    _exit(0);
  }

  [[nodiscard]] std::string judge(Runtime& runtime) {
    settle_passed_items();
    std::string complaint = verify(runtime, "at first");
    if (complaint.empty() && sum() != kAccounts * kStart)
      complaint = fmt::format("the accounts add up to {}", sum());
    if (complaint.empty()) complaint = count(runtime);
    if (complaint.empty()) {
      go_on(runtime);
      complaint = verify(runtime, "in the end");
    }
    return complaint;
  }

  // append() had a handle of its own when its thread stopped, or the list has it.
  void settle_passed_items() {
    shares_.for_each([this](Share& share) {
      for (std::size_t i = 0; share.is_passed && i < items_->size(); ++i)
        share.is_passed = items_->get(i).get() != share.item.get();
    });
  }

  [[nodiscard]] std::string verify(Runtime& runtime, const char* when) const {
    std::vector<Object*> handles;
    roots(handles);
    const HeapReport heap = runtime.verify(handles);
    return heap.violations == 0 ? "" : fmt::format("{}: {}", when, heap.message);
  }

  [[nodiscard]] std::string count(Runtime& runtime) {
    if (!runtime.gc().collect().completed) return "a collection did not complete";
    std::uint64_t expected = kAccounts + 1 + items_->size();
    shares_.for_each([&expected](const Share& share) {
      // Its worker may have stopped before it made the second.
      expected += share.first ? 1 : 0;
      expected += is_elsewhere(share) ? 1 : 0;
    });
    const std::uint64_t found = runtime.live_objects();
    return found == expected
               ? ""
               : fmt::format("{} objects are alive instead of {}", found, expected);
  }

  // Its item is in no list.
  [[nodiscard]] static bool is_elsewhere(const Share& share) {
    return share.item && refcount(*share.item) == (share.is_passed ? 2 : 1);
  }

  void go_on(Runtime& runtime) {
    work_for_a_while(0);
    if constexpr (!kThreadSanitizer) {
      const Detached waiting;
      std::vector<std::jthread> threads;
      for (unsigned i = 1; i <= kChildThreads; ++i) {
        threads.emplace_back([this, &runtime, i] {
          const Attached here(runtime);
          if (!here) throw OutOfMemory();
          work_for_a_while(i);
          const StoppedWorld pause(*current());
        });
      }
    }
    (void)runtime.gc().collect();
  }

  void work_for_a_while(unsigned seed) {
    Random random(seed);
    Share share;
    for (int i = 0; i < 100; ++i) {
      move(random);
      make_ring(share);
      must(items_->append(must(make<Int>(i))));
      (void)items_->pop();
    }
  }

  Runtime* runtime_ = nullptr;
  std::array<Ref<Account>, kAccounts> accounts_;
  Ref<List> items_;
  PerWorker<Share> shares_;
  std::atomic<bool> forking_{false};
  Violations wrong_;
};

}  // namespace

std::unique_ptr<Workload> make_forks() { return std::make_unique<Forks>(); }

}  // namespace threadmill
