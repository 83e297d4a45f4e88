// SPDX-License-Identifier: Apache-2.0
//
// heap-replay: the heap of a real program, rebuilt, changed, cut into pieces and collected
// by many threads.
//
// Imitates   a live Python process: its types, sizes, degrees and cycles.
// Input      the heap dumps of --input (files, or folders with some in them), or else the
//            one that is part of the project. See heap_dump.hpp.
// Rounds     all threads together, phase by phase, and within a phase piece by piece:
//              create   an object for every object of the dump; a handle holds each
//              link     its references
//              mutate   references added, removed and turned, to any object; walks
//              release  walks, and references to what they end at; references removed,
//                       in some rounds few, in others most; handles let go of, but for
//                       some of the dump's roots
//              clear    the rest of the handles let go of
//            Threads collect from time to time. The first rounds take a connected part of
//            the heap, each four times as large as the one before, up to the whole; with
//            sanitizers, up to 8,192 objects, and of the dump that is part of the project
//            with more than 8 threads up to 16,384. A small heap is rebuilt several times
//            side by side.
// Model      who changes an object's references, or lets go of its handle, changes the
//            plain model at once. So whenever nobody is within a piece, the model says
//            exactly what is alive, in the middle of a round as well as at its end.
// Checks     after release, and at the very end, once a collection is over: what has not
//            died is what a breadth-first search over the model reaches, object by object;
//            and what is reached has the content and the references that the model says.
// Choices    are drawn by round, phase and piece, so that they repeat whoever takes the
//            piece; only where a walk ends depends on what others do.
// Operations objects created, references stored or removed, steps walked, handles let go.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/build_info.hpp"
#include "workloads/corpus.hpp"
#include "workloads/factories.hpp"
#include "workloads/heap_dump.hpp"
#include "workloads/heap_model.hpp"
#include "workloads/lockstep.hpp"
#include "workloads/replay_node.hpp"
#include "workloads/support.hpp"

namespace threadmill {
namespace {

using Form = ReplayNode::Form;
using Number = HeapGraph::Number;

constexpr const char* kShippedDump = "workloads/data/standard_library.heap";
constexpr std::size_t kFirstRound = 16 * 1024;  // objects
constexpr std::size_t kFirstRoundSanitized = 2 * 1024;
constexpr std::size_t kLargestRoundSanitized = 8 * 1024;
constexpr std::size_t kLeastNodesPerThread = 64;
constexpr std::size_t kMostNodesPerPiece = 256;
constexpr std::size_t kCollectionsPerPhase = 2;
constexpr int kMostCollectors = 2;
constexpr std::uint64_t kLongestWalk = 16;
constexpr std::size_t kEdgesPerPoll = 128;

constexpr double kCuts[] = {0.02, 0.2, 0.5, 0.8};  // of the references, by round
constexpr double kKept[] = {0.1, 0.5, 1.0};        // of the roots

enum class Phase : std::uint64_t { kCreate, kLink, kMutate, kRelease, kClear };

struct Share {
  std::uint64_t made = 0;
  std::uint64_t changed = 0;  // references
  std::uint64_t walked = 0;
  std::uint64_t collections = 0;
};

class HeapReplay final : public Workload {
 public:
  void prepare(Runtime& runtime, const WorkloadSettings& settings) override {
    runtime_ = &runtime;
    seed_ = settings.seed;
    shares_.resize(settings.threads);
    read_dumps(settings.inputs);
    begin_round();
  }

  void run(Worker& worker) override {
    Lockstep::Leaving leaving(lockstep_);
    while (const std::optional<std::size_t> piece = lockstep_.take(worker)) {
      leaving.in_piece = true;
      if (!work(worker, *piece)) return;
      if (lockstep_.done()) begin_next_phase(worker);
      leaving.in_piece = false;
    }
  }

  void check(CheckList& checks) override {
    static_cast<void>(judge([] { return false; }));
    live_set_.report(checks, "what lives is what can be reached", judged_);
    content_.report(checks, "what lives is what the model says", compared_);
  }

