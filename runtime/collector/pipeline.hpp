// SPDX-License-Identifier: Apache-2.0
//
// Pipeline: a Visitor that looks at what it is given a batch later. In the meantime the
// memory that it will look at is on its way: references lead anywhere, and waiting for one
// after the other would be most of a collection.
//
// A Self has `prefetch(Object&)` and `process(Object&)`.
#pragma once

#include <cstddef>

#include "runtime/object/type.hpp"

namespace threadmill {

template <class Self>
class Pipeline : public Visitor {
 protected:
  Pipeline() noexcept : Visitor(turn) { begin(batches_[0], kBatch); }

  // Processes all that was added.
  void finish() noexcept {
    turn(*this);
    turn(*this);
  }

 private:
  static constexpr std::size_t kBatch = 64;

  static void turn(Visitor& visitor) noexcept {
    auto& self = static_cast<Self&>(visitor);
    auto& pipeline = static_cast<Pipeline&>(self);
    Object** const filled = pipeline.batches_[pipeline.turns_ % 2];
    Object** const end = pipeline.next();
    for (Object** edge = filled; edge != end; ++edge) self.prefetch(**edge);
    ++pipeline.turns_;
    Object** const waiting = pipeline.batches_[pipeline.turns_ % 2];
    for (std::size_t i = 0; i < pipeline.waiting_; ++i) self.process(*waiting[i]);
    pipeline.waiting_ = static_cast<std::size_t>(end - filled);
    pipeline.begin(waiting, kBatch);
  }

  std::size_t waiting_ = 0;
  unsigned turns_ = 0;
  Object* batches_[2][kBatch];
};

}  // namespace threadmill
