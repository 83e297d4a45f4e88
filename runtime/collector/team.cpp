// SPDX-License-Identifier: Apache-2.0
#include "runtime/collector/team.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "runtime/base/config.hpp"
#include "runtime/base/memory_door.hpp"

#if TM_TEAM_TBB && !TM_EXPLORED
#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>
#endif

namespace threadmill {

#if TM_TEAM_TBB && !TM_EXPLORED

struct Team::Workers : SystemAllocated {
  explicit Workers(unsigned size) : arena(static_cast<int>(size)) {}

  void run(unsigned size, void* context, Call call) {
    arena.execute([=] {
      tbb::parallel_for(
          0U, size, [=](unsigned member) { call(context, member); },
          tbb::simple_partitioner());
    });
  }

  static unsigned available() {
    return static_cast<unsigned>(std::max(1, tbb::this_task_arena::max_concurrency()));
  }

  tbb::task_arena arena;
};

#else

struct Team::Workers : SystemAllocated {
  explicit Workers(unsigned) noexcept {}
  static void run(unsigned size, void* context, Call call) noexcept {
    for (unsigned member = 0; member < size; ++member) call(context, member);
  }
  static unsigned available() noexcept { return 1; }
};

#endif

Team::Team() noexcept {
  set_size(std::min(Workers::available(), kMaxSize));
  if (kThreadSanitizer) least_pages_ = 8;  // heaps are small there
}

Team::~Team() { delete workers_; }

void Team::forget_workers() noexcept {
  if (workers_ != nullptr) forgotten_ = std::exchange(workers_, nullptr);
  size_ = 1;
}

void Team::set_for_test(unsigned size, std::uint32_t least_pages) noexcept {
  set_size(size);
  least_pages_ = least_pages;
}

void Team::set_size(unsigned size) noexcept {
  delete workers_;
  workers_ = size == 1 ? nullptr : new (std::nothrow) Workers(size);
  size_ = workers_ == nullptr ? 1 : size;
}

void Team::run_all(void* context, Call call) noexcept {
  if (size_ == 1 || is_refused(MemoryKind::record)) return call(context, 0);
  try {
    workers_->run(size_, context, call);
  } catch (const std::exception&) {
    // oneTBB had no memory. An arena that was not made cannot be asked again, so this thread
    // is the team from now on; it does what nobody took up.
    set_size(1);
    call(context, 0);
  }
}

}  // namespace threadmill
