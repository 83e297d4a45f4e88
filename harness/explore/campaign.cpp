// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/campaign.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "harness/explore/search_message.hpp"
#include "harness/explore/worker_pool.hpp"
#include "harness/interrupt.hpp"
#include "runtime/base/random.hpp"

namespace threadmill::explore {
namespace {

using TimePoint = SearchClock::time_point;

// Flags that this process and its workers share.
class SharedFlags {
 public:
  using Flag = std::atomic<bool>;
  static_assert(Flag::is_always_lock_free);

  explicit SharedFlags(std::size_t count) : bytes_(count * sizeof(Flag)) {
    void* memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "no memory to share");
    flags_ = new (memory) Flag[count]();
  }
  SharedFlags(const SharedFlags&) = delete;
  SharedFlags& operator=(const SharedFlags&) = delete;
  ~SharedFlags() { ::munmap(flags_, bytes_); }

  [[nodiscard]] Flag& at(std::size_t index) noexcept { return flags_[index]; }

 private:
  std::size_t bytes_;
  Flag* flags_;
};

struct Part {
  std::size_t scenario = 0;
  SearchOptions search;
  bool automatic = false;  // depth first for half of the time, then sampling
};

// How many processes may search one scenario.
std::size_t most_parts(const ExploreOptions& options) {
  if (!options.automatic && options.search.strategy == "dfs") return 1;
  const std::uint64_t iterations = options.search.iterations;
  return iterations == 0 ? options.jobs
                         : std::min<std::uint64_t>(iterations, options.jobs);
}

// Scenarios of few executions come first: what they leave of their time is the others'.
std::vector<Part> parts_of(const std::vector<const ScenarioInfo*>& scenarios,
                           const ExploreOptions& options) {
  std::vector<Part> parts;
  const std::size_t all_scenarios = scenarios.size();
  for (std::size_t i = 0; i < all_scenarios; ++i) {
    const std::size_t spare =
        options.jobs / all_scenarios + (i < options.jobs % all_scenarios ? 1 : 0);
    const std::size_t count = std::clamp<std::size_t>(
        spare, 1, std::max<std::size_t>(most_parts(options), 1));
    for (std::size_t k = 0; k < count; ++k) {
      Part part{i, options.search, options.automatic};
      const std::uint64_t all = options.search.iterations;
      part.search.iterations = all / count + (k < all % count ? 1 : 0);
      if (k != 0) part.search.seed = mix_seed(options.search.seed, k);
      if (options.automatic && count > 1) {
        part.automatic = false;
        part.search.strategy = k == 0 ? "dfs" : "pos";
      }
      parts.push_back(part);
    }
  }
  const auto size = [&](const Part& part) {
    const ScenarioInfo& info = *scenarios[part.scenario];
    const std::uint64_t unknown = info.allowed ? 0 : ~std::uint64_t{0};  // litmus: few
    return info.sc_executions.value_or(unknown);
  };
  std::stable_sort(parts.begin(), parts.end(),
                   [&](const Part& a, const Part& b) { return size(a) < size(b); });
  return parts;
}

// Without a strategy: depth first for half of the time, and if that was not enough to
// see everything, partial-order sampling for the rest.
SearchResult search_part(const ScenarioInfo& info,
                         const Part& part,
                         TimePoint start,
                         TimePoint end,
                         const SharedFlags::Flag& enough) {
  const auto stopped = [&] { return interrupted() || enough.load(); };
  const auto until = [&](TimePoint deadline) {
    return [&stopped, deadline] { return stopped() || SearchClock::now() >= deadline; };
  };
  if (!part.automatic) return search(info, part.search, until(end));
  SearchOptions first = part.search;
  first.strategy = "dfs";
  SearchResult result = search(info, first, until(start + (end - start) / 2));
  if (result.exhausted || result.finding || !result.complaint.empty() || stopped())
    return result;
  SearchOptions second = part.search;
  second.strategy = "pos";
  SearchResult more = search(info, second, until(end));
  more.claim += fmt::format("; {} more depth first, without an end", result.executions);
  more.executions += result.executions;
  more.operations += result.operations;
  more.seconds += result.seconds;
  more.outcomes.add(result.outcomes);
  more.pairs.add(result.pairs);
  return more;
}

bool says_most(const SearchResult& result) {
  return result.finding || !result.complaint.empty() || result.exhausted;
}

class Campaign {
 public:
  Campaign(const std::vector<const ScenarioInfo*>& scenarios,
           const ExploreOptions& options,
           const std::function<void(const SearchResult&)>& done)
      : scenarios_(scenarios),
        done_(done),
        parts_(parts_of(scenarios, options)),
        enough_(scenarios.size()),
        pool_(options.jobs),
        progress_(scenarios.size()) {
    for (const Part& part : parts_) ++progress_[part.scenario].missing;
    end_ = SearchClock::now() + std::chrono::duration_cast<SearchClock::duration>(
                                    std::chrono::duration<double>(options.seconds));
    jobs_ = options.jobs;
  }

