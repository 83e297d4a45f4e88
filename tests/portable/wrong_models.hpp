// SPDX-License-Identifier: Apache-2.0
//
// Models that are wrong on purpose: what the rows look at must show it. Their objects are
// ended once at most and never freed, so that a wrong count does no more than be wrong.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "harness/bench/models/plain_objects.hpp"

namespace threadmill::portable {

enum class Wrong {
  kNothing,
  kCopy,  // one of 997 copies is not counted
  kDrop,  // one of 997 drops is not counted
};

// Counts, and makes the mistake.
template <Wrong wrong>
class CountedRef {
 public:
  struct Object {
    std::atomic<std::int64_t> count{1};
    std::atomic<bool> is_dead{false};
    void (*end)(Object&) = nullptr;  // drops what it refers to
  };

  CountedRef() = default;
  CountedRef(const CountedRef& other) : object_(other.object_) {
    if (object_ != nullptr && !errs<Wrong::kCopy>()) object_->count.fetch_add(1);
  }
  CountedRef(CountedRef&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)) {}
  CountedRef& operator=(CountedRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~CountedRef() {
    if (object_ == nullptr || errs<Wrong::kDrop>()) return;
    if (object_->count.fetch_sub(1) != 1 || object_->is_dead.exchange(true)) return;
    object_->end(*object_);
  }

  [[nodiscard]] static CountedRef adopt(Object* object) {
    CountedRef ref;
    ref.object_ = object;
    return ref;
  }
  [[nodiscard]] Object* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  template <Wrong kind>
  [[nodiscard]] static bool errs() {
    static std::atomic<std::uint64_t> times{0};
    return wrong == kind && times.fetch_add(1) % 997 == 996;
  }

  Object* object_ = nullptr;
};

template <Wrong wrong>
struct CountedPointers {
  using Process = bench::NoProcess;
  using World = bench::NoWorld;
  using Thread = bench::NoThread;
  using Blocked = bench::NoBlocked;

  static constexpr bool kDiesAtOnce = true;
  static constexpr bool kCollectsCycles = false;
  static constexpr bool kDropsDeeply = true;

  using Ref = CountedRef<wrong>;
  using Object = typename Ref::Object;
  template <class T>
  using Allocator = std::allocator<T>;
  template <class T>
  using Inside = std::allocator<T>;

  static std::string name() { return "counted"; }
  static std::vector<ModelFact> facts() { return {}; }
  static void poll() {}

  template <class T, class... Arguments>
  static Ref make(Arguments&&... arguments) {
    auto& made = *new T(std::forward<Arguments>(arguments)...);
    made.end = [](Object& dead) { static_cast<T&>(dead).~T(); };
    kept().keep(made);
    return Ref::adopt(&made);
  }
  static Object& object(const Ref& ref) { return *ref.get(); }

 private:
  // A list of all objects, so that none is called a leak.
  class Kept {
   public:
    void keep(Object& object) {
      auto* const link = new Link{&object, nullptr};
      link->next = first_.load();
      while (!first_.compare_exchange_weak(link->next, link)) {
      }
    }

   private:
    struct Link {
      Object* object;
      Link* next;
    };
    std::atomic<Link*> first_{nullptr};
  };
  [[nodiscard]] static Kept& kept() {
    static Kept all;
    return all;
  }
};

template <Wrong wrong>
using CountedModel = bench::PlainObjects<CountedPointers<wrong>>;

}  // namespace threadmill::portable
