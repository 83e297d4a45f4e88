// SPDX-License-Identifier: Apache-2.0
//
// inverted-index: many threads build one index of real text files, again and again.
//
// Imitates   an indexing service in a free-threaded interpreter: per document a dict and
//            lists of boxed integers that only one thread uses, then a merge into a dict
//            of lists that all share.
// Input      the files and folders of --input, or else the project's own folders and the
//            system's licences, of which sanitizers, and more than 8 threads, take the
//            first 65,536 words (up to a document's end). prepare() reads them once,
//            sequentially, into a TextIndex.
// Passes     threads take documents from a shared counter. Who finishes the last document
//            of a pass puts the pass's index into its text form; meanwhile the others have
//            begun the next pass. A pass is dropped if time runs out before its end, or if
//            a file was changed while the workload ran.
// Checks     the text of each finished pass equals, byte for byte, that of the sequential
//            index.
// Operations words counted, and blocks of up to 64 KiB read.
//
// Edges
//   document-done   what was merged from a document happens before its pass is judged
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/build_info.hpp"
#include "workloads/corpus.hpp"
#include "workloads/factories.hpp"
#include "workloads/support.hpp"
#include "workloads/text_index.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::uint64_t kWordsPerPoll = 128;
constexpr std::uint64_t kMostBytesInFlight = 256
                                             << 20;  // of documents, when T is large
// Of the default input with sanitizers, so that a pass fits into two seconds there; and
// with many threads, each of which keeps pages of its own for all kinds of objects.
constexpr std::uint64_t kFewWords = 64 * 1024;
constexpr std::chrono::milliseconds kNap{1};

// One time through all documents.
struct Pass {
  explicit Pass(Ref<Dict> empty) : index(std::move(empty)) {}

  Ref<Dict> index;                       // word -> list of tuples (document, count)
  std::atomic<std::size_t> next{0};      // the document to take next
  std::atomic<std::size_t> finished{0};  // documents merged or given up
  std::atomic<bool> is_void{false};      // a document was not what it had been
};

// The words of one document in the order of their first appearance, and their counts.
struct DocumentCounts {
  Ref<Dict> place_of = must(make<Dict>());  // word -> place in the lists
  Ref<List> words = must(make<List>());
  Ref<List> counts = must(make<List>());
  std::uint64_t total = 0;
};

// What the workload itself has put there has a known type. If it has not, it is not worth
// going on.
template <class T>
[[nodiscard]] Ref<T> expect(const Ref<Object>& object) {
  Ref<T> typed = cast<T>(object);
  if (!typed) throw std::logic_error("the index held an object of another type");
  return typed;
}

enum class Reading { kDone, kChanged, kOutOfTime };