  std::vector<SearchResult> run() {
    while (next_ < parts_.size() || !pool_.is_empty()) {
      if (interrupted()) {
        next_ = parts_.size();
        for (std::size_t i = 0; i < scenarios_.size(); ++i) enough_.at(i) = true;
      }
      while (next_ < parts_.size() && !pool_.is_full()) start(next_++);
      if (pool_.is_empty()) break;
      if (std::optional<WorkerPool::Report> report = pool_.wait())
        take(std::move(*report));
    }
    std::vector<SearchResult> results;
    for (Progress& progress : progress_) {
      if (!progress.result) continue;
      if (progress.missing != 0) done_(*progress.result);
      results.push_back(std::move(*progress.result));
    }
    return results;
  }

 private:
  struct Progress {
    unsigned missing = 0;  // parts that have not ended
    std::optional<SearchResult> result;
  };

  void start(std::size_t number) {
    const Part& part = parts_[number];
    const auto left = static_cast<long>(parts_.size() - number);
    const TimePoint now = SearchClock::now();
    const auto share = (end_ - now) / left * std::min<long>(jobs_, left);
    const TimePoint until = std::max(now, now + share);
    pool_.start(number, [&, now, until] {
      return to_message(search_part(*scenarios_[part.scenario], part, now, until,
                                    enough_.at(part.scenario)));
    });
  }

  void take(WorkerPool::Report report) {
    const Part& part = parts_[report.number];
    SearchResult result;
    if (report.death.empty()) {
      result = from_message(report.text);
    } else {
      result.scenario = scenarios_[part.scenario]->name;
      result.strategy = part.automatic ? "dfs" : part.search.strategy;
      result.seed = part.search.seed;
      result.complaint = std::move(report.death);
    }
    if (says_most(result)) enough_.at(part.scenario) = true;
    Progress& progress = progress_[part.scenario];
    --progress.missing;
    if (!progress.result)
      progress.result = std::move(result);
    else
      merge(*progress.result, std::move(result));
    if (progress.missing == 0) done_(*progress.result);
  }

  // The first of two parts that says most speaks for both.
  static void merge(SearchResult& result, SearchResult other) {
    if (says_most(other) && !says_most(result)) std::swap(result, other);
    result.claim += fmt::format("; {} more by another process ({})", other.executions,
                                other.strategy);
    result.executions += other.executions;
    result.given_up += other.given_up;
    result.operations += other.operations;
    result.seconds = std::max(result.seconds, other.seconds);
    result.outcomes.add(other.outcomes);
    result.pairs.add(other.pairs);
  }

  const std::vector<const ScenarioInfo*>& scenarios_;
  const std::function<void(const SearchResult&)>& done_;
  const std::vector<Part> parts_;
  SharedFlags enough_;  // per scenario
  WorkerPool pool_;
  std::vector<Progress> progress_;
  TimePoint end_;
  unsigned jobs_ = 1;
  std::size_t next_ = 0;  // part
};

}  // namespace

std::vector<SearchResult> search_all(
    const std::vector<const ScenarioInfo*>& scenarios,
    const ExploreOptions& options,
    const std::function<void(const SearchResult&)>& done) {
  return Campaign(scenarios, options, done).run();
}

}  // namespace threadmill::explore
