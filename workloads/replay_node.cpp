// SPDX-License-Identifier: Apache-2.0
#include "workloads/replay_node.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

#include "workloads/support.hpp"

namespace threadmill {
namespace {

// The same with a load behind it, so that the whole has `kBytes`.
template <std::size_t kBytes>
class LoadedNode : public ReplayNode {
 public:
  LoadedNode(Census& census,
             std::uint64_t id,
             std::uint64_t number,
             std::uint64_t round,
             Form form)
      : ReplayNode(census, id, number, round, form) {
    load_.fill(std::byte{0x5a});
  }

 private:
  std::array<std::byte, kBytes - sizeof(ReplayNode)> load_;
};

static_assert(sizeof(ReplayNode) <= 96);
static_assert(sizeof(LoadedNode<128>) == 128);

using Maker = Ref<ReplayNode> (*)(
    Census&, std::uint64_t, std::uint64_t, std::uint64_t, ReplayNode::Form);

template <class Node>
[[nodiscard]] Ref<ReplayNode> make_node(Census& census,
                                        std::uint64_t id,
                                        std::uint64_t number,
                                        std::uint64_t round,
                                        ReplayNode::Form form) {
  return must(make<Node>(census, id, number, round, form));
}

struct SizedMaker {
  std::size_t bytes;
  Maker maker;
};

constexpr SizedMaker kMakers[] = {
    {96, make_node<ReplayNode>},       {128, make_node<LoadedNode<128>>},
    {192, make_node<LoadedNode<192>>}, {256, make_node<LoadedNode<256>>},
    {384, make_node<LoadedNode<384>>}, {512, make_node<LoadedNode<512>>},
    {768, make_node<LoadedNode<768>>}, {1024, make_node<LoadedNode<1024>>},
};

[[nodiscard]] Ref<Object> boxed(std::size_t place) {
  return must(make<Int>(static_cast<std::int64_t>(place)));
}

// What is put there has that type. If it has not, it is not worth going on.
template <class T>
[[nodiscard]] Ref<T> expect(Ref<Object> object) {
  Ref<T> typed = cast<T>(std::move(object));
  if (!typed)
    throw std::logic_error("a node's edges were in an object of another type");
  return typed;
}

}  // namespace

ReplayNode::Form ReplayNode::form_of(std::string_view python_type) {
  if (python_type == "tuple" || python_type == "frozenset") return Form::kTuple;
  if (python_type.ends_with("dict") || python_type.ends_with("Dict"))
    return Form::kDict;
  return Form::kList;
}

Ref<ReplayNode> ReplayNode::make_of_size(std::size_t bytes,
                                         Census& census,
                                         std::uint64_t id,
                                         std::uint64_t number,
                                         std::uint64_t round,
                                         Form form) {
  for (const SizedMaker& entry : kMakers) {
    if (bytes <= entry.bytes) return entry.maker(census, id, number, round, form);
  }
  return std::end(kMakers)[-1].maker(census, id, number, round, form);
}

Ref<ReplayNode> ReplayNode::edge(std::size_t place) const {
  Ref<Object> found = object_at(place);
  if (!found) return nullptr;
  if (type_of(*found).name != kTypeName) {
    throw std::logic_error("an edge led to an object of another type");
  }
  return Ref<ReplayNode>::adopt(static_cast<ReplayNode*>(found.release()));
}

Ref<Object> ReplayNode::object_at(std::size_t place) const {
  if (place < kFirst) return first_[place].load();
  place -= kFirst;
  Ref<Object> rest = rest_.load();
  if (!rest) return nullptr;
  switch (form_) {
    case Form::kList:
      return expect<List>(std::move(rest))->get(place);
    case Form::kDict:
      return expect<Dict>(std::move(rest))->get(boxed(place));
    case Form::kTuple:
      return expect<Tuple>(std::move(rest))->at(place);
  }
  return nullptr;
}

void ReplayNode::assign(std::span<const Ref<Object>> targets) {
  for (std::size_t i = 0; i < kFirst; ++i) {
    first_[i].store(i < targets.size() ? targets[i] : nullptr);
  }
  if (targets.size() > kFirst) {
    put_rest(targets.subspan(kFirst));
  } else {
    rest_.store(nullptr);
  }
  set_degree(targets.size());
}

void ReplayNode::put_rest(std::span<const Ref<Object>> targets) {
  switch (form_) {
    case Form::kList: {
      const Ref<List> list = must(make<List>());
      must(list->assign(targets));
      rest_.store(list);
      return;
    }
    case Form::kDict: {
      const Ref<Dict> dict = must(make<Dict>());
      for (std::size_t i = 0; i < targets.size(); ++i) {
        must(dict->set(boxed(i), targets[i]));
      }
      rest_.store(dict);
      return;
    }
    case Form::kTuple:
      rest_.store(must(make<Tuple>(targets)));
  }
}

void ReplayNode::append(Ref<Object> target) {
  const std::size_t place = degree();
  if (place < kFirst) {
    first_[place].store(std::move(target));
  } else {
    set_rest(place - kFirst, std::move(target));
  }
  set_degree(place + 1);
}

void ReplayNode::replace(std::size_t place, Ref<Object> target) {
  if (place < kFirst) {
    first_[place].store(std::move(target));
  } else {
    set_rest(place - kFirst, std::move(target));
  }
}

void ReplayNode::remove(std::size_t place) {
  const std::size_t last = degree() - 1;
  if (place != last) replace(place, object_at(last));
  drop_last();
  set_degree(last);
}

void ReplayNode::set_rest(std::size_t place, Ref<Object> target) {
  Ref<Object> rest = rest_.load();
  if (!rest) {
    const std::array<Ref<Object>, 1> only = {std::move(target)};
    return put_rest(only);
  }
  switch (form_) {
    case Form::kList: {
      const Ref<List> list = expect<List>(std::move(rest));
      if (place < list->size()) {
        must(list->set(place, std::move(target)));
      } else {
        must(list->append(std::move(target)));
      }
      return;
    }
    case Form::kDict:
      must(expect<Dict>(std::move(rest))->set(boxed(place), std::move(target)));
      return;
    case Form::kTuple:
      set_tuple(std::max(place + 1, degree() - kFirst), place, target);
  }
}

// A tuple never changes: a new one takes its place.
void ReplayNode::set_tuple(std::size_t size,
                           std::size_t place,
                           const Ref<Object>& target) {
  std::vector<Ref<Object>> targets(size);
  for (std::size_t i = 0; i < size; ++i) {
    targets[i] = i == place ? target : object_at(kFirst + i);
  }
  put_rest(targets);
}

void ReplayNode::drop_last() {
  std::size_t last = degree() - 1;
  if (last < kFirst) return first_[last].store(nullptr);
  last -= kFirst;
  if (last == 0) return rest_.store(nullptr);
  switch (form_) {
    case Form::kList:
      expect<List>(rest_.load())->pop().reset();
      return;
    case Form::kDict:
      expect<Dict>(rest_.load())->erase(boxed(last));
      return;
    case Form::kTuple:
      set_tuple(last, last, nullptr);
  }
}

}  // namespace threadmill
