// SPDX-License-Identifier: Apache-2.0
//
// shared-list: readers get elements without a lock while writers change the lists.
//
// Imitates   lists shared by reference in a free-threaded interpreter: a stack, a log that
//            is cleared from time to time, a table that is replaced as a whole, and a few
//            notices that are put up anew by a thread that waits for news in between.
// Draws      of 32 steps 12 read an element (half at uniform indices, half around the end,
//            where growing and shrinking happens), 6 read notices 32 times in a row, 7 push
//            or pop or set the stack (each worker pushes 256, then pops 256), 3 append to
//            the log (about 1 in 256 clears it), 2 replace the table, 2 take a slice of the
//            log or of the table. The table has 8 to 64 elements, the number is fixed by
//            its generation.
//            Every fourth worker is a visitor instead: it naps detached, and then clears
//            the notices and puts up 1 to 4 new ones, 40 times in a row. Because it uses
//            little time it is scheduled as soon as it wakes, and interrupts readers
//            wherever they are; when they go on, the array that they were about to look at
//            was replaced many times over.
// Checks     every element read was stored in that list, and is sound; a table element
//            stands at its own index, and the first 8 are always there; a slice of the
//            table is of one generation, a slice of the log has each writer's elements in
//            the order in which they were appended; the stack's size is pushes less pops;
//            at the end each element is in one place and counts one, and all others have
//            died exactly once.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::uint64_t kPushesInARow = 256;
constexpr std::uint64_t kAppendsPerClear = 256;
constexpr std::size_t kLongestLog = 1024;
constexpr std::size_t kShortestTable = 8;
constexpr std::size_t kLongestTable = 64;
constexpr std::uint64_t kReadsInARow = 32;
constexpr std::size_t kMostNotices = 4;
constexpr unsigned kWorkersPerVisitor = 4;
constexpr int kRoundsPerVisit = 40;  // enough for what was retired first to be freed
constexpr std::chrono::microseconds kNap{20};
constexpr std::size_t kWholeList = ~std::size_t{0};

// Which list an element belongs to, in the upper bits of its key.
enum class Home : std::uint64_t { kStack = 1, kLog = 2, kTable = 3, kNotices = 4 };

[[nodiscard]] std::uint64_t key_of(Home home, std::uint64_t detail) {
  return static_cast<std::uint64_t>(home) << 56 | detail;
}

[[nodiscard]] std::size_t table_size(std::uint64_t generation) {
  return kShortestTable +
         mix_seed(generation, 0) % (kLongestTable - kShortestTable + 1);
}

struct Share {
  std::uint64_t made = 0;
  std::uint64_t pushes = 0;
  std::uint64_t pops = 0;
  std::uint64_t verified = 0;  // elements looked at
  std::uint64_t phase = 0;     // position in the pattern of pushes and pops
};

