// SPDX-License-Identifier: Apache-2.0
//
// json-store: JSON documents in a store of runtime objects that all threads share.
//
// Imitates   a document database in a free-threaded interpreter: texts are parsed into
//            dicts, lists and strings, changed in place, moved between documents, copied,
//            and written back, while other threads read them.
// Input      documents made from the seed, and those of --input: files, and files named
//            *.json in folders. See json_corpus.hpp.
// Rounds     all threads together, group by group of 4 documents that the round draws:
//              edit   8 operations per document: a text parsed anew in its place, a
//                     value set, a new one added, a part moved into another document of
//                     the group, a published copy taken; meanwhile any other document is
//                     read, and copies are published and compared with their text
//              write  every document written back
//            Who changes a document applies the same change to a plain nlohmann value.
// Checks     a document's text is, byte for byte, that of its plain value, after every
//            round and at the end; so is that of every published copy that anybody reads.
//            What is read in documents that others change is JSON.
// Choices    of changes are drawn by round and group, so that they repeat whoever takes the
//            group; only which copies are published by then depends on what others do.
// Operations changes, steps of reading, copies made or compared, documents written.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "workloads/factories.hpp"
#include "workloads/json_corpus.hpp"
#include "workloads/json_edit.hpp"
#include "workloads/json_objects.hpp"
#include "workloads/lockstep.hpp"
#include "workloads/support.hpp"
#include "workloads/text_index.hpp"

