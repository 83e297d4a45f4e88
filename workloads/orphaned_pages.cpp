// SPDX-License-Identifier: Apache-2.0
//
// gh-145615-orphaned-pages: threads leave full pages behind, and others free what is in
// them.
//
// Imitates   the report that pages which other threads had emptied stayed in a queue that
//            nobody searched: live objects were few, and memory grew.
// Draws      each worker starts 1 to 3 threads at a time and joins them detached; each of
//            these makes 64 KiB to 8 MiB (log-uniform; the most is halved twice for each
//            doubling of workers beyond 8, to 128 KiB at least) of objects of 64, 128 or
//            512 bytes, and exits. Their worker keeps the first sixteenth until 16 threads
//            later (with more than 8 workers accordingly sooner), and drops the others, in
//            the order of their making or at random. Nothing is collected meanwhile.
// Checks     the objects that are kept are sound; all have died exactly once at the end;
//            pages never held more than six times what was alive at most, and what each
//            slot may keep; when all is dropped, they hold no more than that.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/census.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

constexpr std::uint64_t kMostAtOnce = 3;
constexpr std::size_t kLeastBytes = std::size_t{64} << 10;
constexpr std::uint64_t kDoublings = 7;  // to the most
constexpr std::size_t kKeptPart = 16;
constexpr std::size_t kKeptThreads = 16;
constexpr std::size_t kDropsInARow = 64;

// An empty page waits for one to two grace periods, in each of which every thread has its
// turn on a processor, and as much may be made anew: with 8 workers on 2 processors pages
// held 2.1 to 3.6 times what was alive, in 23 runs of 4 s, and more where other programs
// take turns. Pages that nobody finds grow without bound.
constexpr std::size_t kTimesAlive = 6;
// Empty pages that a heap keeps, what others have freed and nobody has told of, and a page
// of each size in use.
constexpr std::size_t kKeptBySlot = std::size_t{3} << 20;
// A page for each block in quarantine, of those who drop.
constexpr std::size_t kKeptByWorker = kQuarantine ? std::size_t{16} << 20 : 0;

template <std::size_t size>
struct Ballast : Token {
  using Token::Token;
  static constexpr const char* kTypeName = "ballast";
  char rest[size - sizeof(Token)];
};

struct Cohort {  // of one thread
  std::vector<Ref<Token>> objects;
  std::size_t bytes = 0;  // of each
};

struct Share {
  std::uint64_t threads = 0;  // started so far
  std::deque<Cohort> kept;
};

