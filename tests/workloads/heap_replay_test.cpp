// SPDX-License-Identifier: Apache-2.0
//
// The replay of heaps made by hand, its model, and its nodes.
#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/build_info.hpp"
#include "tests/workloads/drive.hpp"
#include "tests/workloads/dump_bytes.hpp"
#include "tests/workloads/scratch_folder.hpp"
#include "workloads/heap_model.hpp"
#include "workloads/replay_node.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

using Numbers = std::vector<HeapGraph::Number>;

Outcome replay(const std::vector<std::string>& inputs,
               unsigned threads,
               std::uint64_t operations) {
  Drive how;
  how.threads = threads;
  how.operations_each = operations;
  how.inputs = inputs;
  return drive(workload_named("heap-replay"), how);
}

std::string input_error(const std::vector<std::string>& inputs) {
  try {
    static_cast<void>(replay(inputs, 1, 1));
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

// A star: object 0 of each form refers to all others, `rays` of them, which refer to it.
std::string star(std::uint64_t rays) {
  DumpBytes dump;
  dump.numbers(1, 3, rays + 3, 6 * rays, 1).name("tuple").name("dict").name("list");
  for (std::uint64_t hub = 0; hub < 3; ++hub) {
    dump.numbers(hub, 5000, rays, 2 * (3 - hub));
    for (std::uint64_t ray = 1; ray < rays; ++ray) dump.number(1);
  }
  for (std::uint64_t ray = 0; ray < rays; ++ray) {
    dump.numbers(ray % 3, 20, 3, 2 * (ray + 3) - 1, 1, 1);
  }
  return dump.number(0).sealed();
}

TEST(HeapReplay, many_rounds_of_small_and_odd_heaps_are_right) {
  const ScratchFolder scratch;
  scratch.file("small", DumpBytes::small().sealed());
  scratch.file("one",
               DumpBytes().numbers(1, 1, 1, 0, 0).name("x").numbers(0, 0, 0).sealed());
  scratch.file("tree", DumpBytes::tree(3000).sealed());
  scratch.file("star", star(2500));
  for (const char* name : {"small", "one", "tree", "star"}) {
    for (const unsigned threads : {1U, 3U}) {
      const Outcome outcome =
          replay({scratch.path(name)}, threads, is_sanitized() ? 20'000 : 80'000);
      EXPECT_EQ(outcome.complaints(), "") << name;
      EXPECT_GT(outcome.verified(), 1000U) << name;
    }
  }
}

TEST(HeapReplay, more_threads_than_objects_all_find_work) {
  const ScratchFolder scratch;
  scratch.file("small", DumpBytes::small().sealed());
  const Outcome outcome = replay({scratch.path("small")}, 17, 3000);
  EXPECT_EQ(outcome.complaints(), "");
  EXPECT_GE(outcome.operations, 17 * 3000U);
}

TEST(HeapReplay, the_shipped_heap_is_the_default_and_is_replayed_whole) {
  const Outcome outcome = replay({}, 2, is_sanitized() ? 20'000 : 500'000);
  EXPECT_EQ(outcome.complaints(), "");
  ASSERT_EQ(outcome.fact("dump").size(), 1U);
  EXPECT_NE(outcome.fact("dump").front().find("standard_library.heap"),
            std::string::npos);
  if (!is_sanitized()) {
    EXPECT_EQ(outcome.fact("objects of the largest round"),
              std::vector<std::string>{"182999"});
  }
}

TEST(HeapReplay, folders_are_searched_for_dumps_and_the_rest_is_listed) {
  const ScratchFolder scratch;
  scratch.folder("heaps");
  scratch.file("heaps/a", DumpBytes::small().sealed());
  scratch.file("heaps/b", DumpBytes::tree(50).sealed());
  scratch.file("heaps/c", "no heap");
  scratch.file("text", "no heap either");
  const Outcome outcome =
      replay({scratch.path("heaps"), scratch.path("text")}, 2, 5000);
  EXPECT_EQ(outcome.complaints(), "");
  EXPECT_EQ(outcome.fact("dump").size(), 2U);
  EXPECT_EQ(outcome.fact("no heap dump"), std::vector{scratch.path("text")});
}

TEST(HeapReplay, what_cannot_be_replayed_is_refused_in_one_line) {
  const ScratchFolder scratch;
  scratch.file("text", "no heap");
  scratch.file("damaged", DumpBytes::small().sealed() + "x");
  scratch.file("empty", DumpBytes().numbers(1, 0, 0, 0, 0).sealed());
  scratch.folder("folder");
  for (const char* name : {"text", "damaged", "empty", "folder", "nowhere"}) {
    const std::string error = input_error({scratch.path(name)});
    EXPECT_NE(error.find(scratch.path(name)), std::string::npos) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(HeapPart, a_part_holds_together_and_keeps_its_references) {
  const HeapGraph graph = parse_heap_dump(DumpBytes::tree(1000).sealed(), "tree");
  Random random(5);
  const HeapPart part(graph, 100, random);
  ASSERT_EQ(part.nodes(), 100U);
  std::set<HeapGraph::Number> objects;
  std::size_t reached = 1;
  for (std::size_t node = 0; node < part.nodes(); ++node) {
    objects.insert(part.object(node));
    Numbers targets;
    part.targets(node, targets);
    for (const HeapGraph::Number target : targets) {
      ASSERT_LT(target, part.nodes());
      const auto all = graph.targets(part.object(node));
      EXPECT_TRUE(std::binary_search(all.begin(), all.end(), part.object(target)));
      if (target == reached) ++reached;
    }
  }
  EXPECT_EQ(objects.size(), part.nodes());
  EXPECT_GE(reached, part.nodes() - 1);  // breadth first from one start
  EXPECT_TRUE(part.is_root(0));
}

TEST(HeapPart, copies_lie_side_by_side) {
  const HeapGraph graph = parse_heap_dump(DumpBytes::small().sealed(), "small");
  HeapPart part(graph);
  part.repeat(3);
  ASSERT_EQ(part.nodes(), 12U);
  Numbers targets;
  part.targets(5, targets);
  EXPECT_EQ(targets, (Numbers{4, 5, 6, 6}));
  EXPECT_TRUE(part.is_root(8));
  EXPECT_FALSE(part.is_root(9));
}

TEST(HeapModel, reachable_is_what_handles_lead_to) {
  HeapModel model;
  model.reset(5);
  model[0].edges = {1, 1};
  model[1].edges = {0, 2};
  model[3].edges = {4, 2};
  model[4].edges = {3};
  EXPECT_EQ(model.reachable(), (std::vector<unsigned char>{0, 0, 0, 0, 0}));
  model[1].held = true;
  EXPECT_EQ(model.reachable(), (std::vector<unsigned char>{1, 1, 1, 0, 0}));
  model[4].held = true;
  EXPECT_EQ(model.reachable(), (std::vector<unsigned char>{1, 1, 1, 1, 1}));
}

// Against a plain vector, in each form.
TEST(ReplayNode, edges_are_what_was_done_to_them) {
  const std::unique_ptr<Runtime> runtime = Runtime::create();
  ASSERT_NE(runtime, nullptr);
  const Attached attached(*runtime);
  Census census;
  Random random(11);
  for (const auto form :
       {ReplayNode::Form::kList, ReplayNode::Form::kDict, ReplayNode::Form::kTuple}) {
    std::uint64_t next = 0;
    const auto new_node = [&] {
      const std::uint64_t id = next++;
      return ReplayNode::make_of_size(16 * id, census, id, id, 1, form);
    };
    const Ref<ReplayNode> node = new_node();
    std::vector<std::uint64_t> model;
    for (int step = 0; step < 400; ++step) {
      Ref<ReplayNode> target = new_node();
      const std::uint64_t number = target->key();
      const std::size_t place = random.below(model.size());
      const std::uint64_t kind = random.below(step < 200 ? 3 : 4);
      if (step % 100 == 99) {
        const std::vector<Ref<Object>> targets(random.below(9), target);
        node->assign(targets);
        model.assign(targets.size(), number);
      } else if (model.empty() || kind == 0) {
        node->append(target);
        model.push_back(number);
      } else if (kind == 1) {
        node->replace(place, target);
        model[place] = number;
      } else {
        node->remove(place);
        model[place] = model.back();
        model.pop_back();
      }
      target.reset();
      ASSERT_EQ(node->degree(), model.size());
      for (std::size_t i = 0; i < model.size(); ++i) {
        ASSERT_EQ(node->edge(i)->key(), model[i]);
        ASSERT_TRUE(node->edge(i)->sound());
      }
      ASSERT_EQ(node->edge(model.size()), nullptr);
      ASSERT_EQ(census.births() - census.deaths(),
                std::set(model.begin(), model.end()).size() + 1);
    }
    node->assign({});
    EXPECT_EQ(census.births() - census.deaths(), 1U);
  }
}

}  // namespace
}  // namespace threadmill
