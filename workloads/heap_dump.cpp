// SPDX-License-Identifier: Apache-2.0
//
// Reading heap dumps; see heap_dump.hpp. A number that was read is compared with its
// bound before it is used, and nothing is reserved before the checksum and the counts
// have been compared with the bytes that are there.
#include "workloads/heap_dump.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <boost/crc.hpp>
#include <boost/locale/utf.hpp>
#include <fmt/format.h>

#include "workloads/corpus.hpp"
#include "workloads/workload.hpp"

namespace threadmill {
namespace {

constexpr std::string_view kMagic = "\x89TMHEAP\n";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::uint64_t kLongestName = 1024;
constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;
constexpr std::size_t kBlock = std::size_t{64} * 1024;

constexpr std::uint64_t kTypeBytes = 2;
constexpr std::uint64_t kObjectBytes = 3;

// What is reserved for them, for each byte that they take at least: a type's end and the
// name itself, an object's type, size and first edge, an edge, a root.
static_assert((4 + kTypeBytes - 1) <= HeapGraph::kBytesPerByte * kTypeBytes);
static_assert(3 * 4 <= HeapGraph::kBytesPerByte * kObjectBytes);
static_assert(sizeof(HeapGraph::Number) <= HeapGraph::kBytesPerByte);

[[noreturn]] void refuse(std::string_view name, std::string_view what) {
  throw InputError(
      fmt::format("heap dump '{}': {}; give one that workloads/data/dump_heap.py wrote",
                  escaped(name), what));
}

[[nodiscard]] std::uint32_t checksum_of(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

[[nodiscard]] bool is_utf8(std::string_view text) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  for (const char* at = text.data(); at != text.data() + text.size();) {
    if (!boost::locale::utf::is_valid_codepoint(
            Utf8::decode(at, text.data() + text.size()))) {
      return false;
    }
  }
  return true;
}

}  // namespace

class HeapDumpParser {
 public:
  HeapDumpParser(std::string_view content,
                 std::string_view name,
                 std::pmr::memory_resource& memory)
      : content_(content), name_(name), graph_(memory) {}

  [[nodiscard]] HeapGraph parse() {
    read_head();
    check_whole_file();
    read_counts();
    reserve();
    for (std::uint64_t i = 0; i < types_; ++i) read_type();
    graph_.first_target_.push_back(0);
    for (std::uint64_t i = 0; i < objects_; ++i) read_object(i);
    if (graph_.edges() != edges_) {
      refuse(fmt::format("it announces {} edges and has {}", edges_, graph_.edges()));
    }
    for (std::uint64_t i = 0; i < roots_; ++i) read_root(i);
    if (left() != 0) refuse(fmt::format("{} bytes follow its last root", left()));
    return std::move(graph_);
  }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    threadmill::refuse(name_, what);
  }

  [[nodiscard]] std::size_t left() const { return content_.size() - at_; }

  void read_head() {
    if (!content_.starts_with(kMagic)) refuse("it does not begin as a heap dump does");
    at_ = kMagic.size();
    const std::uint64_t version = number("the version");
    if (version != kVersion) {
      refuse(
          fmt::format("it has version {}, and version {} is read", version, kVersion));
    }
  }

  // From here on, no checksum is part of the content.
  void check_whole_file() {
    if (left() < kChecksumBytes) refuse("it ends before its checksum");
    const std::size_t end = content_.size() - kChecksumBytes;
    std::uint32_t stored = 0;
    for (std::size_t i = 0; i < kChecksumBytes; ++i) {
      stored |= std::uint32_t{static_cast<unsigned char>(content_[end + i])} << (8 * i);
    }
    content_ = content_.substr(0, end);
    if (checksum_of(content_) != stored) {
      refuse("its checksum is wrong, so it is damaged or cut off");
    }
  }

  void read_counts() {
    types_ = number("the number of types");
    objects_ = number("the number of objects");
    edges_ = number("the number of edges");
    roots_ = number("the number of roots");
    // each of them first: no sum of small numbers overflows
    const bool plausible =
        types_ <= left() && objects_ <= left() && edges_ <= left() &&
        roots_ <= left() &&
        types_ * kTypeBytes + objects_ * kObjectBytes + edges_ + roots_ <= left();
    if (!plausible) {
      refuse(
          fmt::format("{} types, {} objects, {} edges and {} roots do not fit into "
                      "the {} bytes that follow",
                      types_, objects_, edges_, roots_, left()));
    }
  }

  void reserve() {
    // what the others leave: a type takes one byte besides its name
    name_bytes_ = left() - types_ - objects_ * kObjectBytes - edges_ - roots_;
    graph_.names_.reserve(name_bytes_);
    graph_.name_ends_.reserve(types_);
    graph_.types_of_.reserve(objects_);
    graph_.sizes_.reserve(objects_);
    graph_.first_target_.reserve(objects_ + 1);
    graph_.targets_.reserve(edges_);
    graph_.roots_.reserve(roots_);
  }

