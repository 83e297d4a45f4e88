// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/debugging.hpp"

#include <cstdio>

#include "runtime/object/header.hpp"

namespace threadmill {

void Debugging::print_trash(const Trash& trash) const noexcept {
  trash.for_each([](const Object& object) noexcept {
    char text[110] = "";
    describe_object(&object, text, sizeof text);
    std::fprintf(stderr, "gc: collectable%s\n", text);
  });
}

void Debugging::save(const Trash& trash) noexcept {
  const Ref<List> list = garbage_.get();
  if (!list) return;
  trash.for_each([&list](Object& object) noexcept {
    (void)list->append(
        Ref<Object>::share(&object));  // without memory it is spared only
  });
}

void Debugging::print_start(unsigned generation) const noexcept {
  std::fprintf(stderr, "gc: collecting generation %u...\n", generation);
}

void Debugging::print_stop(const CollectionInfo& info) const noexcept {
  std::fprintf(stderr, "gc: done, %llu unreachable, %llu uncollectable\n",
               static_cast<unsigned long long>(info.collected),
               static_cast<unsigned long long>(info.uncollectable));
}

}  // namespace threadmill
