// SPDX-License-Identifier: Apache-2.0
//
// The reader of heap dumps: right dumps are read right; wrong ones, whatever is wrong with
// them, give one line and take no more memory than their bytes justify.
#include "workloads/heap_dump.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/base/random.hpp"
#include "tests/workloads/dump_bytes.hpp"
#include "tests/workloads/scratch_folder.hpp"
#include "workloads/corpus.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

using Numbers = std::vector<HeapGraph::Number>;

// Remembers the most that was allocated at a time.
class CountingMemory final : public std::pmr::memory_resource {
 public:
  [[nodiscard]] std::size_t peak() const { return peak_; }
  [[nodiscard]] std::size_t now() const { return now_; }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    now_ += bytes;
    peak_ = std::max(peak_, now_);
    return std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
    now_ -= bytes;
    std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::size_t now_ = 0;
  std::size_t peak_ = 0;
};

// A name of one byte more than a string holds without memory, an offset, rounding.
constexpr std::size_t kBesides = 64;

Numbers copied(std::span<const HeapGraph::Number> numbers) {
  return {numbers.begin(), numbers.end()};
}

// What InputError says; empty if there was none.
std::string refusal(const std::string& content) {
  CountingMemory memory;
  std::string message;
  try {
    const HeapGraph graph = parse_heap_dump(content, "the dump", memory);
  } catch (const InputError& error) {
    message = error.what();
  }
  EXPECT_LE(memory.peak(), HeapGraph::kBytesPerByte * content.size() + kBesides);
  EXPECT_EQ(memory.now(), 0U);
  return message;
}

void expect_refusal(const std::string& content, std::string_view why) {
  const std::string message = refusal(content);
  EXPECT_NE(message.find(why), std::string::npos)
      << "'" << message << "' does not say: " << why;
  EXPECT_NE(message.find("the dump"), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

// A head with these counts, and then `filler` bytes.
std::string head(std::uint64_t types,
                 std::uint64_t objects,
                 std::uint64_t edges,
                 std::uint64_t roots,
                 int filler) {
  DumpBytes dump;
  dump.numbers(1, types, objects, edges, roots);
  for (int i = 0; i < filler; ++i) dump.raw('\1');
  return dump.sealed();
}

TEST(HeapDump, a_dump_is_read_as_it_was_written) {
  const HeapGraph graph = parse_heap_dump(DumpBytes::small().sealed(), "small");
  ASSERT_EQ(graph.objects(), 4U);
  EXPECT_EQ(graph.edges(), 6U);
  ASSERT_EQ(graph.types(), 2U);
  EXPECT_EQ(graph.type_name(0), "list");
  EXPECT_EQ(graph.type_name(1), "caf\xc3\xa9.Thing");
  EXPECT_EQ(graph.type_of(1), 1U);
  EXPECT_EQ(graph.size_of(1), 1000U);
  EXPECT_EQ(copied(graph.roots()), Numbers{0});
  EXPECT_EQ(copied(graph.targets(0)), Numbers{1});
  EXPECT_EQ(copied(graph.targets(1)), (Numbers{0, 1, 2, 2}));
  EXPECT_EQ(copied(graph.targets(2)), Numbers{});
  EXPECT_EQ(copied(graph.targets(3)), Numbers{3});
}

TEST(HeapDump, a_larger_dump_takes_no_more_memory_than_said) {
  for (const std::uint64_t count : {1U, 2U, 7U, 1000U}) {
    EXPECT_EQ(refusal(DumpBytes::tree(count).sealed()), "") << count;
  }
}

TEST(HeapDump, an_empty_heap_is_a_heap) {
  const HeapGraph graph = parse_heap_dump(head(0, 0, 0, 0, 0), "empty");
  EXPECT_EQ(graph.objects(), 0U);
  EXPECT_TRUE(graph.roots().empty());
}

TEST(HeapDump, what_is_no_dump_is_refused) {
  expect_refusal("", "does not begin as a heap dump does");
  expect_refusal("some words", "does not begin as a heap dump does");
  expect_refusal(std::string(DumpBytes::kMagic), "the version is cut off");
}

TEST(HeapDump, another_version_is_refused) {
  expect_refusal(DumpBytes().number(2).sealed(), "version 2");
  expect_refusal(DumpBytes().number(0).sealed(), "version 0");
}

TEST(HeapDump, a_dump_cut_off_anywhere_is_refused) {
  const std::string whole = DumpBytes::small().sealed();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
    if (size > DumpBytes::kMagic.size() && size < whole.size() - 4) {
      EXPECT_NE(refusal(DumpBytes::sealed(whole.substr(0, size))), "") << size;
    }
  }
  expect_refusal(whole.substr(0, whole.size() - 1), "checksum");
}

TEST(HeapDump, any_changed_bit_is_noticed) {
  const std::string whole = DumpBytes::small().sealed();
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_NE(refusal(changed), "") << bit;
  }
}