  void read_type() {
    const std::uint64_t size = number_up_to(kLongestName, "the length of a name");
    if (size == 0 || size > left() || size > name_bytes_ - graph_.names_.size()) {
      refuse(at("a name of {} bytes", size));
    }
    const std::string_view text = content_.substr(at_, size);
    if (!is_utf8(text)) refuse(at("a name that is no UTF-8"));
    graph_.names_ += text;
    graph_.name_ends_.push_back(static_cast<std::uint32_t>(graph_.names_.size()));
    at_ += size;
  }

  void read_object(std::uint64_t own) {
    if (types_ == 0) refuse("it has objects but no types");
    graph_.types_of_.push_back(number_up_to(types_ - 1, "the type of an object"));
    graph_.sizes_.push_back(number_up_to(std::numeric_limits<std::uint32_t>::max(),
                                         "the size of an object"));
    const std::uint64_t count =
        number_up_to(edges_ - graph_.edges(), "the number of an object's edges");
    std::uint64_t target = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      target = i == 0 ? first_target(own)
                      : target + number_up_to(objects_ - 1 - target, "an edge");
      graph_.targets_.push_back(static_cast<HeapGraph::Number>(target));
    }
    graph_.first_target_.push_back(static_cast<HeapGraph::Number>(graph_.edges()));
  }

  [[nodiscard]] std::uint64_t first_target(std::uint64_t own) {
    const std::uint64_t coded = number("an edge");
    const std::uint64_t distance = coded / 2;
    if (coded % 2 == 0) {
      if (distance <= objects_ - 1 - own) return own + distance;
    } else if (distance < own) {
      return own - distance - 1;
    }
    refuse(at("an edge of object {} that leads to no object", own));
  }

  void read_root(std::uint64_t place) {
    if (objects_ == 0) refuse("it has roots but no objects");
    if (place == 0) {
      graph_.roots_.push_back(number_up_to(objects_ - 1, "a root"));
      return;
    }
    const HeapGraph::Number before = graph_.roots_.back();
    const std::uint32_t step = number_up_to(objects_ - 1 - before, "a root");
    if (step == 0) refuse(at("a root, object {}, that is there twice", before));
    graph_.roots_.push_back(before + step);
  }

  // For numbers whose bound is below 2^32.
  [[nodiscard]] std::uint32_t number_up_to(std::uint64_t most, const char* what) {
    const std::uint64_t value = number(what);
    if (value > most) {
      refuse(at("{}: {} is more than {}", what, value, most));
    }
    return static_cast<std::uint32_t>(value);
  }

  [[nodiscard]] std::uint64_t number(const char* what) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left() == 0) refuse(at("{} is cut off", what));
      const auto byte = static_cast<unsigned char>(content_[at_++]);
      const std::uint64_t bits = byte & 0x7f;
      if (shift == 63 && bits > 1) break;
      value |= bits << shift;
      if (byte >= 0x80) continue;
      if (byte == 0 && shift != 0) break;
      return value;
    }
    refuse(at("{} is no number in its shortest form", what));
  }

  template <class... Arguments>
  [[nodiscard]] std::string at(const char* what, const Arguments&... arguments) const {
    return fmt::format("at byte {}: {}", at_,
                       fmt::vformat(what, fmt::make_format_args(arguments...)));
  }

  std::string_view content_;
  std::string_view name_;
  std::size_t at_ = 0;
  std::uint64_t types_ = 0;
  std::uint64_t objects_ = 0;
  std::uint64_t edges_ = 0;
  std::uint64_t roots_ = 0;
  std::size_t name_bytes_ = 0;  // that the names may have in all
  HeapGraph graph_;
};

HeapGraph parse_heap_dump(std::string_view content,
                          std::string_view name,
                          std::pmr::memory_resource& memory) {
  return HeapDumpParser(content, name, memory).parse();
}

HeapGraph read_heap_dump(const std::string& path) {
  DocumentReader reader(path);
  if (!reader.trouble().empty()) refuse(path, reader.trouble());
  std::string content;  // grows as it is read: the size of a file proves nothing
  std::vector<char> block(kBlock);
  while (const std::size_t size = reader.read(block)) {
    content.append(block.data(), size);
    if (!std::string_view(content).starts_with(kMagic.substr(0, content.size()))) break;
    if (content.size() > kMostBytes) refuse(path, "it is larger than 1 GiB");
  }
  if (!reader.trouble().empty()) refuse(path, reader.trouble());
  return parse_heap_dump(content, path);
}

bool is_heap_dump(const std::string& path) {
  DocumentReader reader(path);
  std::array<char, kMagic.size()> begin{};
  return reader.read(begin) == begin.size() &&
         std::string_view(begin.data(), begin.size()) == kMagic;
}

std::vector<std::string> heap_dumps_in(const std::vector<std::string>& inputs,
                                       std::vector<std::string>& others) {
  std::vector<std::string> dumps;
  for (const std::string& input : inputs) {
    const std::size_t before = dumps.size();
    for (Document& document : find_documents({input}).documents) {
      if (is_heap_dump(document.path)) dumps.push_back(std::move(document.path));
    }
    if (dumps.size() == before) others.push_back(input);
  }
  return dumps;
}

}  // namespace threadmill
