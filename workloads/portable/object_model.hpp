// SPDX-License-Identifier: Apache-2.0
//
// ObjectModel: what a portable workload needs of a way to manage shared objects, so that
// the same body runs over this runtime, smart pointers, a tracing collector and CPython.
// A model is a class of types and static functions; harness/bench/models/ has ours.
//
//   Process    what the model needs once in a process, made in main()
//   World      one heap; made before its threads, destroyed after them
//   Thread     the scope in which a thread uses objects
//   Blocked    the scope in which it waits, and uses none
//   Ref        a reference to an object of any kind, or null. Used by one thread at a
//              time, but that many may copy one that nobody changes
//   poll()     called every few operations: what a thread owes the others is done here
//
//   number     an integer                       immutable
//   text       bytes                            immutable
//   pair       two references                   immutable
//   node       two references, a stamp, and perhaps a Tally that learns of its death; its
//              references are changed by one thread at a time
//   list, dict used by one thread; the shared ones by any number. A dict's keys are
//              numbers and texts, compared by value
//
// Functions that make something, or put something somewhere, throw what their model
// throws when memory runs out. Places are in range, and objects of the right kind.
//
// A model says of itself, and rows heed it:
//   kDiesAtOnce      an object dies at the moment its last reference goes (in another
//                    thread than its owner's: once the owner polls); otherwise in a
//                    collection, or never, if a stale word looks like a reference
//   kCollectsCycles  otherwise whoever makes cycles breaks them by hand
//   kDropsDeeply     a chain of any length may be dropped by its first node
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace threadmill::portable {

// How many objects have died. Any thread.
class alignas(128) Tally {
 public:
  // relaxed: a number; who compares it has joined the threads that count
  void add() noexcept { died_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t died() const noexcept {
    return died_.load(std::memory_order_relaxed);  // relaxed: as above
  }

 private:
  std::atomic<std::uint64_t> died_{0};
};

// Lives for ever: a collector may find a dead object when its row is long over.
[[nodiscard]] inline Tally& new_tally() {
  static std::atomic<Tally*> newest{nullptr};  // so that nobody calls it a leak
  struct Kept {
    Tally tally;
    Tally* before;
  };
  auto* const kept = new Kept;
  // relaxed: nobody follows the list
  kept->before = newest.exchange(&kept->tally, std::memory_order_relaxed);
  return kept->tally;
}

// Name and value of something worth knowing about a model: a version, a setting.
using ModelFact = std::pair<std::string, std::string>;

template <class M>
concept ObjectModel =
    std::copyable<typename M::Ref> &&
    std::is_default_constructible_v<typename M::Ref> &&
    std::constructible_from<bool, const typename M::Ref&> &&
    std::is_default_constructible_v<typename M::Process> &&
    std::is_default_constructible_v<typename M::World> &&
    std::constructible_from<typename M::Thread, typename M::World&> &&
    std::is_default_constructible_v<typename M::Blocked> &&
    // A thread that is the copy of another one would be in its world twice.
    !std::copyable<typename M::Thread> &&
    !std::copyable<typename M::Blocked> &&
    requires(const typename M::Ref& ref,
             typename M::World& world,
             std::string_view text,
             std::size_t place,
             std::int64_t number,
             Tally* tally) {
  typename M::template Allocator<int>;  // of memory in which Refs may stand
  { M::name() } -> std::convertible_to<std::string>;
  { M::facts() } -> std::same_as<std::vector<ModelFact>>;
  { M::kDiesAtOnce } -> std::convertible_to<bool>;
  { M::kCollectsCycles } -> std::convertible_to<bool>;
  { M::kDropsDeeply } -> std::convertible_to<bool>;

  M::poll();
  world.collect();  // all that is unreachable, as far as the model can; in a Thread

  { M::number(number) } -> std::same_as<typename M::Ref>;
  { M::value(ref) } -> std::same_as<std::int64_t>;
  { M::text(text) } -> std::same_as<typename M::Ref>;
  { M::view(ref) } -> std::same_as<std::string_view>;
  { M::pair(ref, ref) } -> std::same_as<typename M::Ref>;
  { M::part(ref, place) } -> std::same_as<typename M::Ref>;  // 0 or 1
  { M::node(number, tally) } -> std::same_as<typename M::Ref>;
  { M::stamp(ref) } -> std::same_as<std::int64_t>;
  { M::linked(ref, place) } -> std::same_as<typename M::Ref>;  // 0 or 1
  M::link(ref, place, ref);

  { M::list() } -> std::same_as<typename M::Ref>;
  { M::shared_list() } -> std::same_as<typename M::Ref>;
  { M::size(ref) } -> std::same_as<std::size_t>;  // of a list
  { M::item(ref, place) } -> std::same_as<typename M::Ref>;
  M::append(ref, ref);
  M::clear(ref);                                            // a list
  { M::take_first(ref) } -> std::same_as<typename M::Ref>;  // of a list with items

  { M::dict() } -> std::same_as<typename M::Ref>;
  { M::shared_dict() } -> std::same_as<typename M::Ref>;
  { M::entries(ref) } -> std::same_as<std::size_t>;
  { M::get(ref, ref) } -> std::same_as<typename M::Ref>;  // null: no such key
  M::set(ref, ref, ref);
  // The value that the key has, or else gets.
  { M::set_default(ref, ref, ref) } -> std::same_as<typename M::Ref>;
};

// References that do not keep an object alive. lock(): a reference, or null.
template <class M>
concept HasWeak = ObjectModel<M> &&
    requires(const typename M::Ref& ref, const typename M::Weak& weak) {
  { M::weak(ref) } -> std::same_as<typename M::Weak>;
  { M::lock(weak) } -> std::same_as<typename M::Ref>;
};

// Objects that have an owner, which can be given to another thread along with the only
// reference.
template <class M>
concept HasOwners = ObjectModel<M> &&
    requires(const typename M::Ref& ref, const typename M::Owner& owner) {
  { M::here() } -> std::same_as<typename M::Owner>;  // this thread
  M::give(ref, owner);  // the Ref is moved there, and used here no more
};

// What the pauses of a world took: of each the nanoseconds in which no thread ran.
struct Pauses {
  std::uint64_t count = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p99_ns = 0;
  std::uint64_t max_ns = 0;
};

template <class M>
concept HasPauses = ObjectModel<M> && requires(typename M::World& world) {
  { world.pauses() } -> std::same_as<Pauses>;  // in a Thread
};

}  // namespace threadmill::portable
