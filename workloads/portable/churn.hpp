// SPDX-License-Identifier: Apache-2.0
//
// churn/larson: each thread has a thousand objects of many sizes and replaces one at
// random, again and again; now and then it swaps all of them for those of another thread,
// so that what one thread made another one drops (after P. Larson and M. Krishnan's model
// of a server whose requests pass from thread to thread).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "runtime/base/random.hpp"
#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <ObjectModel M>
class Churn {
 public:
  static constexpr RowInfo kInfo{.name = "churn/larson",
                                 .purpose =
                                     "one of a thread's 1000 objects of 8 to 512 "
                                     "bytes is replaced; all wander from thread to "
                                     "thread"};

  explicit Churn(unsigned threads) {
    Random random(mix_seed(kSeed, threads));
    for (unsigned i = 0; i < threads; ++i) {
      stalls_.push_back(
          std::allocate_shared<Stall>(typename M::template Allocator<Stall>()));
      for (std::size_t j = 0; j < kSlots; ++j)
        stalls_[i]->slots.push_back(parcel(random));
    }
  }

  template <class Turn>
  void run(Turn& turn) {
    Random random(mix_seed(kSeed, 1000 + turn.index()));
    Slots slots;
    for (std::size_t i = 0; i < kSlots; ++i) slots.push_back(parcel(random));
    std::uint64_t operation = 0;
    bool right = true;
    turn.timed([&] {
      Ref& slot = slots[random.below(kSlots)];
      right &= is_parcel(slot);
      slot = parcel(random);
      if (++operation % kStay == 0) swap(slots, random.below(stalls_.size()));
    });
    turn.expect(right, "an object is not what was put into it");
  }

  void finish(typename M::World& /*world*/, Verdict& verdict) {
    bool right = true;
    for (const auto& stall : stalls_) {
      right &= stall->slots.size() == kSlots;
      for (const Ref& slot : stall->slots) right &= is_parcel(slot);
    }
    verdict.expect(right, "an object that was left is not what was put into it");
    stalls_.clear();
  }

 private:
  using Ref = typename M::Ref;
  using Slots = std::vector<Ref, typename M::template Allocator<Ref>>;

  static constexpr std::uint64_t kSeed = 1;
  static constexpr std::size_t kSlots = 1000;
  static constexpr std::uint64_t kStay = 1024;

  struct Stall {
    std::mutex mutex;
    Slots slots;  // guarded by mutex
  };

  // As many times the letter that stands for the number.
  [[nodiscard]] static Ref parcel(Random& random) {
    static const std::string letters = [] {
      std::string all;
      for (char letter = 'a'; letter <= 'g'; ++letter) all.append(512, letter);
      return all;
    }();
    const std::size_t kind = random.below(7);
    return M::text(
        std::string_view(letters).substr(512 * kind, std::size_t{8} << kind));
  }

  [[nodiscard]] static bool is_parcel(const Ref& slot) {
    const std::string_view bytes = M::view(slot);
    const auto kind = static_cast<std::size_t>(bytes.front() - 'a');
    return kind < 7 && bytes.size() == std::size_t{8} << kind &&
           bytes.back() == bytes.front();
  }

  // Nobody makes or drops an object under the lock, so nobody waits in it for a pause.
  void swap(Slots& slots, std::size_t at) {
    const std::lock_guard lock(stalls_[at]->mutex);
    slots.swap(stalls_[at]->slots);
  }

  std::vector<std::shared_ptr<Stall>,
              typename M::template Allocator<std::shared_ptr<Stall>>>
      stalls_;
};

}  // namespace threadmill::portable
