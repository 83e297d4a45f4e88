// SPDX-License-Identifier: Apache-2.0
#include "workloads/linearizability/checker.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <utility>

#include "workloads/linearizability/model.hpp"

namespace threadmill {
namespace {

using Bits = std::uint64_t;

// Less than a second.
constexpr std::size_t kMostConfigurations = std::size_t{1} << 18;

// Where a search has been.
struct Configuration {
  Bits placed;
  Values content;

  bool operator==(const Configuration&) const = default;

  struct Hash {
    std::size_t operator()(const Configuration& configuration) const {
      Bits hash = configuration.placed;
      for (const Value value : configuration.content) {
        hash = (std::rotl(hash, 5) ^ static_cast<Bits>(value)) * 0x9e3779b97f4a7c15u;
      }
      return hash ^ (hash >> 32);
    }
  };
};

// An order of all operations is, without this one, an order of the others.
[[nodiscard]] bool changes_nothing(Subject subject, const Invocation& operation) {
  const CallInfo& info = info_of(subject, operation.call);
  if (info.reads) return true;
  if (operation.is_pending()) return false;
  if (info.answer == Form::flag) return operation.answer == Values{0};
  const bool may_find_nothing =
      info.answer == Form::value_or_none || info.answer == Form::content;
  return may_find_nothing && operation.answer.empty();
}

// A sort that gave up: another operation was under way that may have changed the list.
[[nodiscard]] bool gave_up_rightly(const History& history,
                                   const Invocation& operation) {
  if (operation.call != Call::sort || operation.answer != Values{0}) return false;
  return std::any_of(history.operations.begin(), history.operations.end(),
                     [&](const Invocation& other) {
                       return &other != &operation &&
                              other.invoked < operation.responded &&
                              operation.invoked < other.responded &&
                              !changes_nothing(history.subject, other);
                     });
}

class Search {
 public:
  explicit Search(const History& history) : history_(history) {
    for (std::size_t i = 0; i < size(); ++i) {
      by_invocation_.push_back(i);
      if (!operation(i).is_pending()) to_place_ |= bit(i);
      if (gave_up_rightly(history, operation(i))) without_effect_ |= bit(i);
    }
    std::sort(by_invocation_.begin(), by_invocation_.end(),
              [this](std::size_t a, std::size_t b) {
                return operation(a).invoked < operation(b).invoked;
              });
  }

  [[nodiscard]] Judgement judge() {
    if (go_on(0, history_.initial)) {
      longest_.verdict = HistoryVerdict::linearizable;
      longest_.order = order_;
      return std::move(longest_);
    }
    if (seen_.size() > kMostConfigurations) return {};
    longest_.verdict = HistoryVerdict::not_linearizable;
    explain();
    return std::move(longest_);
  }

 private:
  [[nodiscard]] static Bits bit(std::size_t operation) { return Bits{1} << operation; }
  [[nodiscard]] std::size_t size() const { return history_.operations.size(); }
  [[nodiscard]] const Invocation& operation(std::size_t i) const {
    return history_.operations[i];
  }

  // Calls `use` with each unplaced operation that no unplaced one has to precede, until it
  // returns true.
  template <class Use>
  bool try_candidates(Bits placed, Use&& use) const {
    std::uint64_t first_response = Invocation::kPending;
    for (std::size_t i = 0; i < size(); ++i) {
      if ((placed & bit(i)) == 0)
        first_response = std::min(first_response, operation(i).responded);
    }
    for (const std::size_t i : by_invocation_) {
      if (operation(i).invoked > first_response) return false;
      if ((placed & bit(i)) == 0 && use(i)) return true;
    }
    return false;
  }

  // True: there is an order that begins with what was placed. As deep as there are
  // operations.
  bool go_on(Bits placed, const Values& content) {
    if (is_complete(placed) && (!history_.final || content == *history_.final))
      return true;
    note_if_longest(placed, content);
    return try_candidates(placed, [&](std::size_t i) {
      Configuration next{placed | bit(i), content};
      if (!fits(i, next.content)) return false;
      if (seen_.size() > kMostConfigurations) return false;
      const auto [place, is_new] = seen_.insert(std::move(next));
      if (!is_new) return false;
      order_.push_back(i);
      if (go_on(place->placed, place->content)) return true;
      order_.pop_back();
      return false;
    });
  }

  // The answer is that of `content`, which becomes what comes after it.
  [[nodiscard]] bool fits(std::size_t i, Values& content) const {
    if ((without_effect_ & bit(i)) != 0) return true;
    const Values answer =
        apply(history_.subject, content, operation(i).call, operation(i).arguments);
    return operation(i).is_pending() || answer == operation(i).answer;
  }

  [[nodiscard]] bool is_complete(Bits placed) const {
    return (placed & to_place_) == to_place_;
  }

  void note_if_longest(Bits placed, const Values& content) {
    const int length = std::popcount(placed & to_place_);
    if (length <= longest_length_) return;
    longest_length_ = length;
    longest_placed_ = placed;
    longest_.order = order_;
    longest_.content = content;
  }

  void explain() {
    if (is_complete(longest_placed_)) return;
    try_candidates(longest_placed_, [this](std::size_t i) {
      if (operation(i).is_pending()) return false;
      Values content = longest_.content;
      longest_.misfits.push_back({i, apply(history_.subject, content, operation(i).call,
                                           operation(i).arguments)});
      return false;
    });
  }

