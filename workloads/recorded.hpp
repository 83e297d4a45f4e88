// SPDX-License-Identifier: Apache-2.0
//
// Recorded: a container whose operations are recorded, and how one of them is drawn, done
// and written down. One for each kind of container; RecordedTeam
// does the rest.
//
// Windows are of several modes, each with operations that are documented as atomic with
// respect to each other: a dict's size(), for one, is not with respect to its get().
// Recorded are all operations of a container; a DictCursor's steps are not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/base/random.hpp"
#include "runtime/runtime.hpp"
#include "workloads/dict_keys.hpp"
#include "workloads/linearizability/history.hpp"

namespace threadmill {

// What stands for an object that nobody has put into the container.
inline constexpr Value kForeign = -1;

// Values to put in, no two alike between two renewals of a container. The first few are
// objects that live on and are used again, which readers take references to without a
// lock; the others are new, and die when they are taken out.
class ValueSupply {
 public:
  // `number` differs from that of every other supply of the same container.
  void prepare(unsigned number);
  // The container is renewed, and holds none any more.
  void renew() { used_ = 0; }
  [[nodiscard]] Ref<Object> next(Random& random);
  // Equal to one of the last that it has given.
  [[nodiscard]] Ref<Object> equal_to_a_recent(Random& random) const;
  // One of those that are used again, and perhaps in use.
  [[nodiscard]] const Ref<Object>& kept(Random& random) const {
    return kept_[random.below(kKept)];
  }
  void roots(std::vector<Object*>& handles) const;
  void drop() { kept_.clear(); }

 private:
  static constexpr std::size_t kKept = 5;
  static constexpr std::size_t kRecent = 4;

  std::vector<Ref<Object>> kept_;
  std::array<Value, kRecent> recent_{};
  std::size_t given_ = 0;
  std::size_t used_ = 0;
  unsigned number_ = 0;
  Value made_ = 0;
};

[[nodiscard]] Value number_of_value(const Ref<Object>& value);

// One operation of a worker: everything it needs is there before it is invoked, and what
// it answers is looked at later, so that little else is done in a window.
struct Step {
  Invocation operation;
  Ref<Object> key;
  bool by_text = false;  // the key is a Str, and is asked for by its text
  Ref<Object> value;
  std::vector<Ref<Object>> values;
  Ref<Object> other;  // a container of the same kind

  Ref<Object> found;
  Ref<List> row;
  Dict::Item item;
  std::uint64_t number = 0;  // a size, or a flag

  void let_go();
};

class Recorded {
 public:
  Recorded() = default;
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;
  virtual ~Recorded() = default;

  [[nodiscard]] virtual Subject subject() const = 0;
  [[nodiscard]] virtual unsigned modes() const = 0;
  [[nodiscard]] virtual bool is_by_key(unsigned mode) const = 0;

  virtual void prepare() = 0;
  // A content that is known, nothing or little. Alone, as the next ones.
  virtual void renew(ValueSupply& supply, Random& random) = 0;
  [[nodiscard]] virtual Values content() const = 0;
  // Something that no operation has put there.
  virtual void spoil() = 0;
  virtual void roots(std::vector<Object*>& handles) const = 0;
  virtual void drop() = 0;

  // Any member, at any time; fills in the call and what it needs.
  virtual void draw(Step& step, unsigned mode, ValueSupply& supply, Random& random) = 0;
  // Within a window.
  virtual void perform(Step& step) = 0;
  [[nodiscard]] virtual Values answer_of(const Step& step) const = 0;
};

// How often a call is drawn in a mode.
struct CallShare {
  Call call;
  unsigned share;
};
[[nodiscard]] Call draw_call(std::span<const CallShare> shares, Random& random);

// The keys of dicts and items of sets: few, so that operations meet.
class FewKeys {
 public:
  void prepare() { keys_.make_keys(kKeys); }
  // A key for the step: the shared object, an equal one, or its text.
  void draw(Step& step, Random& random) const;
  [[nodiscard]] std::size_t draw_number(Random& random) const {
    return random.below(kKeys);
  }
  [[nodiscard]] const Ref<Object>& key(std::size_t number) const {
    return keys_.key(number);
  }
  [[nodiscard]] Value number_of(const Ref<Object>& key) const;
  void roots(std::vector<Object*>& handles) const { keys_.roots(handles); }
  void drop() { keys_.drop(); }

 private:
  static constexpr std::size_t kKeys = 3;

  DictKeys keys_;
};

[[nodiscard]] std::unique_ptr<Recorded> make_recorded_list();
[[nodiscard]] std::unique_ptr<Recorded> make_recorded_dict();
[[nodiscard]] std::unique_ptr<Recorded> make_recorded_set();

}  // namespace threadmill