namespace threadmill {
namespace {

constexpr std::size_t kLeastDocuments = 64;
constexpr std::size_t kDocumentsPerThread = 8;
constexpr std::size_t kGroup = 4;
constexpr int kOperationsPerDocument = 8;
constexpr std::size_t kMadeDepth = 4;
constexpr std::size_t kPublished = 16;
constexpr std::size_t kLargestPublished = 16 * 1024;  // bytes of text
constexpr std::uint64_t kLongestWalk = 32;
constexpr std::size_t kMostReadAtOnce = 256;  // members

enum class Phase : std::uint64_t { kLoad, kEdit, kWrite };

struct Share {
  std::uint64_t changed = 0;  // documents, but for moves
  std::uint64_t moved = 0;
  std::uint64_t read = 0;
  std::uint64_t written = 0;    // documents compared
  std::uint64_t published = 0;  // copies compared
};

class JsonStore final : public Workload {
 public:
  void prepare(Runtime& /*runtime*/, const WorkloadSettings& settings) override {
    seed_ = settings.seed;
    shares_.resize(settings.threads);
    collect_sources(settings);
    bools_ = JsonBools::create();
    store_ = must(make<Dict>());
    published_ = must(make<Dict>());
    documents_.resize(sources_.size());
    for (std::size_t i = 0; i < documents_.size(); ++i) {
      documents_[i].name = must(make<Str>(fmt::format("document {}", i)));
    }
    order_.resize(documents_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    open(Phase::kLoad);
  }

  void run(Worker& worker) override {
    Lockstep::Leaving leaving(lockstep_);
    while (const std::optional<std::size_t> group = lockstep_.take(worker)) {
      leaving.in_piece = true;
      if (!work(worker, *group)) return;
      if (lockstep_.done()) begin_next_phase();
      leaving.in_piece = false;
    }
  }

  void check(CheckList& checks) override {
    if (shares_.size() != 0) {
      for (std::size_t i = 0; i < documents_.size(); ++i) compare(shares_[0], i);
    }
    const Share sum = total();
    written_.report(checks, "documents written back equal the model", sum.written);
    copies_.report(checks, "published copies equal their text", sum.published);
    reading_.report(checks, "what others change reads as JSON", sum.read);
  }

  void roots(std::vector<Object*>& handles) const override {
    for (const Document& document : documents_) handles.push_back(document.name.get());
    for (Object* object :
         {static_cast<Object*>(store_.get()), static_cast<Object*>(published_.get()),
          static_cast<Object*>(bools_.yes.get()),
          static_cast<Object*>(bools_.no.get())}) {
      if (object != nullptr) handles.push_back(object);
    }
  }

  void drop() override {
    documents_.clear();
    store_.reset();
    published_.reset();
    bools_ = {};
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    const Share sum = total();
    std::vector<Fact> facts{
        {"documents", std::to_string(sources_.size())},
        {"documents from files", std::to_string(from_files_)},
        {"rounds", std::to_string(rounds_)},
        {"copies verified", std::to_string(sum.published)},
        {"documents verified", std::to_string(sum.written)},
        {"documents changed", std::to_string(sum.changed)},
        {"parts moved between documents", std::to_string(sum.moved)},
        {"skipped", std::to_string(skipped_.size())},
    };
    for (const Skipped& entry : skipped_) {
      facts.push_back(
          {"skipped entry", fmt::format("{}: {}", escaped(entry.path), entry.reason)});
    }
    return facts;
  }

  void spoil_for_test() override {
    // a document that no model knows, in the place of one
    must(store_->set(documents_.front().name, documents_.front().name));
    documents_.front().is_loaded = true;
  }

 private:
  struct Document {
    Ref<Str> name;
    Json model;
    bool is_loaded = false;
  };

  // --- input ---

  void collect_sources(const WorkloadSettings& settings) {
    if (!settings.inputs.empty()) read_files(settings.inputs);
    Random random(mix_seed(seed_, 0));
    const std::size_t least = std::max(
        kLeastDocuments,
        settings.threads * share_of(kDocumentsPerThread, settings.threads, kGroup));
    for (std::size_t i = 0; i < least; ++i) {
      const Json made = random_document(random, 2 + random.below(kMadeDepth));
      std::string text = untidy_json_text(made, random);
      Json value = parse_json(text);
      sources_.push_back({std::move(text), std::move(value)});
    }
  }

  void read_files(const std::vector<std::string>& inputs) {
    JsonCorpus corpus = read_json_documents(inputs);
    sources_ = std::move(corpus.documents);
    skipped_ = std::move(corpus.skipped);
    from_files_ = sources_.size();
    if (from_files_ != 0) return;
    std::string reason = "no file named *.json is there";
    if (!skipped_.empty()) {
      reason = fmt::format("{}: {}", escaped(skipped_.front().path),
                           skipped_.front().reason);
    }
    throw InputError(fmt::format(
        "input '{}' has no JSON document ({}); name a file or folder that has one",
        escaped(inputs.front()), reason));
  }

  // --- rounds; by prepare() or by who is alone ---

  void open(Phase phase) {
    phase_ = phase;
    if (phase == Phase::kEdit) {
      Random random(mix_seed(seed_, rounds_ + 1));
      for (std::size_t i = order_.size(); i > 1; --i) {
        std::swap(order_[i - 1], order_[random.below(i)]);
      }
    }
    lockstep_.open((order_.size() + kGroup - 1) / kGroup);
  }

  void begin_next_phase() {
    switch (phase_) {
      case Phase::kLoad:
        return open(Phase::kEdit);
      case Phase::kEdit:
        return open(Phase::kWrite);
      case Phase::kWrite:
        ++rounds_;
        return open(Phase::kEdit);
    }
  }

  // --- pieces ---

  // False: time ran out in the middle of it.
  [[nodiscard]] bool work(Worker& worker, std::size_t group) {
    Share& share = shares_[worker.index()];
    Random random(mix_seed(mix_seed(seed_, rounds_ + 1), group));
    const std::size_t begin = group * kGroup;
    const std::size_t end = std::min(begin + kGroup, order_.size());
    const int times = phase_ == Phase::kEdit ? kOperationsPerDocument : 1;
    for (int time = 0; time < times; ++time) {
      for (std::size_t place = begin; place < end; ++place) {
        safepoint();
        if (worker.stop_requested()) return false;
        const std::size_t other = begin + random.below(end - begin);
        work_on(share, random, order_[place], order_[other]);
        worker.did();
      }
    }
    return true;
  }

  void work_on(Share& share, Random& random, std::size_t number, std::size_t other) {
    switch (phase_) {
      case Phase::kLoad:
        return replace(documents_[number], sources_[number]);
      case Phase::kEdit:
        return edit(share, random, documents_[number], documents_[other]);
      case Phase::kWrite:
        return compare(share, number);
    }
  }

  void edit(Share& share, Random& random, Document& document, Document& other) {
    read_any(share, random);
    switch (random.below(16)) {
      case 0:
        ++share.changed;
        return replace(document, sources_[random.below(sources_.size())]);
      case 1:
        return publish(document, random.below(kPublished));
      case 2:
        return take_published(share, document, random.below(kPublished));
      case 3:
      case 4:
        return compare_published(share, random.below(kPublished));
      case 5:
      case 6:
      case 7:
        return set(share, random, document);
      case 8:
      case 9:
      case 10:
        return add(share, random, document);
      default:
        if (&document != &other) move(share, random, document, other);
    }
  }

  void replace(Document& document, const JsonDocument& source) {
    put(document, json_objects_of(source.text, bools_));
    document.model = source.value;
    document.is_loaded = true;
  }

  void put(const Document& document, Ref<Object> root) {
    must(store_->set(document.name, std::move(root)));
  }

  [[nodiscard]] Ref<Object> root_of(const Document& document) const {
    Ref<Object> root = store_->get(document.name);
    if (!root) throw std::logic_error("a document is not in the store");
    return root;
  }

  // A new scalar in the place of any value but the root.
  void set(Share& share, Random& random, Document& document) {
    const JsonPlace place = any_place(document.model, random);
    if (place.path.empty()) return;
    Json value = random_json(random, 0);
    set_at(parent_of(root_of(document), place), place.path.back(),
           json_objects_of(json_text(value), bools_));
    *place.value = std::move(value);
    ++share.changed;
  }

  // A new value in any container, of which there may be none.
  void add(Share& share, Random& random, Document& document) {
    const JsonPlace place = any_container(document.model, random);
    if (place.value == nullptr) return;
    Json value = random_json(random, 2);
    if (place.path.size() + 1 + json_depth(value) > kDeepestJson) return;
    const std::string key = new_key(random);
    insert(at(root_of(document), place), key,
           json_objects_of(json_text(value), bools_));
    insert(*place.value, key, std::move(value));
    ++share.changed;
  }

  void move(Share& share, Random& random, Document& from, Document& to) {
    const JsonPlace source = any_place(from.model, random);
    const JsonPlace target = any_container(to.model, random);
    if (source.path.empty() || target.value == nullptr ||
        target.path.size() + 1 + json_depth(*source.value) > kDeepestJson) {
      return;
    }
    const std::string key = new_key(random);
    Ref<Object> part = take_out(parent_of(root_of(from), source), source.path.back());
    insert(at(root_of(to), target), key, std::move(part));
    insert(*target.value, key, take_out(*source.parent, source.path.back()));
    ++share.moved;
  }

  [[nodiscard]] static std::string new_key(Random& random) {
    return fmt::format("new {}", random.below(50));
  }

  // --- published copies: a tuple of a text and what it says, which nobody changes ---

  [[nodiscard]] static Ref<Object> published_key(std::size_t place) {
    return must(make<Int>(static_cast<std::int64_t>(place)));
  }

  void publish(const Document& document, std::size_t place) {
    const std::string text = text_of(document.model);
    if (text.size() > kLargestPublished) return;
    const Ref<Object> copy = copy_of(root_of(document));
    const std::array<Ref<Object>, 2> both = {must(make<Str>(text)), copy};
    must(published_->set(published_key(place),
                         must(make<Tuple>(std::span<const Ref<Object>>(both)))));
  }

  // Empty: nothing was published there yet.
  [[nodiscard]] std::pair<Ref<Str>, Ref<Object>> published(std::size_t place) const {
    const Ref<Tuple> both = cast<Tuple>(published_->get(published_key(place)));
    if (!both) return {};
    return {cast<Str>(both->at(0)), both->at(1)};
  }

  void take_published(Share& share, Document& document, std::size_t place) {
    const auto [text, root] = published(place);
    if (!text) return;
    put(document, copy_of(root));
    document.model = parse_json(text->view());
    ++share.changed;
  }

  void compare_published(Share& share, std::size_t place) {
    const auto [text, root] = published(place);
    if (!text) return;
    ++share.published;
    const std::string difference =
        describe_difference(text->view(), text_of(json_of(root)));
    if (!difference.empty()) copies_.add(difference);
  }

  // --- reading and writing ---

  // Down from the root of any document; others change what it goes through.
  void read_any(Share& share, Random& random) {
    Ref<Object> here = store_->get(documents_[random.below(documents_.size())].name);
    for (std::uint64_t step = 0; here && step < kLongestWalk; ++step) {
      ++share.read;
      Ref<Object> next;
      if (const Ref<Dict> dict = cast<Dict>(here)) {
        next = any_member(*dict, random);
      } else if (const Ref<List> list = cast<List>(here)) {
        next = list->get(random.below(list->size()));
      } else {
        read_scalar(here);
      }
      here = std::move(next);
    }
  }

  [[nodiscard]] static Ref<Object> any_member(const Dict& dict, Random& random) {
    if (dict.size() > kMostReadAtOnce) return nullptr;
    const Ref<List> items = must(dict.items());
    return items->get(random.below(items->size() / 2) * 2 + 1);
  }

  void read_scalar(const Ref<Object>& scalar) {
    try {
      static_cast<void>(json_of(scalar));
    } catch (const std::logic_error& error) {
      reading_.add(error.what());
    }
  }

  void compare(Share& share, std::size_t number) {
    const Document& document = documents_[number];
    if (!document.is_loaded) return;
    ++share.written;
    try {
      const std::string difference = describe_difference(
          text_of(document.model), text_of(json_of(root_of(document))));
      if (!difference.empty()) {
        written_.add(fmt::format("document {}: {}", number, difference));
      }
    } catch (const std::logic_error& error) {
      written_.add(fmt::format("document {}: {}", number, error.what()));
    }
  }

  [[nodiscard]] static std::string text_of(const Json& value) {
    const Detached no_objects_needed;
    return json_text(value);
  }

  [[nodiscard]] Share total() const {
    Share sum;
    shares_.for_each([&](const Share& share) {
      sum.changed += share.changed;
      sum.moved += share.moved;
      sum.read += share.read;
      sum.written += share.written;
      sum.published += share.published;
    });
    return sum;
  }

  // Written by prepare() only.
  std::uint64_t seed_ = 0;
  std::vector<JsonDocument> sources_;
  std::vector<Skipped> skipped_;
  std::size_t from_files_ = 0;
  JsonBools bools_;
  Ref<Dict> store_;      // name -> root
  Ref<Dict> published_;  // place -> copy

  PerWorker<Share> shares_;
  Violations written_;
  Violations copies_;
  Violations reading_;
  Lockstep lockstep_;

  // Written by who is alone; read within pieces.
  Phase phase_ = Phase::kLoad;
  std::vector<std::size_t> order_;  // of documents, for groups
  std::uint64_t rounds_ = 0;        // finished

  std::vector<Document> documents_;  // each written by who has its group
};

}  // namespace

std::unique_ptr<Workload> make_json_store() { return std::make_unique<JsonStore>(); }

bool json_store_reads(const std::vector<std::string>& inputs) {
  return has_json_document(inputs);
}

}  // namespace threadmill