  void roots(std::vector<Object*>& handles) const override {
    for (const Ref<ReplayNode>& handle : handles_) {
      if (handle) handles.push_back(handle.get());
    }
    if (spoiler_) handles.push_back(spoiler_.get());
  }

  void drop() override {
    handles_.clear();
    spoiler_.reset();
    // what is left is garbage now, and nothing of a workload may be left alive
    if (runtime_ != nullptr) static_cast<void>(runtime_->gc().collect());
  }

  [[nodiscard]] std::vector<Fact> facts() const override {
    Share sum;
    shares_.for_each([&](const Share& share) {
      sum.made += share.made;
      sum.changed += share.changed;
      sum.walked += share.walked;
      sum.collections += share.collections;
    });
    std::vector<Fact> facts{
        {"rounds", std::to_string(rounds_)},
        {"objects of the largest round", std::to_string(largest_round_)},
        {"objects rebuilt", std::to_string(sum.made)},
        {"objects alive after a round",
         rounds_ == 0 ? "-" : fmt::format("{} to {}", fewest_alive_, most_alive_)},
        {"references changed", std::to_string(sum.changed)},
        {"steps walked", std::to_string(sum.walked)},
        {"collections", std::to_string(sum.collections)},
    };
    for (const Dump& dump : dumps_) {
      facts.push_back(
          {"dump",
           fmt::format("{}: {} objects, {} references, {} types, {} roots",
                       escaped(dump.path), dump.graph.objects(), dump.graph.edges(),
                       dump.graph.types(), dump.graph.roots().size())});
    }
    for (const std::string& path : not_dumps_) {
      facts.push_back({"no heap dump", escaped(path)});
    }
    return facts;
  }

  void spoil_for_test() override { spoiler_ = stray_token(census_); }

 private:
  struct Dump {
    std::string path;
    HeapGraph graph;
    std::vector<Form> forms;  // of each type
  };

  // --- input ---

  void read_dumps(std::vector<std::string> inputs) {
    is_shipped_ = inputs.empty();
    if (is_shipped_) inputs.push_back(shipped_dump());
    for (const std::string& path : heap_dumps_in(inputs, not_dumps_)) {
      Dump dump{path, read_heap_dump(path), {}};
      if (dump.graph.objects() == 0) {
        throw InputError(fmt::format(
            "heap dump '{}': it has no objects; give one that has", escaped(path)));
      }
      for (std::uint32_t type = 0; type < dump.graph.types(); ++type) {
        dump.forms.push_back(ReplayNode::form_of(dump.graph.type_name(type)));
      }
      dumps_.push_back(std::move(dump));
    }
    if (!dumps_.empty()) return;
    // the first one's own reason
    std::error_code error;
    if (std::filesystem::is_directory(inputs.front(), error)) {
      throw InputError(fmt::format(
          "folder '{}' has no heap dump; make one with workloads/data/dump_heap.py",
          escaped(inputs.front())));
    }
    static_cast<void>(read_heap_dump(inputs.front()));
  }

  [[nodiscard]] static std::string shipped_dump() {
    std::string path = find_own_file(kShippedDump);
    if (path.empty()) {
      throw InputError(
          fmt::format("no input: {} was not found; name a heap dump with "
                      "--input",
                      kShippedDump));
    }
    return path;
  }

  // --- rounds; by prepare() or by who is alone ---

  void begin_round() {
    dump_ = &dumps_[rounds_ % dumps_.size()];
    Random random(mix_seed(seed_, rounds_));
    const std::size_t size = round_size();
    if (size == dump_->graph.objects()) {
      part_.emplace(dump_->graph);
    } else {
      part_.emplace(dump_->graph, size, random);
    }
    const std::size_t least = kLeastNodesPerThread * shares_.size();
    if (part_->objects() < least) part_->repeat(least / part_->objects() + 1);
    cut_ = kCuts[random.below(std::size(kCuts))];
    kept_ = kKept[random.below(std::size(kKept))];
    model_.reset(part_->nodes());
    handles_.resize(part_->nodes());
    nodes_per_piece_ = std::clamp<std::size_t>(part_->nodes() / (4 * shares_.size()), 1,
                                               kMostNodesPerPiece);
    largest_round_ = std::max(largest_round_, part_->nodes());
    open(Phase::kCreate);
  }

