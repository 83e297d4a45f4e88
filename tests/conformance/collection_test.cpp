// SPDX-License-Identifier: Apache-2.0
//
// Section 3.1: which cycles are found, and what is done with them.
#include <string>

#include "runtime/object/allocate.hpp"
#include "tests/conformance/support.hpp"

namespace threadmill {
namespace {

const Class kPerson({.name = "person", .has_dict = true});
const Class kPair({.name = "pair", .slots = {"partner", "value"}});

void set(const Ref<Instance>& instance, const char* name, Ref<Object> value) {
  ASSERT_EQ(instance->set(name, std::move(value)), Instance::SetResult::done);
}

TEST_F(Conformance, G01_a_list_that_contains_itself_is_collected_as_1) {
  auto list = create<List>();
  ASSERT_TRUE(list->append(list));
  EXPECT_EQ(collect(), 0u);
  const Weak<List> weak(list);
  list.reset();
  EXPECT_FALSE(weak.expired());
  EXPECT_EQ(collect(), 1u);
  EXPECT_TRUE(weak.expired());
}

TEST_F(Conformance, G02_a_dict_that_contains_itself_as_a_value_is_collected_as_1) {
  auto dict = create<Dict>();
  ASSERT_TRUE(dict->set(create<Int>(1), dict));
  EXPECT_EQ(collect(), 0u);
  dict.reset();
  EXPECT_EQ(collect(), 1u);
}

TEST_F(Conformance, G03_a_cycle_of_a_list_and_a_tuple_is_collected_as_2) {
  auto list = create<List>();
  auto tuple = Tuple::create({list});
  ASSERT_TRUE(list->append(tuple));
  list.reset();
  EXPECT_EQ(collect(), 0u);
  tuple.reset();
  EXPECT_EQ(collect(), 2u);
}

// Classes of the runtime are no objects; this type stands for those that are.
struct ClassObject : Object {
  static constexpr const char* kTypeName = "class-object";
  static void traverse(ClassObject& self, const FieldVisitor& visit) {
    visit(self.resolution_order);
    visit(self.members);
  }
  Field<Tuple> resolution_order;
  Field<Dict> members;
};

TEST_F(Conformance, G04_a_class_object_is_a_cycle_and_ends_by_a_collection_only) {
  auto made = create<ClassObject>();
  made->resolution_order.store(Tuple::create({made}));
  auto members = create<Dict>();
  auto descriptor = create<Node>();
  descriptor->first.store(made);
  ASSERT_TRUE(members->set(create<Str>("__dict__"), std::move(descriptor)));
  made->members.store(std::move(members));
  EXPECT_EQ(collect(), 0u);
  const Weak<ClassObject> weak(made);
  made.reset();
  EXPECT_FALSE(weak.expired());
  EXPECT_NE(collect(), 0u);
  EXPECT_TRUE(weak.expired());
}

TEST_F(Conformance, G05_an_instance_with_itself_as_attribute_is_collected) {
  auto instance = create<Instance>(kPerson);
  set(instance, "itself", instance);
  EXPECT_EQ(collect(), 0u);
  const Weak<Instance> weak(instance);
  instance.reset();
  EXPECT_FALSE(weak.expired());
  EXPECT_NE(collect(), 0u);
  EXPECT_TRUE(weak.expired());
}

// A function that captures its instance stands for a bound method.
TEST_F(Conformance, G06_an_instance_with_its_own_bound_method_is_collected) {
  auto instance = create<Instance>(kPerson);
  set(instance, "method",
      create<Function>([](Function&, Object&) noexcept {}, Tuple::create({instance})));
  const Weak<Instance> weak(instance);
  instance.reset();
  EXPECT_FALSE(weak.expired());
  EXPECT_NE(collect(), 0u);
  EXPECT_TRUE(weak.expired());
}

// 3 with the tuple of what it captures, where CPython may count a code object.
TEST_F(Conformance, G07_a_function_in_the_globals_that_it_uses_is_collected_as_3) {
  auto globals = create<Dict>();
  auto function =
      create<Function>([](Function&, Object&) noexcept {}, Tuple::create({globals}));
  ASSERT_TRUE(globals->set(create<Str>("f"), function));
  function.reset();
  EXPECT_EQ(collect(), 0u);
  globals.reset();
  EXPECT_EQ(collect(), 3u);
}

// The runtime runs no frames; this type stands for one.
struct Frame : Object {
  static constexpr const char* kTypeName = "frame";
  static void traverse(Frame& self, const FieldVisitor& visit) {
    for (Field<Object>& local : self.locals) visit(local);
  }
  Field<Object> locals[4];
};

TEST_F(Conformance, G08_a_frame_with_itself_in_a_local_is_collected_as_1) {
  auto frame = create<Frame>();
  frame->locals[2].store(frame);
  frame->locals[3].store(create<Int>(7));
  EXPECT_EQ(collect(), 0u);
  frame.reset();
  EXPECT_EQ(collect(), 1u);
}

TEST_F(Conformance, G09_a_second_collection_finds_nothing) {
  make_cyclic_list().reset();
  make_cyclic_node().reset();
  auto instance = create<Instance>(kPerson);
  set(instance, "itself", instance);
  instance.reset();
  EXPECT_NE(collect(), 0u);
  EXPECT_EQ(collect(), 0u);
}

// User code of a type beside that which serves the collector. It has no attribute hooks,
// so all that it has is counted.
int user_calls = 0;

struct Boom : Object {
  static constexpr const char* kTypeName = "boom";
  Field<Object> partner;
};

constexpr Type kBoom{
    .name = "boom",
    .traverse =
        [](Object& self, Visitor& visit) noexcept {
          visit(static_cast<Boom&>(self).partner.peek());
        },
    .clear =
        [](Object& self) noexcept { static_cast<Boom&>(self).partner.store(nullptr); },
    .release = nullptr,
    .hash = [](const Object&) noexcept -> std::uint64_t {
      ++user_calls;
      return 0;
    },
    .equal =
        [](const Object&, const Object&) noexcept {
          ++user_calls;
          return false;
        },
    .finalize = nullptr,
    .call = [](Object&, Object&) noexcept { ++user_calls; }};
const TypeId kBoomType = register_type(kBoom);

TEST_F(Conformance, G10_collecting_a_pair_calls_no_user_code_and_leaves_no_garbage) {
  user_calls = 0;
  auto a = Ref<Boom>::adopt(allocate<Boom>(sizeof(Boom), kBoomType));
  auto b = Ref<Boom>::adopt(allocate<Boom>(sizeof(Boom), kBoomType));
  ASSERT_TRUE(a && b);
  a->partner.store(b);
  b->partner.store(a);
  const std::size_t before = garbage()->size();
  a.reset();
  b.reset();
  EXPECT_EQ(collect(), 2u);
  EXPECT_EQ(garbage()->size(), before);
  EXPECT_EQ(user_calls, 0);
}

int calls_of_function = 0;
void count_call(Function& self, Object&) noexcept {
  EXPECT_NE(self.captured(0), nullptr);
  ++calls_of_function;
}

// Cell, function, its tuple and an object with a finalizer, in a cycle.
Ref<Function> make_function_with(const Ref<Finalized>& captured) {
  auto cell = create<Cell>();
  auto function = create<Function>(count_call, Tuple::create({captured, cell}));
  cell->set(function);
  captured->first.store(function);
  return function;
}

// What is cleared can be reached by nobody: the weak reference that a finalizer made is
// dead by then. What a finalizer reaches in another way is not cleared.
TEST_F(Conformance, G11_a_function_that_is_resurrected_by_a_late_finalizer_is_whole) {
  calls_of_function = 0;
  // A finalizer that runs while the trash is cleared.
  int late = 0;
  Ref<WeakReference> weak;
  auto last = create<Opaque>([&](Opaque& self) {
    ++late;
    if (const auto function = cast<Function>(weak->get())) (*function)(self);
    EXPECT_TRUE(weak->is_dead());
  });
  auto object = create<Finalized>([&](Finalized& self) {
    weak = WeakReference::create(*self.first.load());
    last.reset();
    EXPECT_EQ(late, 0);
  });
  object->second.store(last);
  make_function_with(object).reset();
  object.reset();
  EXPECT_EQ(collect(), 4u);
  EXPECT_EQ(late, 1);
  // One that runs before.
  Ref<Function> saved;
  object = create<Finalized>(
      [&](Finalized& self) { saved = cast<Function>(self.first.load()); });
  make_function_with(object).reset();
  object.reset();
  EXPECT_EQ(collect(), 0u);
  ASSERT_TRUE(saved);
  (*saved)(*none());
  EXPECT_EQ(calls_of_function, 1);
  saved.reset();
  EXPECT_EQ(collect(), 4u);
}

TEST_F(Conformance, G12_a_finalizer_may_change_trash_while_other_trash_is_finalized) {
  constexpr int kMembers = 50;
  int finalized = 0;
  std::atomic<int> deaths{0};
  {
    std::vector<Ref<Finalized>> ring;
    for (int i = 0; i < kMembers; ++i) {
      ring.push_back(create<Finalized>(
          [&](Finalized& self) {
            ++finalized;
            auto list = cast<List>(self.second.load());
            // The neighbour's list was emptied by it, or will be.
            list->clear();
            EXPECT_TRUE(list->append(make_cyclic_list()));
            auto next = cast<Finalized>(self.first.load());
            next->second.store(create<List>());
            self.first.store(next);
          },
          &deaths));
    }
    for (int i = 0; i < kMembers; ++i) {
      auto list = create<List>();
      for (const Ref<Finalized>& member : ring) ASSERT_TRUE(list->append(member));
      ring[static_cast<std::size_t>(i)]->second.store(std::move(list));
      ring[static_cast<std::size_t>(i)]->first.store(
          ring[static_cast<std::size_t>(i + 1) % kMembers]);
    }
  }
  EXPECT_GE(collect(), static_cast<std::uint64_t>(kMembers));
  EXPECT_EQ(finalized, kMembers);
  EXPECT_EQ(deaths.load(), kMembers);
}

// A, that refers to itself, to a weak reference with a callback, and to an object that
// hides Z from the collector. Z is the target.
struct HiddenTarget {
  explicit HiddenTarget(std::atomic<int>& deaths, int& calls) {
    auto z = create<Node>(&deaths);
    auto hides = create<Opaque>();
    a = make_cyclic_node();
    a->third.store(WeakReference::create(
        *z, create<Callback>([&calls](WeakReference&) { ++calls; })));
    hides->hidden = std::move(z);
    a->second.store(std::move(hides));
  }
  Ref<Node> a;
};

TEST_F(Conformance, G13_a_weak_reference_in_trash_is_muted_before_anything_is_cleared) {
  std::atomic<int> deaths{0};
  int calls = 0;
  HiddenTarget(deaths, calls).a.reset();
  EXPECT_EQ(collect(), 3u);  // and its callback
  EXPECT_EQ(deaths.load(), 1);
  EXPECT_EQ(calls, 0);
  // With a weak reference that is still there as its target dies: a finalizer drops that.
  {
    const HiddenTarget hidden(deaths, calls);
    auto object = create<Finalized>([&](Finalized& self) {
      cast<Node>(self.second.load())->second.store(nullptr);
      EXPECT_EQ(deaths.load(), 2);
    });
    object->first.store(object);
    object->second.store(hidden.a);
  }
  EXPECT_EQ(collect(), 4u);
  EXPECT_EQ(calls, 0);
  // It is the collector that mutes it.
  {
    const HiddenTarget hidden(deaths, calls);
    hidden.a->second.store(nullptr);
    EXPECT_EQ(calls, 1);
  }
  EXPECT_EQ(collect(), 2u);  // the callback is gone
}

TEST_F(Conformance, G14_what_only_an_opaque_container_reaches_dies_with_that) {
  std::atomic<int> deaths{0};
  auto hides = create<Opaque>();
  hides->hidden = create<Node>(&deaths);
  auto node = make_cyclic_node();
  node->second.store(hides);
  node.reset();
  EXPECT_EQ(collect(), 1u);  // the node alone
  EXPECT_EQ(deaths.load(), 0);
  hides.reset();
  EXPECT_EQ(deaths.load(), 1);
}

TEST_F(Conformance, G15_a_cycle_through_slots_is_collected_with_their_values) {
  std::atomic<int> deaths{0};
  auto a = create<Instance>(kPair);
  auto b = create<Instance>(kPair);
  set(a, "partner", b);
  set(b, "partner", a);
  set(a, "value", create<Node>(&deaths));
  a.reset();
  b.reset();
  EXPECT_EQ(deaths.load(), 0);
  EXPECT_EQ(collect(), 3u);
  EXPECT_EQ(deaths.load(), 1);
}

// In every build: collections check what they count, and the verifier says more.
TEST_F(Conformance, G16_a_count_that_is_too_low_is_found_and_its_object_named) {
  auto target = create<Node>();
  auto first = create<Node>();
  first->first.store(target);
  first->second.store(target);
  Object* const roots[] = {first.get()};
  decref(*target.release());
  EXPECT_EQ(runtime_->verify(roots).violations, 0u);
  Object* const broken = first->first.peek();
  decref(*broken);
  const HeapReport report = runtime_->verify(roots);
  EXPECT_EQ(report.violations, 1u);
  const std::string message = report.message;
  EXPECT_NE(message.find("count is 1, references found: 2"), std::string::npos)
      << message;
  EXPECT_NE(message.find("type node"), std::string::npos) << message;
  EXPECT_DEATH((void)gc().collect(),
               "count-covers-edges: .* object 0x[0-9a-f]+ .*(local 1|shared 1 merged), "
               ".*type node");
  incref(*broken);
}

TEST_F(Conformance, G17_cycles_made_fast_around_something_old_do_not_pile_up) {
  const auto old = create<List>();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(old->append(create<Int>(i)));
  EXPECT_EQ(collect(), 0u);
  gc().set_threshold({200, 10, 10});
  gc().enable();
  const std::size_t before = gc().objects()->size();
  std::size_t most = 0;
  const int rounds = scaled(20'000);
  for (int i = 0; i < rounds; ++i) {
    Ref<Node> first = create<Node>();
    Ref<Node> last = first;
    for (int n = 1; n < 20; ++n) {
      auto next = create<Node>();
      next->second.store(old);
      last->first.store(next);
      last = std::move(next);
    }
    last->first.store(first);
    if (i % 500 == 499) most = std::max(most, gc().objects()->size());
  }
  EXPECT_LT(most, before + 27'000);
  EXPECT_GT(gc().collections(), 1u);
}

}  // namespace
}  // namespace threadmill
