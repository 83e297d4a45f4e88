// SPDX-License-Identifier: Apache-2.0
//
// linked-lists: threads share doubly linked lists, which nothing but the collector ends.
//
// Imitates   queues, caches and intrusive lists whose nodes know both neighbours: each pair
//            of neighbours is a cycle, and so a whole list is a web of cycles.
// Draws      8 sorted lists of up to 128 nodes stand on a shelf that all threads read. An
//            operation inserts a node (half of them; into a full list: cuts off its upper
//            half and drops that), removes one (1 in 4), splices the upper end of one list
//            into another, or walks one, each under a critical section on the list. 1 in
//            64 drops a list whole, with whoever is at work on it, and puts an empty one in
//            its place. Nothing is dropped while a collection is overdue; 1 in 512 collects,
//            unless a worker is collecting already.
// Checks     on every walk each node is sound, its neighbours know it, keys are in order,
//            and the nodes are those that were put in and not taken out; after a last
//            collection exactly the nodes on the shelf are alive, and all others have died
//            exactly once.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/collections.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kLists = 8;
constexpr std::uint64_t kLongest = 128;
constexpr std::uint64_t kKeys = 1 << 20;  // few enough for some to be equal
constexpr std::uint64_t kOperationsPerDrop = 64;
constexpr std::uint64_t kOperationsPerCollection = 512;

struct Node : Token {
  static constexpr const char* kTypeName = "list node";
  static void traverse(Node& node, const FieldVisitor& visitor) {
    visitor(node.next);
    visitor(node.previous);
  }

  using Token::Token;

  Field<Node> next;
  Field<Node> previous;
};

// A list is the node before its first and after its last one; empty, its own neighbour.
// It is read and changed in a critical section on it. No safepoint may come in that, so
// what is dropped there either is known not to die or is kept until afterwards.
struct LinkedList : Node {
  static constexpr const char* kTypeName = "linked list";

  using Node::Node;

  // What a walk has to find.
  std::uint64_t size = 0;
  std::uint64_t sum = 0;  // of the identities of the nodes
};

struct Shelf : Object {
  static constexpr const char* kTypeName = "shelf";
  static void traverse(Shelf& shelf, const FieldVisitor& visitor) {
    for (Field<LinkedList>& list : shelf.lists) visitor(list);
  }

  std::array<Field<LinkedList>, kLists> lists;
};

struct Share {
  std::uint64_t made = 0;
  std::uint64_t walked = 0;
};

void join(const Ref<Node>& left, const Ref<Node>& right) {
  left->next.store(right);
  right->previous.store(left);
}

// The first node of a key that is not below `key`, from `start` on; else the list.
[[nodiscard]] Ref<Node> find_from(Ref<Node> start,
                                  const LinkedList& list,
                                  std::uint64_t key) {
  while (start.get() != &list && start->key() < key) start = start->next.load();
  return start;
}

void insert_before(LinkedList& list, const Ref<Node>& next, const Ref<Node>& node) {
  join(next->previous.load(), node);
  join(node, next);
  ++list.size;
  list.sum += node->id();
}

void take_out(LinkedList& list, const Ref<Node>& node) {
  join(node->previous.load(), node->next.load());
  node->previous.store(nullptr);
  node->next.store(nullptr);
  --list.size;
  list.sum -= node->id();
}

// Takes out the nodes from `first` on, which stay linked to each other.
void cut_from(const Ref<LinkedList>& list, const Ref<Node>& first) {
  for (Ref<Node> node = first; node != list; node = node->next.load()) {
    --list->size;
    list->sum -= node->id();
  }
  const Ref<Node> last = list->previous.load();
  join(first->previous.load(), list);
  first->previous.store(nullptr);
  last->next.store(nullptr);
}

