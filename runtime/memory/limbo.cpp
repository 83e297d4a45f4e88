// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory/limbo.hpp"

#include "runtime/thread/qsbr.hpp"

namespace threadmill {

void Limbo::note_size(World& world) noexcept {
  if (pages_.size() == 0) keeper_ = 0;
  world.pages_in_limbo.store(pages_.size(), relaxed);  // relaxed: a hint; see look()
}

void Limbo::take_unseen(World& world,
                        EmptyPages& unseen,
                        std::size_t at_most) noexcept {
  for (; at_most > 0; --at_most) {
    Page* page = pages_.first_unseen(world);
    if (page == nullptr) break;
    pages_.remove(*page);
    unseen.add(*page);
  }
  note_size(world);
}

bool Limbo::look(Slot& self, EmptyPages& unseen, std::size_t at_most) noexcept {
  // relaxed: a hint; the lock decides
  if (self.world.pages_in_limbo.load(relaxed) == 0) return false;
  const MutexGuard guard(mutex_);
  take_unseen(self.world, unseen, at_most);
  if (keeper_ == 0 && pages_.size() != 0) keeper_ = self.id;
  return keeper_ == self.id;
}

void Limbo::take_in(Slot& self, EmptyPages& left) noexcept {
  if (keeper_ == self.id) keeper_ = 0;
  pages_.add_all(left);
  note_size(self.world);
}

void Limbo::leave(Slot& self, EmptyPages& left) noexcept {
  const MutexGuard guard(mutex_);
  take_in(self, left);
}

void Limbo::leave(Slot& self,
                  EmptyPages& left,
                  EmptyPages& unseen,
                  std::size_t at_most) noexcept {
  const MutexGuard guard(mutex_);
  take_in(self, left);
  take_unseen(self.world, unseen, at_most);  // or they get their goal
  note_quiescent(self);
  take_unseen(self.world, unseen, at_most - unseen.size());
}

Page* Limbo::take_in_pause(World& world) noexcept {
  const MutexGuard guard(mutex_);
  Page* page = pages_.first();
  if (page == nullptr) return nullptr;
  pages_.remove(*page);
  note_size(world);
  return page;
}

}  // namespace threadmill