  [[nodiscard]] std::size_t round_size() const {
    const std::size_t whole = dump_->graph.objects();
    std::size_t largest = whole;
    if (is_shipped_ && shares_.size() > kFullShares)
      largest = std::min(largest, kFirstRound);
    if (is_sanitized()) largest = std::min(largest, kLargestRoundSanitized);
    std::size_t size = is_sanitized() ? kFirstRoundSanitized : kFirstRound;
    for (std::size_t i = dumps_.size(); i <= rounds_ && size < largest;
         i += dumps_.size()) {
      size *= 4;
    }
    return std::min(size, largest);
  }

  void open(Phase phase) {
    phase_ = phase;
    lockstep_.open((part_->nodes() + nodes_per_piece_ - 1) / nodes_per_piece_);
  }

  void begin_next_phase(Worker& worker) {
    switch (phase_) {
      case Phase::kCreate:
        return open(Phase::kLink);
      case Phase::kLink:
        return open(Phase::kMutate);
      case Phase::kMutate:
        return open(Phase::kRelease);
      case Phase::kRelease:
        if (const std::optional<std::uint64_t> alive = judge([&] {
              safepoint();
              return worker.stop_requested();
            })) {
          fewest_alive_ = std::min(fewest_alive_, *alive);
          most_alive_ = std::max(most_alive_, *alive);
        }
        return open(Phase::kClear);
      case Phase::kClear:
        ++rounds_;
        return begin_round();
    }
  }

  // --- pieces ---

  // False: time ran out in the middle of it.
  [[nodiscard]] bool work(Worker& worker, std::size_t piece) {
    Share& share = shares_[worker.index()];
    Random random(mix_seed(
        mix_seed(mix_seed(seed_, rounds_), static_cast<std::uint64_t>(phase_)), piece));
    const std::size_t begin = piece * nodes_per_piece_;
    const std::size_t end = std::min(begin + nodes_per_piece_, part_->nodes());
    for (std::size_t node = begin; node < end; ++node) {
      safepoint();
      if (worker.stop_requested()) return false;
      worker.did(work_on(share, worker.index(), random, node));
    }
    const std::size_t pieces =
        (part_->nodes() + nodes_per_piece_ - 1) / nodes_per_piece_;
    if (random.below(pieces) < kCollectionsPerPhase) collect_unless_crowded(share);
    return true;
  }

  // How many operations it was.
  [[nodiscard]] std::uint64_t work_on(Share& share,
                                      unsigned worker,
                                      Random& random,
                                      std::size_t node) {
    switch (phase_) {
      case Phase::kCreate:
        create(share, worker, node);
        return 1;
      case Phase::kLink:
        return link(node) + 1;
      case Phase::kMutate:
        return mutate(share, random, node) + 1;
      case Phase::kRelease:
        return release(share, random, node) + 1;
      case Phase::kClear:
        let_go(node);
        return 1;
    }
    return 0;
  }

  void create(Share& share, unsigned worker, std::size_t node) {
    const Number object = part_->object(node);
    const std::uint64_t id = identity(worker, share.made);
    handles_[node] =
        ReplayNode::make_of_size(dump_->graph.size_of(object), census_, id, node,
                                 rounds_, dump_->forms[dump_->graph.type_of(object)]);
    ++share.made;
    model_[node].identity = id;
    model_[node].born = true;
    model_[node].held = true;
  }

  [[nodiscard]] std::uint64_t link(std::size_t node) {
    std::vector<Number> targets;
    part_->targets(node, targets);
    std::vector<Ref<Object>> references;
    references.reserve(targets.size());
    for (const Number target : targets) {
      if (references.size() % kEdgesPerPoll == 0) safepoint();
      references.emplace_back(handles_[target]);
    }
    handles_[node]->assign(references);
    model_[node].edges = std::move(targets);
    return model_[node].edges.size();
  }

