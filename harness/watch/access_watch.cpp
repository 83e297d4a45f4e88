// SPDX-License-Identifier: Apache-2.0
#include "harness/watch/access_watch.hpp"

#include <pthread.h>
#include <sched.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "harness/site_pairs.hpp"

namespace threadmill::watch {

namespace detail {

std::atomic<bool> on{false};

// What was done last to each of the last few words of those that share it. `taken` guards
// the rest.
struct alignas(128) Stripe {
  struct Last {
    const void* address = nullptr;
    const void* thread = nullptr;
    std::uint16_t place = 0;
    bool writes = false;
  };

  std::atomic<bool> taken{false};
  unsigned oldest = 0;
  std::array<Last, 4> words;
};

}  // namespace detail

namespace {

using detail::Stripe;

constexpr std::size_t kStripes = 4096;
constexpr std::size_t kPlaces = 2048;  // some 600 are in the sources
constexpr int kMostYields = 100'000;

// Every place's key has one of these, in its first free one from its hash on: its number.
// Keys stay for the life of the process.
std::array<std::atomic<std::uint64_t>, kPlaces> places{};

struct Memory {
  std::array<Stripe, kStripes> stripes;
  // [earlier * kPlaces + later]
  std::array<std::atomic<std::uint32_t>, kPlaces * kPlaces> times{};
};

// Stays once it was made: a thread may have seen `on` before end().
std::unique_ptr<Memory> memory;

std::uint64_t mixed(std::uint64_t value) noexcept {
  value *= 0x9e3779b97f4a7c15u;
  return value ^ value >> 32;
}

Stripe& stripe_of(const void* address) noexcept {
  return memory->stripes[mixed(reinterpret_cast<std::uintptr_t>(address)) % kStripes];
}

// An address of user space has 47 bits.
constexpr unsigned kLineBits = 16;

std::uint64_t key_of(const char* file, int line, bool writes) noexcept {
  return reinterpret_cast<std::uintptr_t>(file) << (kLineBits + 1) |
         static_cast<std::uint64_t>(line) << 1 | (writes ? 1u : 0u);
}

std::string name_of(std::uint64_t key) {
  const auto* file = reinterpret_cast<const char*>(key >> (kLineBits + 1));
  const auto line = static_cast<int>(key >> 1 & ((1u << kLineBits) - 1));
  return site_text(file, line, (key & 1) != 0);
}

// kPlaces: there is no room.
std::size_t place_of(std::uint64_t key) noexcept {
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const std::size_t place = (mixed(key) + i) % kPlaces;
    std::uint64_t found = places[place].load(std::memory_order_relaxed);
    if (found == 0) places[place].compare_exchange_strong(found, key);
    if (found == 0 || found == key) return place;
  }
  return kPlaces;
}

// One of its own for each thread that there is.
const void* this_thread() noexcept {
  static thread_local char self;
  return &self;
}

void stop_in_child() noexcept { detail::on = false; }

}  // namespace

// Whoever has the stripe may be asleep, or be this thread, in a handler of a signal that
// its access has raised.
Turn::Turn(const void* address) noexcept
    : address_(address), stripe_(&stripe_of(address)) {
  for (int yields = 0; stripe_->taken.exchange(true, std::memory_order_acquire);) {
    if (++yields > kMostYields) {
      stripe_ = nullptr;
      return;
    }
    ::sched_yield();
  }
}

Turn::~Turn() {
  if (stripe_ != nullptr) stripe_->taken.store(false, std::memory_order_release);
}

void Turn::note(const char* file, int line, bool writes) noexcept {
  const std::size_t place = place_of(key_of(file, line, writes));
  if (stripe_ == nullptr || place == kPlaces) return;
  const Stripe::Last now{address_, this_thread(), static_cast<std::uint16_t>(place),
                         writes};
  for (Stripe::Last& last : stripe_->words) {
    if (last.address != address_) continue;
    if (last.thread != now.thread && last.place != now.place &&
        (last.writes || writes)) {
      memory->times[last.place * kPlaces + place].fetch_add(1,
                                                            std::memory_order_relaxed);
    }
    last = now;
    return;
  }
  stripe_->words[stripe_->oldest++ % stripe_->words.size()] = now;
}

void begin() {
  if (memory == nullptr) {
    memory = std::make_unique<Memory>();
    ::pthread_atfork(nullptr, nullptr, stop_in_child);
  }
  for (Stripe& stripe : memory->stripes) stripe.words = {};
  for (auto& times : memory->times) times.store(0, std::memory_order_relaxed);
  detail::on = true;
}

void end() noexcept { detail::on = false; }

SitePairs seen() {
  SitePairs pairs;
  if (memory == nullptr) return pairs;
  for (std::size_t i = 0; i < kPlaces * kPlaces; ++i) {
    const std::uint32_t times = memory->times[i].load(std::memory_order_relaxed);
    if (times != 0)
      pairs.see(name_of(places[i / kPlaces]), name_of(places[i % kPlaces]), times);
  }
  return pairs;
}

}  // namespace threadmill::watch