TEST(HeapDump, counts_beyond_the_bytes_of_the_file_are_refused) {
  const std::uint64_t most = ~std::uint64_t{0};
  for (const std::uint64_t absurd : {std::uint64_t{1} << 20, std::uint64_t{1} << 32,
                                     std::uint64_t{1} << 62, most / 3 + 1, most}) {
    expect_refusal(head(absurd, 1, 1, 1, 50), "do not fit");
    expect_refusal(head(1, absurd, 1, 1, 50), "do not fit");
    expect_refusal(head(1, 1, absurd, 1, 50), "do not fit");
    expect_refusal(head(1, 1, 1, absurd, 50), "do not fit");
  }
  expect_refusal(head(10, 10, 10, 10, 69), "do not fit");
}

TEST(HeapDump, numbers_out_of_range_are_refused) {
  const auto begin = [](std::uint64_t edges) {
    return DumpBytes().numbers(1, 1, 2, edges, 2).name("x");
  };
  const auto rest = [](DumpBytes dump) {  // so that the counts fit
    return dump.numbers(0, 0, 0, 0, 0, 0, 0, 0, 0).sealed();
  };
  expect_refusal(rest(begin(1).numbers(1, 8, 0)), "the type of an object: 1");
  expect_refusal(rest(begin(1).numbers(0, std::uint64_t{1} << 32, 0)), "the size");
  expect_refusal(rest(begin(1).numbers(0, 8, 2)), "the number of an object's edges: 2");
  expect_refusal(rest(begin(1).numbers(0, 8, 1, 4)), "leads to no object");
  expect_refusal(rest(begin(1).numbers(0, 8, 1, 1)), "leads to no object");
  expect_refusal(rest(begin(1).numbers(0, 8, 1, ~std::uint64_t{0})), "no object");
  expect_refusal(rest(begin(2).numbers(0, 8, 2, 2, 1)), "an edge: 1");
  expect_refusal(rest(begin(3).numbers(0, 8, 0, 0, 8, 0)), "announces 3 edges");
  const DumpBytes roots = begin(0).numbers(0, 8, 0, 0, 8, 0);
  expect_refusal(DumpBytes(roots).numbers(2, 0).sealed(), "a root: 2");
  expect_refusal(DumpBytes(roots).numbers(1, 1).sealed(), "a root: 1");
  expect_refusal(DumpBytes(roots).numbers(1, 0).sealed(), "there twice");
  EXPECT_EQ(refusal(DumpBytes(roots).numbers(0, 1).sealed()), "");
  expect_refusal(DumpBytes(roots).numbers(0, 1, 1).sealed(), "1 bytes follow");
}

TEST(HeapDump, objects_without_types_and_roots_without_objects_are_refused) {
  expect_refusal(head(0, 1, 0, 0, 3), "no types");
  expect_refusal(head(0, 0, 0, 1, 1), "no objects");
}

TEST(HeapDump, numbers_that_are_not_in_their_shortest_form_are_refused) {
  for (const std::string_view form :
       {std::string_view("\x81\x00", 2), std::string_view("\x80\x80\x00", 3),
        std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10),
        std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11)}) {
    DumpBytes dump;
    dump.number(1);
    for (const char byte : form) dump.raw(byte);
    expect_refusal(dump.sealed(), "shortest form");
  }
}

