// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/debugging.hpp"

#include <cstdio>

#include "runtime/object/header.hpp"

namespace threadmill {

Ref<List> Debugging::garbage() noexcept {
  List* list = garbage_.load(acquire);  // edge: garbage-publish
  if (list == nullptr) {
    Ref<List> made = List::create();
    if (!made) return nullptr;
    // edge: garbage-publish
    if (garbage_.cas_strong(list, made.get(), acq_rel)) {
      list = made.release();
    } else {
      list = garbage_.load(acquire);  // edge: garbage-publish
    }
  }
  return Ref<List>::share(list);
}

void Debugging::print_trash(const Trash& trash) const noexcept {
  trash.for_each([](const Object& object) noexcept {
    char text[110] = "";
    describe_object(&object, text, sizeof text);
    std::fprintf(stderr, "gc: collectable%s\n", text);
  });
}

void Debugging::save(const Trash& trash) noexcept {
  const Ref<List> list = garbage();
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