class SharedList final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    // the last share is the harness thread's
    shares_.resize(std::size_t{settings.threads} + 1);
    maker_ = settings.threads;
    stack_ = must(make<List>());
    log_ = must(make<List>());
    table_ = must(make<List>());
    notices_ = must(make<List>());
    replace_table(maker_);
  }

  void run(Worker& worker) override {
    const bool is_visitor =
        worker.index() % kWorkersPerVisitor == kWorkersPerVisitor - 1;
    while (worker.keep_going()) {
      const std::uint64_t operations = is_visitor
                                           ? visit(worker.index(), worker.random())
                                           : operate(worker.index(), worker.random());
      worker.did(operations);
    }
  }

  void check(CheckList& checks) override {
    Share& share = shares_[maker_];
    if (Ref<List> log = must(log_->slice(0, kWholeList))) verify_log(share, *log);
    if (Ref<List> table = must(table_->slice(0, kWholeList))) {
      verify_table(share, *table, 0, kWholeList);
    }
    std::uint64_t pushes = 0;
    std::uint64_t pops = 0;
    std::uint64_t verified = 0;
    shares_.for_each([&](const Share& part) {
      pushes += part.pushes;
      pops += part.pops;
      verified += part.verified;
    });
    violations_.report(checks, "every element read was stored there", verified);
    checks.equal("stack size is pushes less pops", pushes, pushes - pops,
                 stack_->size());

    Census::Living living;
    Violations miscounted;
    for (const Ref<List>& list : {stack_, log_, table_, notices_}) {
      survey(*list, living, miscounted);
    }
    miscounted.report(checks, "each element is there once and counts one",
                      living.count());
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    for (List* list : {stack_.get(), log_.get(), table_.get(), notices_.get()}) {
      handles.push_back(list);
    }
  }

  void drop() override {
    stack_.reset();
    log_.reset();
    table_.reset();
    notices_.reset();
  }

  // A log element at the head of the table.
  void spoil_for_test() override {
    static_cast<void>(table_->set(0, new_element(maker_, Home::kLog, 0, 0)));
  }

 private:
  // How many operations it did.
  std::uint64_t operate(unsigned worker, Random& random) {
    const std::uint64_t choice = random.below(32);
    if (choice < 12) {
      read(worker, random);
    } else if (choice < 18) {
      return read_notices(worker, random);
    } else if (choice < 25) {
      change_stack(worker, random);
    } else if (choice < 28) {
      change_log(worker, random);
    } else if (choice < 30) {
      replace_table(worker);
    } else {
      take_slice(worker, random);
    }
    return 1;
  }

  // How many operations it did.
  std::uint64_t visit(unsigned worker, Random& random) {
    {
      const Detached waiting;
      std::this_thread::sleep_for(kNap);
    }
    std::uint64_t operations = 0;
    for (int round = 0; round < kRoundsPerVisit; ++round) {
      notices_->clear();
      const std::uint64_t count = 1 + random.below(kMostNotices);
      for (std::uint64_t i = 0; i < count; ++i) {
        must(notices_->append(new_element(worker, Home::kNotices, 0, 0)));
      }
      operations += 1 + count;
    }
    return operations;
  }

  // In a tight row, so that an interruption hits the middle of a read.
  std::uint64_t read_notices(unsigned worker, Random& random) {
    Share& share = shares_[worker];
    const std::size_t index = random.below(kMostNotices);
    for (std::uint64_t i = 0; i < kReadsInARow; ++i) {
      const Ref<Object> element = notices_->get(index);
      if (element) verify(share, element, Home::kNotices);
    }
    return kReadsInARow;
  }

  void read(unsigned worker, Random& random) {
    Share& share = shares_[worker];
    switch (random.below(3)) {
      case 0: {
        const Ref<Object> element = stack_->get(draw_index(*stack_, random));
        if (element) verify(share, element, Home::kStack);
        return;
      }
      case 1: {
        const Ref<Object> element = log_->get(draw_index(*log_, random));
        if (element) verify(share, element, Home::kLog);
        return;
      }
      default: {
        const std::size_t index = random.below(kLongestTable + 2);
        const Ref<Object> element = table_->get(index);
        if (element) {
          verify_table_element(share, element, index);
        } else if (index < kShortestTable) {
          violations_.add(fmt::format("table element {} was missing", index));
        }
      }
    }
  }

  [[nodiscard]] static std::size_t draw_index(const List& list, Random& random) {
    const std::size_t size = list.size();
    if (random.below(2) == 0) return random.below(size + 1);
    const std::size_t index = size + random.below(6);
    return index < 3 ? 0 : index - 3;
  }

  void change_stack(unsigned worker, Random& random) {
    Share& share = shares_[worker];
    if (random.below(8) == 0) {
      const std::size_t index = random.below(stack_->size() + 1);
      static_cast<void>(stack_->set(index, new_element(worker, Home::kStack, 0, 0)));
      return;
    }
    if (share.phase++ % (2 * kPushesInARow) < kPushesInARow) {
      must(stack_->append(new_element(worker, Home::kStack, 0, 0)));
      ++share.pushes;
    } else if (const Ref<Object> element = stack_->pop()) {
      ++share.pops;
      verify(share, element, Home::kStack);
    }
  }

  void change_log(unsigned worker, Random& random) {
    Share& share = shares_[worker];
    if (random.below(kAppendsPerClear) == 0 || log_->size() > kLongestLog) {
      log_->clear();
    }
    must(log_->append(new_element(worker, Home::kLog, worker, share.made)));
  }

  void replace_table(unsigned worker) {
    const std::uint64_t generation = identity(worker, shares_[worker].made);
    std::vector<Ref<Object>> elements;
    const std::size_t size = table_size(generation);
    elements.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
      elements.push_back(new_element(worker, Home::kTable, i, generation));
    }
    must(table_->assign(elements));
  }

  void take_slice(unsigned worker, Random& random) {
    Share& share = shares_[worker];
    if (random.below(4) == 0) {
      verify_log(share, *must(log_->slice(0, kWholeList)));
      return;
    }
    const bool whole = random.below(2) == 0;
    const std::size_t begin = whole ? 0 : random.below(kLongestTable);
    const std::size_t end = whole ? kWholeList : begin + random.below(kLongestTable);
    verify_table(share, *must(table_->slice(begin, end)), begin, end);
  }

  [[nodiscard]] Ref<Object> new_element(unsigned worker,
                                        Home home,
                                        std::uint64_t detail,
                                        std::uint64_t stamp) {
    const std::uint64_t id = identity(worker, shares_[worker].made++);
    return must(make<Token>(census_, id, key_of(home, detail), stamp));
  }

  // The element as a token; null, and a violation, if it never was in that list.
  Ref<Token> verify(Share& share, const Ref<Object>& element, Home home) {
    ++share.verified;
    Ref<Token> token = cast<Token>(element);
    if (!token) {
      violations_.add("an element of another type");
    } else if (!token->sound() ||
               token->key() >> 56 != static_cast<std::uint64_t>(home)) {
      violations_.add(fmt::format("list {} held {}", static_cast<std::uint64_t>(home),
                                  token->describe()));
      token.reset();
    }
    return token;
  }

  Ref<Token> verify_table_element(Share& share,
                                  const Ref<Object>& element,
                                  std::size_t index) {
    Ref<Token> token = verify(share, element, Home::kTable);
    if (token && (token->key() != key_of(Home::kTable, index) ||
                  index >= table_size(token->stamp()))) {
      violations_.add(fmt::format("table index {} held {}", index, token->describe()));
    }
    return token;
  }

  void verify_table(Share& share,
                    const List& slice,
                    std::size_t begin,
                    std::size_t end) {
    std::uint64_t generation = 0;
    for (std::size_t i = 0; i < slice.size(); ++i) {
      const Ref<Token> token = verify_table_element(share, slice.get(i), begin + i);
      if (!token) return;
      if (i == 0) generation = token->stamp();
      if (token->stamp() != generation) {
        violations_.add(fmt::format("a slice of generation {:#x} held {}", generation,
                                    token->describe()));
        return;
      }
    }
    // an empty slice beyond the shortest table may be of any generation
    if (slice.size() == 0 && (begin >= kShortestTable || begin == end)) return;
    const std::size_t size = table_size(generation);
    const std::size_t last = end < size ? end : size;
    const std::size_t expected = begin < last ? last - begin : 0;
    if (slice.size() != expected) {
      violations_.add(fmt::format("the slice [{}, {}) of {} elements held {}", begin,
                                  end, size, slice.size()));
    }
  }

  void verify_log(Share& share, const List& slice) {
    std::unordered_map<std::uint64_t, std::uint64_t> latest;  // by writer
    for (std::size_t i = 0; i < slice.size(); ++i) {
      const Ref<Token> token = verify(share, slice.get(i), Home::kLog);
      if (!token) return;
      const auto [writer, is_first] = latest.try_emplace(token->key(), token->stamp());
      if (!is_first && token->stamp() <= writer->second) {
        violations_.add(fmt::format("the log held {} after stamp {:#x}",
                                    token->describe(), writer->second));
      }
      writer->second = token->stamp();
    }
  }

  static void survey(const List& list, Census::Living& living, Violations& miscounted) {
    std::unordered_set<const Object*> seen;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Ref<Object> element = list.get(i);
      const Ref<Token> token = cast<Token>(element);
      if (!token || !seen.insert(token.get()).second) {
        miscounted.add(fmt::format("element {} is missing, foreign or there twice", i));
        continue;
      }
      living.add(*token);
      const std::int64_t count = refcount(*token) - 2;  // element and token
      if (count != 1) {
        miscounted.add(
            fmt::format("{} counts {} and is held once", token->describe(), count));
      }
    }
  }

  Census census_;
  PerWorker<Share> shares_;
  unsigned maker_ = 0;  // the harness thread's number as a maker of elements
  Ref<List> stack_;
  Ref<List> log_;
  Ref<List> table_;
  Ref<List> notices_;
  Violations violations_;
};

}  // namespace

std::unique_ptr<Workload> make_shared_list() { return std::make_unique<SharedList>(); }

}  // namespace threadmill
