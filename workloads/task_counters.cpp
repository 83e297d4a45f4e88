// SPDX-License-Identifier: Apache-2.0
//
// task-counters: parallel loops count words in a shared dict.
//
// Imitates   a parallel_for over input, whose body looks up a key in a shared table, makes the
//            entry if there is none, and changes it under its lock.
// Draws      loops of 256 words out of 512, in pieces of at least 16; each worker starts one
//            after the other on a pool that all share. One loop in 16 removes the entry of a
//            word, and adds up what was counted by then. One in 32 collects in a task.
// Checks     for each word, what its removed entries and the last one had counted is how often
//            the loops met it.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "workloads/factories.hpp"
#include "workloads/support.hpp"
#include "workloads/task_pool.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kWords = 512;
constexpr std::size_t kLoop = 256;
constexpr std::size_t kLeastPiece = 16;

struct Counter : Object {
  static constexpr const char* kTypeName = "counter";

  // These two guarded by a section on the counter. Who finds it closed looks again.
  std::uint64_t count = 0;
  bool is_closed = false;
};

class TaskCounters final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    counters_ = must(make<Dict>());
    for (std::size_t i = 0; i < kWords; ++i)
      words_[i] = must(make<Str>("word " + std::to_string(i)));
    pool_ = std::make_unique<TaskPool>(runtime, settings.threads);
  }

  void run(Worker& worker) override {
    while (worker.keep_going()) {
      const std::uint64_t seed = worker.random().next();
      pool_->for_each_piece(kLoop, kLeastPiece,
                            [&](std::size_t first, std::size_t end) {
                              for (std::size_t i = first; i < end; ++i)
                                count(mix_seed(seed, i) % kWords);
                            });
      if (worker.random().below(16) == 0) close(worker.random().below(kWords));
      if (worker.random().below(32) == 0)
        pool_->run_all({[&worker] { (void)worker.runtime().gc().collect(0); }});
      worker.did(kLoop);
    }
  }

  void check(CheckList& checks) override {
    std::uint64_t met = 0;
    std::uint64_t wrong = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      std::uint64_t counted = closed_[i].load();
      if (const Ref<Object> last = counters_->get(words_[i]))
        counted += static_cast<Counter&>(*last).count;
      met += met_[i].load();
      wrong += counted == met_[i].load() ? 0 : 1;
    }
    checks.equal("words that were counted wrongly", met + kWords, 0, wrong);
  }

  void roots(std::vector<Object*>& handles) const override {
    if (counters_) handles.push_back(counters_.get());
    for (const Ref<Object>& word : words_)
      if (word) handles.push_back(word.get());
  }

  void drop() override {
    pool_.reset();
    counters_.reset();
    for (Ref<Object>& word : words_) word.reset();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    return {{"tasks by", TaskPool::name()}};
  }

  void spoil_for_test() override { met_[0].fetch_add(1); }

 private:
  void count(std::size_t word) {
    while (!try_count(word)) std::this_thread::yield();
    met_[word].fetch_add(1);
  }

  // False: the entry was closed, and will be gone.
  [[nodiscard]] bool try_count(std::size_t word) {
    Ref<Object> found = counters_->get(words_[word]);
    if (!found) {
      found = counters_->set_default(words_[word], must(make<Counter>()));
      must(static_cast<bool>(found));
    }
    auto& counter = static_cast<Counter&>(*found);
    const CriticalSection section(counter);
    if (counter.is_closed) return false;
    ++counter.count;
    return true;
  }

  void close(std::size_t word) {
    const Ref<Object> found = counters_->get(words_[word]);
    if (!found) return;
    auto& counter = static_cast<Counter&>(*found);
    std::uint64_t counted = 0;
    {
      const CriticalSection section(counter);
      if (counter.is_closed) return;
      counter.is_closed = true;
      counted = counter.count;
    }
    closed_[word].fetch_add(counted);
    (void)counters_->erase_if(words_[word], counter);
  }

  Ref<Dict> counters_;
  std::array<Ref<Object>, kWords> words_;
  std::unique_ptr<TaskPool> pool_;
  std::array<std::atomic<std::uint64_t>, kWords> met_{};
  std::array<std::atomic<std::uint64_t>, kWords> closed_{};
};

}  // namespace

std::unique_ptr<Workload> make_task_counters() {
  return std::make_unique<TaskCounters>();
}

}  // namespace threadmill
