// SPDX-License-Identifier: Apache-2.0
//
// Heap dumps: the object graph of a live Python process, as workloads/data/dump_heap.py
// writes it. Types, sizes and references; no contents.
//
// The file, version 1. A number is a LEB128 varint of up to 64 bits, in its shortest form.
//
//     magic       8 bytes: 89 'T' 'M' 'H' 'E' 'A' 'P' 0a
//     version     number: 1
//     types       number of types
//     objects     number of objects, below 2^32
//     edges       number of edges, below 2^32
//     roots       number of roots
//     each type   number of bytes, 1 to 1024, and its name in UTF-8
//     each object number of its type, counted from 0
//                 size in bytes, at most 2^32 - 1
//                 number of its edges
//                 the objects it refers to, counted from 0, in rising order; an object
//                 that is referred to twice is there twice:
//                 the first less the object's own number, zigzag (0, -1, 1, -2 as 0, 1,
//                 2, 3); each of the others less the one before it
//     each root   in rising order, each once: the first; the others less the one before
//     checksum    4 bytes, little-endian: CRC-32 (as zlib's) of all bytes before
//
// A dump comes from anywhere. Whatever is wrong with one is an InputError; what was read
// is a graph whose every number is in range.
//
// Memory: a type takes at least 2 bytes of the file, an object 3, an edge and a root 1.
// Counts that the file has no bytes for are refused before anything is reserved, so the
// graph takes at most kBytesPerByte bytes for each byte of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace threadmill {

class HeapGraph {
 public:
  using Number = std::uint32_t;  // of an object, counted from 0

  static constexpr std::size_t kBytesPerByte = 4;

  [[nodiscard]] std::size_t objects() const { return types_of_.size(); }
  [[nodiscard]] std::size_t edges() const { return targets_.size(); }
  [[nodiscard]] std::size_t types() const { return name_ends_.size(); }

  // In rising order: what is referred to from outside of the heap.
  [[nodiscard]] std::span<const Number> roots() const { return roots_; }

  [[nodiscard]] std::uint32_t type_of(Number object) const { return types_of_[object]; }
  [[nodiscard]] std::uint32_t size_of(Number object) const { return sizes_[object]; }
  // In rising order; one that is referred to twice is there twice.
  [[nodiscard]] std::span<const Number> targets(Number object) const {
    return std::span(targets_).subspan(
        first_target_[object], first_target_[object + 1] - first_target_[object]);
  }
  // Valid UTF-8, with any characters.
  [[nodiscard]] std::string_view type_name(std::uint32_t type) const {
    const std::size_t begin = type == 0 ? 0 : name_ends_[type - 1];
    return std::string_view(names_).substr(begin, name_ends_[type] - begin);
  }

 private:
  friend class HeapDumpParser;

  explicit HeapGraph(std::pmr::memory_resource& memory)
      : names_(&memory),
        name_ends_(&memory),
        types_of_(&memory),
        sizes_(&memory),
        first_target_(&memory),
        targets_(&memory),
        roots_(&memory) {}

  std::pmr::string names_;  // one behind the other
  std::pmr::vector<std::uint32_t> name_ends_;
  std::pmr::vector<std::uint32_t> types_of_;
  std::pmr::vector<std::uint32_t> sizes_;
  std::pmr::vector<Number> first_target_;  // one more than objects
  std::pmr::vector<Number> targets_;
  std::pmr::vector<Number> roots_;
};

// `name` is for messages. Throws InputError.
[[nodiscard]] HeapGraph parse_heap_dump(
    std::string_view content,
    std::string_view name,
    std::pmr::memory_resource& memory = *std::pmr::get_default_resource());

// Throws InputError, also for a file that cannot be read.
[[nodiscard]] HeapGraph read_heap_dump(const std::string& path);

// Whether the file begins as a heap dump does.
[[nodiscard]] bool is_heap_dump(const std::string& path);

// The files among `inputs`, and in the folders among them, that do. An input without any
// goes to `others`. Throws InputError if one is no file or folder that can be opened.
[[nodiscard]] std::vector<std::string> heap_dumps_in(
    const std::vector<std::string>& inputs, std::vector<std::string>& others);

}  // namespace threadmill