  [[nodiscard]] std::uint64_t mutate(Share& share, Random& random, std::size_t node) {
    std::uint64_t steps = 0;
    if (random.below(2) == 0) {
      for (std::uint64_t changes = 1 + random.below(3); changes != 0; --changes) {
        const std::size_t target = random.below(part_->nodes());
        steps += change(random, node, handles_[target], 2);
      }
    }
    const std::uint64_t changed = steps;
    if (random.below(8) == 0) {
      static_cast<void>(walk(random, *handles_[node], kLongestWalk, steps));
    }
    share.changed += changed;
    share.walked += steps - changed;
    return steps;
  }

  [[nodiscard]] std::uint64_t release(Share& share, Random& random, std::size_t node) {
    std::uint64_t changed = 0;
    std::uint64_t walked = 0;
    if (random.below(4) == 0) {
      const Ref<ReplayNode> end =
          walk(random, *handles_[node], 1 + random.below(kLongestWalk), walked);
      changed += change(random, node, end, 3);
    }
    if (handles_[node]->is_easily_changed()) changed += cut(random, node);
    if (!part_->is_root(node) || random.unit() >= kept_) let_go(node);
    share.changed += changed;
    share.walked += walked;
    return changed + walked;
  }

  void let_go(std::size_t node) {
    model_[node].held = false;
    handles_[node].reset();
  }

  // Adds a reference to `target`, or turns one to it, or (1 in `removals`) removes one.
  [[nodiscard]] std::uint64_t change(Random& random,
                                     std::size_t node,
                                     const Ref<ReplayNode>& target,
                                     std::uint64_t removals) {
    ReplayNode& changed = *handles_[node];
    if (!changed.is_easily_changed()) return 0;
    std::vector<Number>& edges = model_[node].edges;
    const auto number = static_cast<Number>(target->key());
    if (edges.empty() || random.below(3) == 0) {
      changed.append(target);
      edges.push_back(number);
    } else if (random.below(removals) == 0) {
      remove(node, random.below(edges.size()));
    } else {
      const std::size_t place = random.below(edges.size());
      changed.replace(place, target);
      edges[place] = number;
    }
    return 1;
  }

  void remove(std::size_t node, std::size_t place) {
    std::vector<Number>& edges = model_[node].edges;
    handles_[node]->remove(place);
    edges[place] = edges.back();
    edges.pop_back();
  }

  [[nodiscard]] std::uint64_t cut(Random& random, std::size_t node) {
    std::uint64_t removed = 0;
    for (std::size_t place = model_[node].edges.size(); place-- > 0;) {
      if (random.unit() >= cut_) continue;
      remove(node, place);
      if (++removed % kEdgesPerPoll == 0) safepoint();
    }
    return removed;
  }

  // Where it ends. Others change what it walks along; what it meets is alive and whole.
  [[nodiscard]] Ref<ReplayNode> walk(Random& random,
                                     ReplayNode& start,
                                     std::uint64_t steps,
                                     std::uint64_t& walked) {
    Ref<ReplayNode> here = Ref<ReplayNode>::share(&start);
    for (; steps != 0; --steps) {
      Ref<ReplayNode> next = here->edge(random.below(here->degree()));
      if (!next) break;
      ++walked;
      if (!next->sound() || next->stamp() != rounds_) {
        content_.add(
            fmt::format("a walk in round {} met {}", rounds_, next->describe()));
        break;
      }
      here = std::move(next);
    }
    return here;
  }

  void collect_unless_crowded(Share& share) {
    // relaxed, both: it only keeps the line short
    if (collectors_.fetch_add(1, std::memory_order_relaxed) < kMostCollectors) {
      static_cast<void>(runtime_->gc().collect());
      ++share.collections;
    }
    collectors_.fetch_sub(1, std::memory_order_relaxed);
  }

  // --- the verdict; nobody is within a piece ---

