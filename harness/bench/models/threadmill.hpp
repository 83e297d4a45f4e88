// SPDX-License-Identifier: Apache-2.0
//
// The model threadmill: this runtime, in whichever variant it is linked.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/build_info.hpp"
#include "runtime/runtime.hpp"
#include "workloads/portable/object_model.hpp"
#include "workloads/support.hpp"

namespace threadmill::bench {

struct ThreadmillModel {
  using Ref = threadmill::Ref<Object>;
  template <class T>
  using Allocator = std::allocator<T>;

  struct Process {};

  class World {
   public:
    World() : runtime_(Runtime::create()) { must(runtime_ != nullptr); }

    void collect() { (void)runtime_->gc().collect(); }
    [[nodiscard]] portable::Pauses pauses() {
      const Histogram pause = runtime_->latencies().pause;
      return {pause.count(), pause.percentile(50), pause.percentile(99), pause.max()};
    }
    [[nodiscard]] Runtime& runtime() { return *runtime_; }

   private:
    std::unique_ptr<Runtime> runtime_;
  };

  class Thread {
   public:
    explicit Thread(World& world) : attached_(world.runtime()) {
      must(static_cast<bool>(attached_));
    }

   private:
    Attached attached_;
  };
  using Blocked = Detached;

  static constexpr bool kDiesAtOnce = true;
  static constexpr bool kCollectsCycles = true;
  static constexpr bool kDropsDeeply = true;

  static std::string name() { return build_info().refcount; }
  static std::vector<portable::ModelFact> facts() {
    const BuildInfo build = build_info();
    return {{"refcount", build.refcount},
            {"header_bytes", std::to_string(build.header_bytes)}};
  }
  static void poll() { safepoint(); }

  static Ref number(std::int64_t value) { return must(make<Int>(value)); }
  static std::int64_t value(const Ref& ref) { return as<Int>(ref).value(); }
  static Ref text(std::string_view bytes) { return must(make<Str>(bytes)); }
  static std::string_view view(const Ref& ref) { return as<Str>(ref).view(); }
  static Ref pair(const Ref& a, const Ref& b) { return must(Tuple::create({a, b})); }
  static Ref part(const Ref& ref, std::size_t place) {
    return as<Tuple>(ref).at(place);
  }

  static Ref node(std::int64_t stamp, portable::Tally* tally) {
    return must(make<Node>(stamp, tally));
  }
  static std::int64_t stamp(const Ref& ref) { return as<Node>(ref).stamp; }
  static Ref linked(const Ref& ref, std::size_t place) {
    return as<Node>(ref).links[place].load();
  }
  static void link(const Ref& ref, std::size_t place, Ref target) {
    as<Node>(ref).links[place].store(std::move(target));
  }

  static Ref list() { return must(make<List>()); }
  static Ref shared_list() { return list(); }
  static std::size_t size(const Ref& ref) { return as<List>(ref).size(); }
  static Ref item(const Ref& ref, std::size_t place) {
    return as<List>(ref).get(place);
  }
  static void append(const Ref& ref, Ref item) {
    must(as<List>(ref).append(std::move(item)));
  }
  static void clear(const Ref& ref) { as<List>(ref).clear(); }
  static Ref take_first(const Ref& ref) { return as<List>(ref).pop(0); }

  static Ref dict() { return must(make<Dict>()); }
  static Ref shared_dict() { return dict(); }
  static std::size_t entries(const Ref& ref) { return as<Dict>(ref).size(); }
  static Ref get(const Ref& ref, const Ref& key) { return as<Dict>(ref).get(key); }
  static void set(const Ref& ref, const Ref& key, Ref value) {
    must(as<Dict>(ref).set(key, std::move(value)));
  }
  static Ref set_default(const Ref& ref, const Ref& key, Ref value) {
    return must(as<Dict>(ref).set_default(key, std::move(value)));
  }

  using Owner = SlotId;
  static Owner here() { return current()->id; }
  static void give(const Ref& ref, Owner owner) { (void)hand_off(*ref, owner); }

  static void make_hot(const Ref& ref) { (void)distribute(*ref); }
  static void make_immortal(const Ref& ref) { threadmill::make_immortal(*ref); }

  using Weak = threadmill::Weak<Object>;
  static Weak weak(const Ref& ref) {
    Weak made(ref);
    must(made.reference() != nullptr);
    return made;
  }
  static Ref lock(const Weak& weak) { return weak.lock(); }

 private:
  struct Node : Object {
    static constexpr const char* kTypeName = "portable node";
    static void traverse(Node& self, const FieldVisitor& visit) {
      for (Field<Object>& link : self.links) visit(link);
    }

    Node(std::int64_t its_stamp, portable::Tally* its_tally)
        : stamp(its_stamp), tally(its_tally) {}
    ~Node() {
      if (tally != nullptr) tally->add();
    }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    std::array<Field<Object>, 2> links;
    const std::int64_t stamp;
    portable::Tally* const tally;
  };

  template <class T>
  [[nodiscard]] static T& as(const Ref& ref) {
    return static_cast<T&>(*ref);
  }
};

static_assert(portable::HasWeak<ThreadmillModel> &&
              portable::HasPauses<ThreadmillModel>);

}  // namespace threadmill::bench
