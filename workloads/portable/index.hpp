// SPDX-License-Identifier: Apache-2.0
//
// index/inverted: all threads build one inverted index of real text: they count the words
// of a document in a dict of their own, then add what they counted to a dict of lists that
// all share. A pass over all documents begins a new index.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "workloads/corpus_words.hpp"
#include "workloads/portable/row.hpp"

namespace threadmill::portable {

template <ObjectModel M>
class InvertedIndex {
 public:
  static constexpr RowInfo kInfo{.name = "index/inverted",
                                 .purpose =
                                     "the words of a document of 256 are counted and "
                                     "put into an index that all threads share",
                                 .objects = kWordsPerDocument};

  explicit InvertedIndex(unsigned /*threads*/) : documents_(corpus_words()) {
    std::set<std::string> words;
    for (const WordDocument& document : documents_)
      words.insert(document.begin(), document.end());
    words_ = words.size();
  }

  template <class Turn>
  void run(Turn& turn) {
    bool whole = true;
    turn.timed([&] {
      // relaxed: the number is all that is wanted
      const std::size_t next = next_.fetch_add(1, std::memory_order_relaxed);
      const std::shared_ptr<Pass> pass = pass_of(next / documents_.size());
      index(next % documents_.size(), pass->index);
      if (pass->done.fetch_add(1) + 1 == documents_.size())
        whole &= close(next / documents_.size());
    });
    turn.expect(whole, "the index has not as many words as the documents");
  }

  // The pass that was not finished has the first so many documents, exactly.
  void finish(typename M::World& /*world*/, Verdict& verdict) {
    const std::size_t last = next_.load() / documents_.size();
    const std::size_t documents = next_.load() % documents_.size();
    if (documents > 0)
      verdict.expect(is_right(passes_.at(last)->index, documents),
                     "the index is not that of the documents");
    passes_.clear();
  }

 private:
  using Ref = typename M::Ref;
  template <class T>
  using Allocator = typename M::template Allocator<T>;

  struct Pass {
    Ref index;
    std::atomic<std::size_t> done{0};  // documents
  };

  [[nodiscard]] std::shared_ptr<Pass> pass_of(std::size_t number) {
    if (std::shared_ptr<Pass> found = find(number)) return found;
    // Not under the lock, as who makes an object may have to wait for a pause.
    auto fresh = std::allocate_shared<Pass>(Allocator<Pass>());
    fresh->index = M::shared_dict();
    const std::lock_guard lock(mutex_);
    return passes_.try_emplace(number, std::move(fresh)).first->second;
  }

  [[nodiscard]] std::shared_ptr<Pass> find(std::size_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = passes_.find(number);
    return found == passes_.end() ? nullptr : found->second;
  }

  // False: the index is not whole.
  [[nodiscard]] bool close(std::size_t number) {
    std::shared_ptr<Pass> pass;
    {
      const std::lock_guard lock(mutex_);
      pass = std::move(passes_.extract(number).mapped());
    }
    return M::entries(pass->index) == words_;
  }

  void index(std::size_t number, const Ref& index) const {
    const Ref counts = M::dict();
    const Ref words = M::list();
    for (const std::string& word : documents_[number]) {
      const Ref key = M::text(word);
      const Ref count = M::get(counts, key);
      M::set(counts, key, M::number(count ? M::value(count) + 1 : 1));
      if (!count) M::append(words, key);
    }
    const Ref document = M::number(static_cast<std::int64_t>(number));
    for (std::size_t i = 0; i < M::size(words); ++i) {
      const Ref word = M::item(words, i);
      Ref postings = M::get(index, word);
      if (!postings) postings = M::set_default(index, word, M::shared_list());
      M::append(postings, M::pair(document, M::get(counts, word)));
    }
  }

  // Document and count.
  using Postings = std::vector<std::pair<std::int64_t, std::int64_t>>;

  [[nodiscard]] bool is_right(const Ref& index, std::size_t documents) const {
    std::map<std::string, std::map<std::int64_t, std::int64_t>> expected;
    for (std::size_t i = 0; i < documents; ++i) {
      for (const std::string& word : documents_[i])
        ++expected[word][static_cast<std::int64_t>(i)];
    }
    if (M::entries(index) != expected.size()) return false;
    for (const auto& [word, counts] : expected) {
      const Ref postings = M::get(index, M::text(word));
      if (!postings) return false;
      Postings found;
      for (std::size_t i = 0; i < M::size(postings); ++i) {
        const Ref posting = M::item(postings, i);
        found.emplace_back(M::value(M::part(posting, 0)),
                           M::value(M::part(posting, 1)));
      }
      std::sort(found.begin(), found.end());
      if (found != Postings(counts.begin(), counts.end())) return false;
    }
    return true;
  }

  const std::vector<WordDocument>& documents_;
  std::size_t words_ = 0;  // different ones
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  using Entry = std::pair<const std::size_t, std::shared_ptr<Pass>>;
  std::map<std::size_t, std::shared_ptr<Pass>, std::less<>, Allocator<Entry>>
      passes_;  // guarded by mutex_ while threads run
};

}  // namespace threadmill::portable