  // How many objects are alive. Gives up, without a verdict, once `stopped()`.
  template <class Stopped>
  std::optional<std::uint64_t> judge(Stopped&& stopped) {
    // Deaths that were handed to their objects' owners are over after this; those that
    // refer to cycles would keep them alive in a collection.
    static_cast<void>(runtime_->live_objects());
    if (!runtime_->gc().collect().completed) throw OutOfMemory();
    const std::vector<unsigned char> reachable = model_.reachable();
    Census::Living living;
    for (std::size_t node = 0; node < reachable.size(); ++node) {
      if (reachable[node] != 0) living.add(model_[node].identity);
    }
    if (stopped()) return std::nullopt;
    if (const std::string wrong = census_.mismatch(living); !wrong.empty()) {
      live_set_.add(fmt::format("round {}: {}", rounds_, wrong));
    }
    judged_ += model_.born();
    compare(reachable, stopped);
    return living.count();
  }

  // Goes through the objects from the handles on. No references are kept: nobody lets go
  // of anything meanwhile.
  template <class Stopped>
  void compare(const std::vector<unsigned char>& reachable, Stopped&& stopped) {
    std::vector<unsigned char> seen(reachable.size(), 0);
    std::vector<const ReplayNode*> waiting;
    const auto meet = [&](const ReplayNode& node) {
      const std::uint64_t number = node.key();
      if (!node.sound() || node.stamp() != rounds_ || number >= reachable.size() ||
          reachable[number] == 0) {
        content_.add(
            fmt::format("round {}: {} can be reached", rounds_, node.describe()));
      } else if (seen[number]++ == 0) {
        waiting.push_back(&node);
      }
    };
    for (const Ref<ReplayNode>& handle : handles_) {
      if (handle) meet(*handle);
    }
    for (std::size_t next = 0; next < waiting.size(); ++next) {
      if (next % kEdgesPerPoll == 0 && stopped()) return;
      compare_edges(*waiting[next], meet);
    }
  }

  template <class Meet>
  void compare_edges(const ReplayNode& node, Meet&& meet) {
    const std::vector<Number>& edges = model_[node.key()].edges;
    ++compared_;
    if (node.degree() != edges.size()) {
      content_.add(fmt::format("round {}: {} has {} references, but should have {}",
                               rounds_, node.describe(), node.degree(), edges.size()));
      return;
    }
    for (std::size_t place = 0; place < edges.size(); ++place) {
      ++compared_;
      const Ref<ReplayNode> target = node.edge(place);
      if (!target || target->key() != edges[place]) {
        content_.add(fmt::format(
            "round {}: reference {} of {} leads to {}, not to {}", rounds_, place,
            node.describe(), target ? target->describe() : "nothing", edges[place]));
      } else {
        meet(*target);
      }
    }
  }

  // Written by prepare() only.
  Runtime* runtime_ = nullptr;
  std::uint64_t seed_ = 0;
  bool is_shipped_ = true;  // the dump is the one that is part of the project
  std::vector<Dump> dumps_;
  std::vector<std::string> not_dumps_;

  Census census_;
  PerWorker<Share> shares_;
  std::atomic<int> collectors_{0};  // workers that collect or are about to
  Violations live_set_;
  Violations content_;
  Lockstep lockstep_;

  // Written by who is alone; read within pieces.
  const Dump* dump_ = nullptr;
  std::optional<HeapPart> part_;
  Phase phase_ = Phase::kCreate;
  std::size_t nodes_per_piece_ = 1;
  double cut_ = 0;
  double kept_ = 0;
  std::uint64_t rounds_ = 0;  // finished

  // Each node's entry is written by who has its piece; read by others only in phases in
  // which nobody writes it.
  HeapModel model_;
  std::vector<Ref<ReplayNode>> handles_;

  // Written by who is alone.
  std::uint64_t judged_ = 0;
  std::uint64_t compared_ = 0;
  std::size_t largest_round_ = 0;
  std::uint64_t fewest_alive_ = ~std::uint64_t{0};
  std::uint64_t most_alive_ = 0;
  Ref<Token> spoiler_;
};

}  // namespace

std::unique_ptr<Workload> make_heap_replay() { return std::make_unique<HeapReplay>(); }

bool heap_replay_reads(const std::vector<std::string>& inputs) {
  std::vector<std::string> others;
  return !heap_dumps_in(inputs, others).empty();
}

}  // namespace threadmill
