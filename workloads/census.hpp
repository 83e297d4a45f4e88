// SPDX-License-Identifier: Apache-2.0
//
// Census and Token: knowing exactly which objects were born and which have died.
//
// A Token is a user-defined object with a constructor and a destructor that tell the
// Census. The Census keeps no table of objects: births and deaths are counted, and so
// are the sums of a hash of each identity, so that one object that died twice cannot
// hide another one that never died.
//
// A Token carries a seal over its content. A reader that meets a freed, reused or torn
// Token finds the seal broken; a destructor that meets one counts it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/base/random.hpp"
#include "runtime/runtime.hpp"
#include "workloads/workload.hpp"

namespace threadmill {

class Token;

// An identity that no two workers can both choose.
[[nodiscard]] constexpr std::uint64_t identity(unsigned worker,
                                               std::uint64_t sequence) {
  return (std::uint64_t{worker} << 40) | sequence;
}

class Census {
 public:
  // The tokens known to be alive, each once.
  class Living {
   public:
    void add(const Token& token);
    void add(std::uint64_t id);  // for a model that has no token at hand
    [[nodiscard]] std::uint64_t count() const { return count_; }

   private:
    friend class Census;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
  };

  [[nodiscard]] std::uint64_t births() const;
  [[nodiscard]] std::uint64_t deaths() const;

  // Every token born has died exactly once, but for `living`, which have not. Only at
  // quiescence.
  void check(CheckList& checks, const Living& living) const;
  // The same in words; empty: all is right.
  [[nodiscard]] std::string mismatch(const Living& living) const;

 private:
  friend class Token;

  // Sharded by the worker in the identity: births, at least, are counted undisturbed.
  struct alignas(128) Shard {
    std::atomic<std::uint64_t> births{0};
    std::atomic<std::uint64_t> deaths{0};
    std::atomic<std::uint64_t> born_sum{0};
    std::atomic<std::uint64_t> dead_sum{0};
    std::atomic<std::uint64_t> unsound{0};  // destroyed twice, or with a broken seal
  };
  static constexpr std::size_t kShards = 64;

  [[nodiscard]] Shard& shard(std::uint64_t id) { return shards_[(id >> 40) % kShards]; }
  [[nodiscard]] std::uint64_t total(std::atomic<std::uint64_t> Shard::*field) const;

  std::array<Shard, kShards> shards_;
};

class Token : public Object {
 public:
  static constexpr const char* kTypeName = "token";

  Token(Census& census, std::uint64_t id, std::uint64_t key, std::uint64_t stamp)
      : census_(census), id_(id), key_(key), stamp_(stamp), seal_(expected_seal()) {
    Census::Shard& shard = census_.shard(id_);
    // relaxed, both: totals are read at quiescence only
    shard.births.fetch_add(1, std::memory_order_relaxed);
    shard.born_sum.fetch_add(hash(), std::memory_order_relaxed);
  }

  ~Token() {
    Census::Shard& shard = census_.shard(id_);
    // relaxed: a sound token is destroyed by one thread; whoever reads a dead one is
    // wrong in any order
    const std::uint64_t seal = seal_.exchange(kDead, std::memory_order_relaxed);
    if (seal != expected_seal()) shard.unsound.fetch_add(1, std::memory_order_relaxed);
    shard.dead_sum.fetch_add(hash(), std::memory_order_relaxed);
    shard.deaths.fetch_add(1, std::memory_order_relaxed);
  }

  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] std::uint64_t key() const { return key_; }
  [[nodiscard]] std::uint64_t stamp() const { return stamp_; }

  // Alive, and with the content it was born with.
  [[nodiscard]] bool sound() const {
    return seal_.load(std::memory_order_relaxed) ==
           expected_seal();  // relaxed: as above
  }

  [[nodiscard]] std::string describe() const;

 private:
  friend class Census::Living;
  static constexpr std::uint64_t kDead = 0xdeaddeaddeaddead;

  [[nodiscard]] static std::uint64_t hash_of(std::uint64_t id) {
    return mix_seed(id, 1);
  }
  [[nodiscard]] std::uint64_t hash() const { return hash_of(id_); }
  [[nodiscard]] std::uint64_t expected_seal() const {
    return mix_seed(id_ ^ (key_ << 1), stamp_);
  }

  Census& census_;
  const std::uint64_t id_;
  const std::uint64_t key_;
  const std::uint64_t stamp_;
  std::atomic<std::uint64_t> seal_;  // atomic, so that no compiler drops its last store
};

// A token that no workload's model knows of: how spoil_for_test() makes a census fail.
[[nodiscard]] Ref<Token> stray_token(Census& census);

inline void Census::Living::add(const Token& token) { add(token.id()); }

inline void Census::Living::add(std::uint64_t id) {
  ++count_;
  sum_ += Token::hash_of(id);
}

}  // namespace threadmill
