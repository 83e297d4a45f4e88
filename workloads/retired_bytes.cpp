// SPDX-License-Identifier: Apache-2.0
//
// gh-133136-retired-bytes: large buffers are outgrown and replaced under readers.
//
// Imitates   the report that gave CPython a limit in bytes: a producer replaces large arrays
//            while others read them, and what waits for its readers is counted in arrays,
//            so that a few hundred of any size are held.
// Draws      each worker has a list and a dict that it alone changes. Of 8 steps 4 append
//            512 items to the list, until it has a number drawn anew each time (16 Ki to 64
//            Ki, so that it is up to half a MiB), then replace all its items 32 times, and
//            then assign 16; 2 set 128 keys of the dict, until it has all 8192, and then
//            clear it; 2 read 64 items and keys of any worker's.
// Checks     what is read was stored there by its owner; sizes and counts are exact at the
//            end; the retired bytes were never more than the budget allows, in one slot and
//            in all.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kAppendsInARow = 512;
constexpr std::size_t kSetsInARow = 128;
constexpr std::uint64_t kReadsInARow = 64;
constexpr std::size_t kShortest = std::size_t{1} << 14;  // of lists that were grown
constexpr std::size_t kLongest = std::size_t{1} << 16;
constexpr unsigned kReplacements = 32;  // more than a batch of retired buffers holds
constexpr std::size_t kLeft = 16;       // items of a list that was shrunk
constexpr std::size_t kKeys = 8192;

struct Share {
  Ref<Token> mark;  // what all items and values of the owner are
  Ref<List> list;
  Ref<Dict> dict;
  std::size_t target = 0;  // the list grows to so many items
  unsigned replaced = 0;   // times, since it has grown
  std::size_t items = 0;
  std::size_t keys = 0;
  std::uint64_t reads = 0;
};

std::size_t draw_target(Random& random) {
  return kShortest + random.below(kLongest - kShortest);
}

class RetiredBytes final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    runtime_ = &runtime;
    shares_.resize(settings.threads);
    for (unsigned worker = 0; worker < settings.threads; ++worker) {
      Share& share = shares_[worker];
      share.mark = must(make<Token>(census_, identity(worker, 0), worker, 0U));
      share.list = must(make<List>());
      share.dict = must(make<Dict>());
    }
    for (std::size_t i = 0; i < kKeys; ++i)
      keys_.push_back(must(make<Int>(static_cast<std::int64_t>(i))));
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    share.target = draw_target(worker.random());
    while (worker.keep_going()) worker.did(step(share, worker.random()));
  }

  void check(CheckList& checks) override {
    Census::Living living;
    std::uint64_t reads = 0;
    shares_.for_each([&](Share& share) {
      reads += share.reads;
      living.add(*share.mark);
      survey(share);
    });
    violations_.report(checks, "what is read was stored there", reads);
    wrong_.report(checks, "sizes and counts are exact", 3 * shares_.size());
    census_.check(checks, living);

    held_ = runtime_->held_memory();
    check_bound(checks, "retired bytes of one slot are within the budget",
                held_.most_retired_in_slot, held_.may_retire_in_slot);
    check_bound(checks, "retired bytes of all slots are within the budget",
                held_.most_retired_in_all, held_.may_retire_in_all);
  }

  std::vector<Fact> facts() const override {
    return {{"retired at most", fmt::format("{:.2f} MiB in one slot, {:.2f} MiB in all",
                                            mebibytes(held_.most_retired_in_slot),
                                            mebibytes(held_.most_retired_in_all))}};
  }

  void roots(std::vector<Object*>& handles) const override {
    shares_.for_each([&](const Share& share) {
      handles.push_back(share.mark.get());
      handles.push_back(share.list.get());
      handles.push_back(share.dict.get());
    });
    for (const Ref<Object>& key : keys_) handles.push_back(key.get());
  }

  void drop() override {
    shares_.for_each([](Share& share) { share = Share{}; });
    keys_.clear();
  }

  // An item that its owner has not counted.
  void spoil_for_test() override { must(shares_[0].list->append(shares_[0].mark)); }

 private:
  static double mebibytes(std::size_t bytes) {
    return static_cast<double>(bytes) / (1 << 20);
  }

  static void check_bound(CheckList& checks,
                          const char* name,
                          std::size_t most,
                          std::size_t allowed) {
    checks.that(name, most, most <= allowed,
                most <= allowed
                    ? ""
                    : fmt::format("{} bytes were held at a time, and {} are "
                                  "allowed",
                                  most, allowed));
  }

  // How many operations it did.
  std::uint64_t step(Share& share, Random& random) {
    const std::uint64_t choice = random.below(8);
    if (choice < 4) return change_list(share, random);
    if (choice < 6) return change_dict(share);
    read(share, shares_[random.below(shares_.size())], random);
    return kReadsInARow;
  }

  std::uint64_t change_list(Share& share, Random& random) {
    if (share.items >= share.target) {
      const bool is_last = ++share.replaced > kReplacements;
      if (is_last) {
        share.items = kLeft;
        share.replaced = 0;
        share.target = draw_target(random);
      }
      const std::vector<Ref<Object>> all(share.items, share.mark);
      must(share.list->assign(all));
      return 1;
    }
    for (std::size_t i = 0; i < kAppendsInARow; ++i)
      must(share.list->append(share.mark));
    share.items += kAppendsInARow;
    return kAppendsInARow;
  }

  std::uint64_t change_dict(Share& share) {
    if (share.keys == kKeys) {
      share.dict->clear();
      share.keys = 0;
      return 1;
    }
    for (std::size_t i = 0; i < kSetsInARow; ++i)
      must(share.dict->set(keys_[share.keys + i], share.mark));
    share.keys += kSetsInARow;
    return kSetsInARow;
  }

  void read(Share& reader, const Share& owner, Random& random) {
    for (std::uint64_t i = 0; i < kReadsInARow; i += 2) {
      verify(owner, owner.list->get(random.below(owner.list->size() + 1)));
      verify(owner, owner.dict->get(keys_[random.below(kKeys)]));
    }
    reader.reads += kReadsInARow;
  }

  void verify(const Share& owner, const Ref<Object>& found) {
    if (found && found != owner.mark)
      violations_.add("there was something that its owner has never stored");
  }

  void survey(const Share& share) {
    const std::size_t items = share.list->size();
    const std::size_t keys = share.dict->size();
    if (items != share.items || keys != share.keys)
      wrong_.add(fmt::format("a list has {} items, of {}; a dict {} keys, of {}", items,
                             share.items, keys, share.keys));
    const auto counted = static_cast<std::uint64_t>(refcount(*share.mark)) - 1;
    if (counted != share.items + share.keys)
      wrong_.add(fmt::format("an object counts {} of {} references", counted,
                             share.items + share.keys));
  }

  Runtime* runtime_ = nullptr;
  Census census_;
  std::vector<Ref<Object>> keys_;
  PerWorker<Share> shares_;
  Violations violations_;
  Violations wrong_;
  HeldMemory held_;
};

}  // namespace

std::unique_ptr<Workload> make_retired_bytes() {
  return std::make_unique<RetiredBytes>();
}

}  // namespace threadmill