  const History& history_;
  std::vector<std::size_t> by_invocation_;
  Bits to_place_ = 0;        // what has responded
  Bits without_effect_ = 0;  // whatever the content
  std::unordered_set<Configuration, Configuration::Hash> seen_;
  std::vector<std::size_t> order_;
  Judgement longest_;
  int longest_length_ = -1;  // of what has responded
  Bits longest_placed_ = 0;
};

[[nodiscard]] Values content_of_key(Subject subject, const Values& content, Value key) {
  const std::size_t width = width_of(subject);
  Values part;
  for (std::size_t i = 0; i + width <= content.size(); i += width) {
    if (content[i] != key) continue;
    part.insert(part.end(), content.begin() + static_cast<std::ptrdiff_t>(i),
                content.begin() + static_cast<std::ptrdiff_t>(i + width));
  }
  return part;
}

void add_keys(Subject subject, const Values& content, Values& keys) {
  for (std::size_t i = 0; i < content.size(); i += width_of(subject))
    keys.push_back(content[i]);
}

[[nodiscard]] bool takes_content(Subject subject, const Invocation& operation) {
  return info_of(subject, operation.call).arguments == CallInfo::kAnyNumber;
}

// Of the keys that an operation is about.
[[nodiscard]] Values keys_of(Subject subject, const Invocation& operation) {
  if (!takes_content(subject, operation)) return {operation.arguments.front()};
  Values keys;
  add_keys(subject, operation.arguments, keys);
  return keys;
}

[[nodiscard]] Values all_keys(const History& history) {
  Values keys;
  add_keys(history.subject, history.initial, keys);
  if (history.final) add_keys(history.subject, *history.final, keys);
  for (const Invocation& operation : history.operations) {
    const Values its_keys = keys_of(history.subject, operation);
    keys.insert(keys.end(), its_keys.begin(), its_keys.end());
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

[[nodiscard]] History part_of_key(const History& history, Value key) {
  History part{history.subject,
               false,
               content_of_key(history.subject, history.initial, key),
               {},
               {}};
  if (history.final) part.final = content_of_key(history.subject, *history.final, key);
  for (const Invocation& operation : history.operations) {
    const Values keys = keys_of(history.subject, operation);
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) continue;
    part.operations.push_back(operation);
    if (takes_content(history.subject, operation))
      part.operations.back().arguments =
          content_of_key(history.subject, operation.arguments, key);
  }
  return part;
}

[[nodiscard]] bool is_violation(const History& history) {
  return judge(history).verdict == HistoryVerdict::not_linearizable;
}

// As it was at that moment. Has an order if the whole history has one, since the order of
// what had an effect by then begins that of all.
[[nodiscard]] History cut_off(const History& history, std::uint64_t moment) {
  History prefix{history.subject, false, history.initial, {}, {}};
  for (const Invocation& operation : history.operations) {
    if (operation.invoked > moment) continue;
    prefix.operations.push_back(operation);
    if (operation.responded <= moment) continue;
    prefix.operations.back().responded = Invocation::kPending;
    prefix.operations.back().answer.clear();
  }
  return prefix;
}

[[nodiscard]] History without_needless(History history) {
  if (history.final) {
    const std::optional<Values> final = std::exchange(history.final, std::nullopt);
    if (!is_violation(history)) history.final = final;
  }
  for (std::size_t i = history.operations.size(); i-- > 0;) {
    if (!changes_nothing(history.subject, history.operations[i])) continue;
    History fewer = history;
    fewer.operations.erase(fewer.operations.begin() + static_cast<std::ptrdiff_t>(i));
    if (is_violation(fewer)) history = std::move(fewer);
  }
  return history;
}

[[nodiscard]] History shortest_violation(const History& history) {
  std::vector<std::uint64_t> responses;
  for (const Invocation& operation : history.operations) {
    if (!operation.is_pending()) responses.push_back(operation.responded);
  }
  std::sort(responses.begin(), responses.end());
  for (const std::uint64_t moment : responses) {
    History prefix = cut_off(history, moment);
    if (is_violation(prefix)) return prefix;
  }
  return history;  // it is the final content
}

}  // namespace

Judgement judge(const History& history) {
  if (history.operations.size() > kMostOperations) return {};
  return Search(history).judge();
}

std::vector<History> parts_of(const History& history) {
  std::vector<History> parts;
  if (!history.by_key) {
    parts.push_back(history);
    return parts;
  }
  for (const Value key : all_keys(history)) parts.push_back(part_of_key(history, key));
  return parts;
}

HistoryVerdict verdict_of(const History& history) {
  if (!history.by_key) return judge(history).verdict;
  HistoryVerdict worst = HistoryVerdict::linearizable;
  for (const History& part : parts_of(history)) {
    const HistoryVerdict verdict = judge(part).verdict;
    if (verdict == HistoryVerdict::not_linearizable) return verdict;
    if (verdict == HistoryVerdict::undecided) worst = verdict;
  }
  return worst;
}

History smallest_violation(const History& history) {
  for (const History& part : parts_of(history)) {
    if (is_violation(part)) return without_needless(shortest_violation(part));
  }
  return history;
}

}  // namespace threadmill
