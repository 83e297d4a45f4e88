// SPDX-License-Identifier: Apache-2.0
//
// shared-list: readers get elements without a lock while writers change the lists.
//
// Imitates   lists shared by reference in a free-threaded interpreter: a stack, a log that
//            is cleared from time to time, and a table that is replaced as a whole.
// Draws      of 32 operations 18 read (half at uniform indices, half around the end, where
//            growing and shrinking happens), 7 push or pop or set the stack (each worker
//            pushes 256, then pops 256), 3 append to the log (about 1 in 256 clears it),
//            2 replace the table, 2 take a slice of the log or of the table. The table has
//            8 to 64 elements, the number is fixed by its generation.
// Checks     every element read was stored in that list, and is sound; a table element
//            stands at its own index, and the first 8 are always there; a slice of the
//            table is of one generation, a slice of the log has each writer's elements in
//            the order in which they were appended; the stack's size is pushes less pops;
//            at the end each element is in one place and counts one, and all others have
//            died exactly once.
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

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
constexpr std::size_t kWholeList = ~std::size_t{0};

// Which list an element belongs to, in the upper bits of its key.
enum class Home : std::uint64_t { kStack = 1, kLog = 2, kTable = 3 };

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
  std::uint64_t verified = 0;     // elements looked at
  std::uint64_t phase = 0;        // position in the pattern of pushes and pops
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
    replace_table(maker_);
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      operate(worker.index(), worker.random());
      worker.did();
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
    checks.equal("stack size is pushes less pops", pushes, pushes - pops, stack_->size());

    Census::Living living;
    Violations miscounted;
    for (const List* list : {stack_.get(), log_.get(), table_.get()}) {
      survey(*list, living, miscounted);
    }
    miscounted.report(checks, "each element is there once and counts one",
                      living.count());
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    for (const Ref<List>& list : {stack_, log_, table_}) handles.push_back(list.get());
  }

  void drop() override {
    stack_.reset();
    log_.reset();
    table_.reset();
  }

  // A log element at the head of the table.
  void spoil_for_test() override {
    static_cast<void>(table_->set(0, new_element(maker_, Home::kLog, 0, 0)));
  }

 private:
  void operate(unsigned worker, Random& random) {
    const std::uint64_t choice = random.below(32);
    if (choice < 18) {
      read(worker, random);
    } else if (choice < 25) {
      change_stack(worker, random);
    } else if (choice < 28) {
      change_log(worker, random);
    } else if (choice < 30) {
      replace_table(worker);
    } else {
      take_slice(worker, random);
    }
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
    } else if (!token->sound() || token->key() >> 56 != static_cast<std::uint64_t>(home)) {
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
      violations_.add(fmt::format("the slice [{}, {}) of {} elements held {}", begin, end,
                                  size, slice.size()));
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
        miscounted.add(fmt::format("{} counts {} and is held once", token->describe(),
                                   count));
      }
    }
  }

  Census census_;
  PerWorker<Share> shares_;
  unsigned maker_ = 0;  // the harness thread's number as a maker of elements
  Ref<List> stack_;
  Ref<List> log_;
  Ref<List> table_;
  Violations violations_;
};

}  // namespace

std::unique_ptr<Workload> make_shared_list() { return std::make_unique<SharedList>(); }

}  // namespace threadmill