TEST(HeapDump, names_that_are_no_text_are_refused) {
  const auto named = [](std::string_view name) {
    return DumpBytes().numbers(1, 1, 0, 0, 0).name(name).sealed();
  };
  EXPECT_EQ(refusal(named("x")), "");
  EXPECT_EQ(refusal(named("\xf0\x9f\x90\x8d\n")), "");
  EXPECT_EQ(refusal(named(std::string(1024, 'x'))), "");
  expect_refusal(named(std::string(1025, 'x')), "the length of a name: 1025");
  expect_refusal(DumpBytes().numbers(1, 1, 0, 0, 0, 0, 0).sealed(), "0 bytes");
  expect_refusal(DumpBytes().numbers(1, 1, 0, 0, 0, 2).raw('x').sealed(), "2 bytes");
  for (const char* bad :
       {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf5\x80\x80\x80"}) {
    expect_refusal(named(bad), "no UTF-8");
  }
}

// One to eight changes: bytes changed, taken out, put in, copied; half of the dumps get a
// checksum that is right again, or nothing behind it would ever be tried.
std::string mutated(std::string bytes, Random& random) {
  const bool seal = random.below(2) == 0;
  if (seal) bytes.resize(bytes.size() - 4);
  for (std::uint64_t changes = 1 + random.below(8); changes != 0; --changes) {
    const auto size = bytes.size();
    const auto at = static_cast<std::size_t>(random.below(size + 1));
    const auto length = static_cast<std::size_t>(1 + random.below(9));
    switch (random.below(5)) {
      case 0:
        if (at < size) bytes[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        if (at < size) {
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
        }
        break;
      case 2:
        bytes.erase(at, length);
        break;
      case 3:
        bytes.insert(at, length, static_cast<char>(0x7f + random.below(0x82)));
        break;
      default:
        bytes.insert(
            at, bytes.substr(static_cast<std::size_t>(random.below(size + 1)), length));
    }
  }
  return seal ? DumpBytes::sealed(std::move(bytes)) : bytes;
}

void expect_valid(const HeapGraph& graph) {
  std::size_t edges = 0;
  for (HeapGraph::Number i = 0; i < graph.objects(); ++i) {
    ASSERT_LT(graph.type_of(i), graph.types());
    ASSERT_FALSE(graph.type_name(graph.type_of(i)).empty());
    const std::span<const HeapGraph::Number> targets = graph.targets(i);
    ASSERT_TRUE(std::is_sorted(targets.begin(), targets.end()));
    ASSERT_TRUE(targets.empty() || targets.back() < graph.objects());
    edges += targets.size();
  }
  ASSERT_EQ(edges, graph.edges());
  ASSERT_TRUE(graph.roots().empty() || graph.roots().back() < graph.objects());
}

TEST(HeapDump, a_thousand_mutations_give_a_valid_graph_or_one_line) {
  constexpr std::uint64_t kSeed = 0x4ea9;
  Random random(kSeed);
  const std::string sources[] = {DumpBytes::small().sealed(),
                                 DumpBytes::tree(40).sealed()};
  int valid = 0;
  for (int i = 0; i < 1000; ++i) {
    SCOPED_TRACE("mutation " + std::to_string(i) + " of seed " + std::to_string(kSeed));
    const std::string content = mutated(sources[i % 2], random);
    const std::string message = refusal(content);
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    if (!message.empty()) continue;
    ++valid;
    ASSERT_NO_FATAL_FAILURE(expect_valid(parse_heap_dump(content, "mutated")));
  }
  EXPECT_GT(valid, 10);
  EXPECT_LT(valid, 500);
}

std::string file_refusal(const std::string& path) {
  try {
    static_cast<void>(read_heap_dump(path));
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(HeapDump, files_are_read_whole_and_odd_ones_refused) {
  const ScratchFolder scratch;
  scratch.file("good", DumpBytes::tree(100'000).sealed());
  EXPECT_EQ(read_heap_dump(scratch.path("good")).objects(), 100'000U);
  EXPECT_TRUE(is_heap_dump(scratch.path("good")));
  scratch.file("text", "words");
  scratch.file("new\nline", "words");
  scratch.fifo("fifo");
  scratch.folder("folder");
  for (const char* name : {"text", "new\nline", "fifo", "folder", "nowhere"}) {
    const std::string message = file_refusal(scratch.path(name));
    EXPECT_NE(message.find(escaped(scratch.path(name))), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_FALSE(is_heap_dump(scratch.path(name))) << name;
  }
}

TEST(HeapDump, the_shipped_dump_is_a_real_heap) {
  const std::string path = find_own_file("workloads/data/standard_library.heap");
  const HeapGraph graph = read_heap_dump(path);
  ASSERT_NO_FATAL_FAILURE(expect_valid(graph));
  EXPECT_GE(graph.objects(), 100'000U);
  EXPECT_GE(graph.edges(), 2 * graph.objects());
  EXPECT_FALSE(graph.roots().empty());
  std::size_t records = 0;
  for (HeapGraph::Number i = 0; i < graph.objects(); ++i) {
    if (graph.type_name(graph.type_of(i)) == "__main__.SlottedRecord") ++records;
  }
  EXPECT_EQ(records, 2000U);
}

}  // namespace
}  // namespace threadmill