class InvertedIndex final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    corpus_ =
        find_documents(settings.inputs.empty() ? default_inputs() : settings.inputs);
    const bool takes_few = is_sanitized() || settings.threads > kFullShares;
    index_sequentially(settings.inputs.empty() && takes_few
                           ? kFewWords
                           : std::numeric_limits<std::uint64_t>::max());
    if (expected_.words() == 0) throw InputError(nothing_found(settings.inputs));
    expected_text_ = expected_.text();
    most_in_flight_ = passes_in_flight(settings.threads);
  }

  void run(Worker& worker) override {
    std::vector<char> block(kBlock);
    while (worker.keep_going()) {
      const std::shared_ptr<Pass> pass = current_pass();
      if (!pass) {
        wait_for_pass();
        continue;
      }
      // relaxed: the number is all that is wanted
      const std::size_t document = pass->next.fetch_add(1, std::memory_order_relaxed);
      if (document >= corpus_.documents.size()) {
        retire_as_current(pass);
        continue;
      }
      switch (index_document(worker, *pass, document, block)) {
        case Reading::kOutOfTime:
          return;
        // relaxed: ordered by the count below
        case Reading::kChanged:
          pass->is_void.store(true, std::memory_order_relaxed);
          break;
        case Reading::kDone:
          break;
      }
      // edge: document-done
      const std::size_t before = pass->finished.fetch_add(1, std::memory_order_acq_rel);
      if (before + 1 == corpus_.documents.size()) judge(worker, *pass);
    }
  }

  void check(CheckList& checks) override {
    const std::string last = equal_ + different_ == 0
                                 ? std::string()
                                 : describe_difference(expected_text_, last_text_);
    std::string detail =
        fmt::format("{} of {} passes, each with {} words and {} postings", equal_,
                    equal_ + different_, expected_.words(), expected_.postings());
    if (equal_ + different_ == 0) {
      detail = "no pass could be finished in the time given";
      if (changed_ != 0) detail += fmt::format("; {} met changed files", changed_);
    }
    const std::string& difference = different_ != 0 ? first_difference_ : last;
    if (!difference.empty()) detail += "; " + difference;
    checks.that("index equals the sequential one", equal_ * expected_.postings(),
                difference.empty(), std::move(detail));
  }

  void roots(std::vector<Object*>& handles) const override {
    if (current_) handles.push_back(current_->index.get());
  }

  void drop() override { current_.reset(); }

  [[nodiscard]] std::vector<Fact> facts() const override {
    std::vector<Fact> facts{
        {"documents", std::to_string(corpus_.documents.size())},
        {"bytes", std::to_string(bytes_)},
        {"words", std::to_string(words_)},
        {"different words", std::to_string(expected_.words())},
        {"passes finished", std::to_string(equal_ + different_)},
        {"passes that met changed files", std::to_string(changed_)},
        {"skipped", std::to_string(corpus_.skipped.size())},
    };
    for (const Skipped& entry : corpus_.skipped) {
      facts.push_back(
          {"skipped entry", fmt::format("{}: {}", escaped(entry.path), entry.reason)});
    }
    return facts;
  }

  void spoil_for_test() override { expected_text_[expected_text_.size() / 2] ^= 1; }

 private:
  // Documents that cannot be read to their end move over to the skipped ones. Once there
  // are `enough` words, the others are left out.
  void index_sequentially(std::uint64_t enough) {
    std::vector<Document> readable;
    std::vector<char> block(kBlock);
    for (Document& document : corpus_.documents) {
      if (words_ >= enough) break;
      TextIndex::Counts counts;
      std::uint64_t words = 0;
      std::uint64_t bytes = 0;
      const auto count = [&](std::string_view word) {
        ++counts[std::string(word)];
        ++words;
      };
      DocumentReader reader(document.path);
      document.state = reader.state();
      Tokenizer tokenizer;
      while (const std::size_t size = reader.read(block)) {
        tokenizer.feed(std::string_view(block.data(), size), count);
        bytes += size;
      }
      tokenizer.finish(count);
      if (!reader.trouble().empty()) {
        corpus_.skipped.push_back({std::move(document.path), reader.trouble()});
        continue;
      }
      expected_.add(readable.size(), counts);
      readable.push_back(std::move(document));
      words_ += words;
      bytes_ += bytes;
    }
    corpus_.documents = std::move(readable);
  }

  [[nodiscard]] std::string nothing_found(
      const std::vector<std::string>& inputs) const {
    const std::string where = inputs.empty()
                                  ? "the default input"
                                  : "input '" + escaped(inputs.front()) + "'";
    const std::string more =
        inputs.size() > 1 ? fmt::format(" and {} more", inputs.size() - 1) : "";
    return fmt::format(
        "{}{} has no words ({} files read, {} entries skipped); name a folder of text "
        "files "
        "with --input",
        where, more, corpus_.documents.size(), corpus_.skipped.size());
  }

  // Two, so that nobody waits while a pass is put into its text form; more if there are
  // more threads than documents and memory for it.
  [[nodiscard]] std::size_t passes_in_flight(unsigned threads) const {
    const std::size_t wanted = 2 + threads / corpus_.documents.size();
    const std::uint64_t affordable = kMostBytesInFlight / (bytes_ + 1);
    return std::max<std::size_t>(2, std::min<std::uint64_t>(wanted, affordable));
  }

  // The pass to take documents from; null if as many as are allowed await their end.
  [[nodiscard]] std::shared_ptr<Pass> current_pass() {
    {
      const std::lock_guard lock(mutex_);
      if (current_) return current_;
      if (in_flight_ >= most_in_flight_) return nullptr;
    }
    // not under the lock: making objects polls a safepoint
    auto fresh = std::make_shared<Pass>(must(make<Dict>()));
    const std::lock_guard lock(mutex_);
    if (current_ || in_flight_ >= most_in_flight_) return current_;
    ++in_flight_;
    current_ = fresh;
    return current_;
  }

  void retire_as_current(const std::shared_ptr<Pass>& pass) {
    const std::lock_guard lock(mutex_);
    if (current_ == pass) current_.reset();  // not the last handle: `pass` is another
  }

  void wait_for_pass() {
    const Detached blocking;
    std::unique_lock lock(mutex_);
    if (in_flight_ >= most_in_flight_) judged_.wait_for(lock, kNap);
  }

  [[nodiscard]] Reading index_document(Worker& worker,
                                       Pass& pass,
                                       std::size_t number,
                                       std::span<char> block) {
    const Document& document = corpus_.documents[number];
    std::unique_ptr<DocumentReader> reader = open(worker, document);
    if (!reader) return Reading::kOutOfTime;
    if (reader->state() != document.state) return Reading::kChanged;

    DocumentCounts counts;
    Tokenizer tokenizer;
    const auto count = [&](std::string_view word) { count_word(counts, word); };
    while (const std::size_t size = read(*reader, block)) {
      if (worker.stop_requested()) return Reading::kOutOfTime;
      const std::uint64_t before = counts.total;
      tokenizer.feed(std::string_view(block.data(), size), count);
      worker.did(counts.total - before + 1);
    }
    tokenizer.finish(count);
    if (!reader->trouble().empty() || reader->state() != document.state) {
      return Reading::kChanged;
    }
    return merge(worker, counts, pass, number) ? Reading::kDone : Reading::kOutOfTime;
  }

  // Null if time ran out while there were too many files open.
  [[nodiscard]] static std::unique_ptr<DocumentReader> open(Worker& worker,
                                                            const Document& document) {
    for (;;) {
      std::unique_ptr<DocumentReader> reader;
      {
        const Detached blocking;
        reader = std::make_unique<DocumentReader>(document.path);
      }
      if (!reader->starved()) return reader;
      if (worker.stop_requested()) return nullptr;
      safepoint();
    }
  }

  [[nodiscard]] static std::size_t read(DocumentReader& reader, std::span<char> block) {
    const Detached blocking;
    return reader.read(block);
  }

  static void count_word(DocumentCounts& document, std::string_view word) {
    if (++document.total % kWordsPerPoll == 0) safepoint();
    if (const Ref<Object> found = document.place_of->get(word)) {
      const auto place = static_cast<std::size_t>(expect<Int>(found)->value());
      const std::int64_t count = expect<Int>(document.counts->get(place))->value();
      static_cast<void>(document.counts->set(place, must(make<Int>(count + 1))));
      return;
    }
    const Ref<Str> key = must(make<Str>(word));
    const auto place = static_cast<std::int64_t>(document.words->size());
    must(document.place_of->set(key, must(make<Int>(place))));
    must(document.words->append(key));
    must(document.counts->append(must(make<Int>(1))));
  }

  // False if time ran out.
  [[nodiscard]] static bool merge(Worker& worker,
                                  const DocumentCounts& counts,
                                  Pass& pass,
                                  std::size_t document) {
    const Ref<Object> number = must(make<Int>(static_cast<std::int64_t>(document)));
    for (std::size_t i = 0; i < counts.words->size(); ++i) {
      if (i % kWordsPerPoll == 0) {
        safepoint();
        if (worker.stop_requested()) return false;
      }
      const Ref<Object> word = counts.words->get(i);
      Ref<Object> postings = pass.index->get(word);
      if (!postings) {
        postings = must(pass.index->set_default(word, must(make<List>())));
      }
      const std::array<Ref<Object>, 2> posting = {number, counts.counts->get(i)};
      must(expect<List>(postings)->append(
          must(make<Tuple>(std::span<const Ref<Object>>(posting)))));
    }
    return true;
  }

  // Compares a finished pass with the sequential index, or drops it if time runs out.
  void judge(Worker& worker, const Pass& pass) {
    // relaxed: edge document-done orders it
    const bool is_void = pass.is_void.load(std::memory_order_relaxed);
    std::vector<Entry> entries;
    const bool complete = !is_void && copy_out(worker, *pass.index, entries);
    std::string text;
    std::string difference;
    if (complete) {
      const Detached no_objects_needed;
      text = text_of(entries);
      difference = describe_difference(expected_text_, text);
    }
    const std::lock_guard lock(mutex_);
    --in_flight_;
    judged_.notify_all();
    if (is_void) ++changed_;
    if (!complete) return;
    if (difference.empty()) {
      ++equal_;
    } else if (different_++ == 0) {
      first_difference_ = std::move(difference);
    }
    last_text_ = std::move(text);
  }

  struct Entry {
    std::string word;
    std::vector<Posting> postings;
  };

  // False if time ran out.
  [[nodiscard]] static bool copy_out(Worker& worker,
                                     const Dict& index,
                                     std::vector<Entry>& entries) {
    const Ref<List> items = must(index.items());
    entries.reserve(items->size() / 2);
    for (std::size_t i = 0; i + 1 < items->size(); i += 2) {
      safepoint();
      if (worker.stop_requested()) return false;
      Entry& entry = entries.emplace_back();
      entry.word = expect<Str>(items->get(i))->view();
      const Ref<List> postings = expect<List>(items->get(i + 1));
      for (std::size_t j = 0; j < postings->size(); ++j) {
        const Ref<Tuple> posting = expect<Tuple>(postings->get(j));
        entry.postings.push_back({unsigned_at(*posting, 0), unsigned_at(*posting, 1)});
      }
    }
    return true;
  }

  [[nodiscard]] static std::uint64_t unsigned_at(const Tuple& tuple,
                                                 std::size_t place) {
    return static_cast<std::uint64_t>(expect<Int>(tuple.at(place))->value());
  }

  [[nodiscard]] static std::string text_of(std::vector<Entry>& entries) {
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.word < b.word; });
    std::string text;
    for (Entry& entry : entries) {
      std::sort(
          entry.postings.begin(), entry.postings.end(),
          [](const Posting& a, const Posting& b) { return a.document < b.document; });
      append_entry(text, entry.word, entry.postings);
    }
    return text;
  }

  // Written by prepare() only.
  Corpus corpus_;
  TextIndex expected_;
  std::string expected_text_;
  std::uint64_t words_ = 0;
  std::uint64_t bytes_ = 0;
  std::size_t most_in_flight_ = 2;

  std::mutex mutex_;
  std::condition_variable judged_;
  // Guarded by mutex_ while workers run.
  std::shared_ptr<Pass> current_;
  std::size_t in_flight_ = 0;  // passes begun and not yet judged
  std::uint64_t equal_ = 0;
  std::uint64_t different_ = 0;
  std::uint64_t changed_ = 0;
  std::string first_difference_;
  std::string last_text_;
};

}  // namespace

std::unique_ptr<Workload> make_inverted_index() {
  return std::make_unique<InvertedIndex>();
}

}  // namespace threadmill