class OrphanedPages final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    runtime_ = &runtime;
    shares_.resize(settings.threads);
    kept_threads_ = share_of(kKeptThreads, settings.threads, 2);
    // Twice: with more threads there are more of them, and a grace period is longer, too.
    for (std::size_t n = kFullShares; n < settings.threads && doublings_ > 2; n *= 2)
      doublings_ -= 2;
    runtime.gc().disable();  // a collection gives back all empty pages
  }

  void run(Worker& worker) override {
    Share& share = shares_[worker.index()];
    while (worker.keep_going()) {
      std::vector<Cohort> cohorts = start_and_join(worker);
      if (cohorts.empty())
        std::this_thread::yield();  // the system had no thread to give
      for (Cohort& cohort : cohorts) {
        worker.did(cohort.objects.size());
        drop_most(cohort, worker.random());
        share.kept.push_back(std::move(cohort));
        if (share.kept.size() > kept_threads_) {
          drop_last(share.kept.front(), share.kept.front().objects.size());
          share.kept.pop_front();
        }
      }
      note_most(most_page_bytes_, runtime_->page_bytes());
    }
  }

  void check(CheckList& checks) override {
    Census::Living living;
    shares_.for_each([&](const Share& share) {
      for (const Cohort& cohort : share.kept) {
        for (const Ref<Token>& token : cohort.objects) {
          living.add(*token);
          if (!token->sound()) violations_.add(token->describe());
        }
      }
    });
    violations_.report(checks, "what is kept is sound", living.count());
    census_.check(checks, living);

    const std::size_t kept =
        runtime_->slot_count() * kKeptBySlot + (shares_.size() + 1) * kKeptByWorker;
    check_bound(checks, "pages hold what is alive, and little else", most_page_bytes_,
                kTimesAlive * most_live_bytes_ + kept);
    drop_kept();
    for (int i = 0; i < 4096; ++i) safepoint();  // pages go a few at a time
    left_page_bytes_ = runtime_->page_bytes();
    check_bound(checks, "pages go back when all is dropped", left_page_bytes_, kept);
  }

  std::vector<Fact> facts() const override {
    return {{"pages",
             fmt::format("{:.1f} MiB at most, of {:.1f} MiB alive at most; {:.1f} MiB "
                         "when all was dropped",
                         mebibytes(most_page_bytes_), mebibytes(most_live_bytes_),
                         mebibytes(left_page_bytes_))}};
  }

  void roots(std::vector<Object*>& handles) const override {
    shares_.for_each([&](const Share& share) {
      for (const Cohort& cohort : share.kept) {
        for (const Ref<Token>& token : cohort.objects) handles.push_back(token.get());
      }
    });
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    drop_kept();
    spoiler_.reset();
    runtime_->gc().enable();
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  static double mebibytes(std::size_t bytes) {
    return static_cast<double>(bytes) / (1 << 20);
  }

  static void note_most(std::atomic<std::size_t>& most, std::size_t now) {
    std::size_t before = most.load();
    while (now > before && !most.compare_exchange_weak(before, now)) {
    }
  }

  static void check_bound(CheckList& checks,
                          const char* name,
                          std::size_t found,
                          std::size_t allowed) {
    checks.that(name, 1, found <= allowed,
                found <= allowed
                    ? ""
                    : fmt::format("{:.1f} MiB of pages are in use, and {:.1f} "
                                  "MiB are allowed",
                                  mebibytes(found), mebibytes(allowed)));
  }

  [[nodiscard]] std::vector<Cohort> start_and_join(Worker& worker) {
    Share& share = shares_[worker.index()];
    std::vector<Cohort> cohorts(1 + worker.random().below(kMostAtOnce));
    const std::uint64_t seed = worker.random().next();
    std::size_t started = 0;
    {
      const Detached blocking;
      std::vector<std::jthread> threads;  // joined at the end of the scope
      threads.reserve(cohorts.size());
      for (Cohort& cohort : cohorts) {
        const std::uint64_t first_id =
            identity(worker.index(), (share.threads + started) << 20);
        try {
          threads.emplace_back([this, &cohort, first_id, s = mix_seed(seed, started)] {
            live_briefly(cohort, first_id, s);
          });
        } catch (const std::system_error&) {
          break;
        }
        ++started;
      }
    }
    share.threads += started;
    cohorts.resize(started);
    return cohorts;
  }

  void live_briefly(Cohort& cohort, std::uint64_t first_id, std::uint64_t seed) {
    const Attached attached(*runtime_);
    if (!attached) {
      violations_.add("a short-lived thread could not attach");
      return;
    }
    Random random(seed);
    const std::size_t base = kLeastBytes << random.below(doublings_);
    const std::size_t bytes = base + random.below(base);
    try {
      switch (random.below(3)) {
        case 0:
          return fill<64>(cohort, first_id, bytes);
        case 1:
          return fill<128>(cohort, first_id, bytes);
        default:
          return fill<512>(cohort, first_id, bytes);
      }
    } catch (const std::exception& error) {
      violations_.add(error.what());
    }
  }

  template <std::size_t size>
  void fill(Cohort& cohort, std::uint64_t first_id, std::size_t bytes) {
    cohort.bytes = size;
    cohort.objects.reserve(bytes / size);
    for (std::size_t i = 0; i < bytes / size; ++i) {
      cohort.objects.push_back(
          must(make<Ballast<size>>(census_, first_id + i, i, bytes)));
    }
    note_most(most_live_bytes_, live_bytes_ += cohort.objects.size() * size);
  }

  void drop_most(Cohort& cohort, Random& random) {
    std::vector<Ref<Token>>& objects = cohort.objects;
    const std::size_t kept = objects.size() / kKeptPart;
    if (random.below(2) == 0) {
      for (std::size_t i = objects.size(); i > kept + 1; --i)
        std::swap(objects[i - 1], objects[kept + random.below(i - kept)]);
    }
    drop_last(cohort, objects.size() - kept);
  }

  void drop_last(Cohort& cohort, std::size_t count) {
    live_bytes_ -= count * cohort.bytes;
    for (std::size_t i = 0; i < count; ++i) {
      cohort.objects.pop_back();
      if (i % kDropsInARow == 0) safepoint();
    }
  }

  void drop_kept() {
    shares_.for_each([this](Share& share) {
      for (Cohort& cohort : share.kept) drop_last(cohort, cohort.objects.size());
      share.kept.clear();
    });
  }

  Runtime* runtime_ = nullptr;
  std::uint64_t doublings_ = kDoublings;
  std::size_t kept_threads_ = kKeptThreads;
  Census census_;
  PerWorker<Share> shares_;
  std::atomic<std::size_t> live_bytes_{0};
  std::atomic<std::size_t> most_live_bytes_{0};
  std::atomic<std::size_t> most_page_bytes_{0};
  std::size_t left_page_bytes_ = 0;
  Violations violations_;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_orphaned_pages() {
  return std::make_unique<OrphanedPages>();
}

}  // namespace threadmill
