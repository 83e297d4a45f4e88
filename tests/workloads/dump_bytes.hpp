// SPDX-License-Identifier: Apache-2.0
//
// DumpBytes: heap dumps made by hand, right ones and wrong ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/crc.hpp>

namespace threadmill {

class DumpBytes {
 public:
  static constexpr std::string_view kMagic = "\x89TMHEAP\n";

  DumpBytes() : bytes_(kMagic) {}

  DumpBytes& number(std::uint64_t value) {
    for (; value > 0x7f; value >>= 7) raw(static_cast<char>(value | 0x80));
    return raw(static_cast<char>(value));
  }
  template <class... Numbers>
  DumpBytes& numbers(Numbers... values) {
    (number(static_cast<std::uint64_t>(values)), ...);
    return *this;
  }
  DumpBytes& raw(char byte) {
    bytes_ += byte;
    return *this;
  }
  DumpBytes& name(std::string_view text) {
    number(text.size());
    bytes_ += text;
    return *this;
  }

  // With the checksum of what is there.
  [[nodiscard]] std::string sealed() const { return sealed(bytes_); }
  [[nodiscard]] static std::string sealed(std::string bytes) {
    boost::crc_32_type crc;
    crc.process_bytes(bytes.data(), bytes.size());
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(crc.checksum() >> (8 * i));
    return bytes;
  }

  // Two types and four objects: 0 and 1 refer to each other, 1 twice to 2 and to itself;
  // 0 is a root. 3 is garbage.
  [[nodiscard]] static DumpBytes small() {
    DumpBytes dump;
    dump.numbers(1, 2, 4, 6, 1).name("list").name("caf\xc3\xa9.Thing");
    dump.numbers(0, 56, 1, 2);             // 0: list of 56 bytes -> 1
    dump.numbers(1, 1000, 4, 1, 1, 1, 0);  // 1 -> 0, 1, 2, 2
    dump.numbers(1, 16, 0);                // 2
    dump.numbers(0, 64, 1, 0);             // 3 -> 3
    dump.number(0);
    return dump;
  }

  // `count` objects that form a tree of dicts with a ring of tuples through it, as many
  // types as there are kinds of containers, and every tenth object a root.
  [[nodiscard]] static DumpBytes tree(std::uint64_t count) {
    DumpBytes dump;
    std::uint64_t edges = count;
    for (std::uint64_t i = 0; i < count; ++i) edges += children(i, count);
    dump.numbers(1, 3, count, edges, (count + 9) / 10);
    dump.name("tuple").name("dict").name("list");
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t next = (i + 1) % count;
      const std::uint64_t some = children(i, count);
      dump.numbers(i % 3, 32 + i % 900, some + 1);
      // to the next, and from the last back to the first
      dump.number(next != 0 ? 2 : i == 0 ? 0 : 2 * i - 1);
      for (std::uint64_t child = 0; child < some; ++child) {
        dump.number(child == 0 ? 4 * i + 1 - next : 1);
      }
    }
    dump.number(0);
    for (std::uint64_t root = 10; root < count; root += 10) dump.number(10);
    return dump;
  }

 private:
  // Of `parent`: 4 * parent + 1 and the next three, as far as they are beyond next.
  static std::uint64_t children(std::uint64_t parent, std::uint64_t count) {
    const std::uint64_t first = 4 * parent + 1;
    if (parent + 1 == count || first >= count) return 0;
    return count - first < 4 ? count - first : 4;
  }

  std::string bytes_;
};

}  // namespace threadmill