class LinkedLists final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    collections_.prepare(runtime);
    shares_.resize(settings.threads);
    shelf_ = must(make<Shelf>());
    for (Field<LinkedList>& place : shelf_->lists) {
      place.store(new_list(shares_[0], 0));
    }
  }

  void run(Worker& worker) override {
    Random& random = worker.random();
    Share& share = shares_[worker.index()];
    while (worker.keep_going()) {
      switch (random.below(8)) {
        case 0:
          walk(share, *draw_list(random));
          break;
        case 1:
          splice(draw_list(random), draw_list(random), random.below(kKeys));
          break;
        case 2:
        case 3:
          remove(*draw_list(random), random.below(kKeys));
          break;
        default:
          insert(share, worker.index(), draw_list(random), random.below(kKeys));
      }
      if (random.below(kOperationsPerDrop) == 0 && !collections_.is_overdue()) {
        collections_.made_garbage(kLongest);
        draw_place(random).store(new_list(share, worker.index()));
      }
      if (random.below(kOperationsPerCollection) == 0)
        collections_.collect_unless_busy();
      worker.did();
    }
  }

  void check(CheckList& checks) override {
    collections_.collect();
    Census::Living living;
    std::uint64_t walked = 0;
    for (const Field<LinkedList>& place : shelf_->lists) {
      const Ref<LinkedList> list = place.load();
      if (walk(shares_[0], *list)) add_list(*list, living);
    }
    shares_.for_each([&](const Share& share) { walked += share.walked; });
    violations_.report(checks, "lists stay whole and sorted", walked);
    census_.check(checks, living);
  }

  void roots(std::vector<Object*>& handles) const override {
    if (shelf_) handles.push_back(shelf_.get());
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    shelf_.reset();
    spoiler_.reset();
    // the lists are garbage now, and nothing of a workload may be left alive
    collections_.collect();
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    return collections_.facts();
  }

  void spoil_for_test() override { spoiler_ = new_list(shares_[0], 0); }

 private:
  [[nodiscard]] Field<LinkedList>& draw_place(Random& random) const {
    return shelf_->lists[random.below(kLists)];
  }
  [[nodiscard]] Ref<LinkedList> draw_list(Random& random) const {
    return draw_place(random).load();
  }

  template <class T>
  [[nodiscard]] Ref<T> make_token(Share& share, unsigned worker, std::uint64_t key) {
    const std::uint64_t id = identity(worker, share.made++);
    return must(make<T>(census_, id, key, id));
  }

  [[nodiscard]] Ref<LinkedList> new_list(Share& share, unsigned worker) {
    Ref<LinkedList> list = make_token<LinkedList>(share, worker, kKeys);
    join(list, list);
    return list;
  }

  void insert(Share& share,
              unsigned worker,
              const Ref<LinkedList>& list,
              std::uint64_t key) {
    const Ref<Node> node = make_token<Node>(share, worker, key);
    Ref<Node> cut;  // dropped after the section
    const CriticalSection section(*list);
    if (list->size == kLongest) {
      if (collections_.is_overdue()) return;
      collections_.made_garbage(kLongest / 2);
      cut = find_from(list->next.load(), *list, kKeys / 2);
      if (cut == list) cut = list->next.load();
      cut_from(list, cut);
    }
    insert_before(*list, find_from(list->next.load(), *list, key), node);
  }

  void remove(LinkedList& list, std::uint64_t key) {
    Ref<Node> node;  // dropped after the section
    const CriticalSection section(list);
    node = find_from(list.next.load(), list, key);
    if (node.get() == &list) return;
    take_out(list, node);
  }

  // Moves the nodes from `key` on; those that find no place are dropped together.
  void splice(const Ref<LinkedList>& from,
              const Ref<LinkedList>& to,
              std::uint64_t key) {
    if (collections_.is_overdue()) return;
    Ref<Node> run;
    {
      const CriticalSection section(*from);
      run = find_from(from->next.load(), *from, key);
      if (run == from) return;
      cut_from(from, run);
    }
    const CriticalSection section(*to);
    Ref<Node> place = to->next.load();
    while (run && to->size < kLongest) {
      Ref<Node> rest = run->next.load();
      if (rest) rest->previous.store(nullptr);
      place = find_from(std::move(place), *to, run->key());
      insert_before(*to, place, run);
      run = std::move(rest);
    }
    if (run) collections_.made_garbage(kLongest / 4);
  }

  // False: it is not what it should be.
  bool walk(Share& share, const LinkedList& list) {
    const CriticalSection section(list);
    std::uint64_t key = 0;
    std::uint64_t sum = 0;
    Ref<Node> node = list.next.load();
    for (std::uint64_t i = 0; i < list.size; ++i) {
      ++share.walked;
      if (!node || node.get() == &list || !node->sound() || node->key() < key) {
        return complain(list, i, node);
      }
      Ref<Node> next = node->next.load();
      if (!next || next->previous.load() != node) return complain(list, i, node);
      key = node->key();
      sum += node->id();
      node = std::move(next);
    }
    if (node.get() != &list || sum != list.sum) return complain(list, list.size, node);
    return true;
  }

  bool complain(const LinkedList& list, std::uint64_t place, const Ref<Node>& node) {
    violations_.add(fmt::format("place {} of a list of {} held {}", place, list.size,
                                node ? node->describe() : "nothing"));
    return false;
  }

  static void add_list(const LinkedList& list, Census::Living& living) {
    living.add(list);
    for (Ref<Node> node = list.next.load(); node.get() != &list;
         node = node->next.load()) {
      living.add(*node);
    }
  }

  Census census_;
  PerWorker<Share> shares_;
  Collections collections_;
  Ref<Shelf> shelf_;
  Violations violations_;
  Ref<LinkedList> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_linked_lists() {
  return std::make_unique<LinkedLists>();
}

}  // namespace threadmill
