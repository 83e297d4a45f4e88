// SPDX-License-Identifier: Apache-2.0
//
// Locks and sleeping, without a runtime: exclusion, and no wake-up is lost, which would
// be a deadlock (catalogue group G). In the scenarios named `-spurious` one sleeper wakes
// without cause, or one weak compare-and-swap fails.
#include <new>

#include "harness/explore/scenarios/families.hpp"
#include "runtime/memory/buffer.hpp"
#include "runtime/sync/event.hpp"
#include "runtime/sync/mutex.hpp"
#include "runtime/sync/once.hpp"
#include "runtime/sync/parking_lot.hpp"
#include "runtime/sync/plain.hpp"
#include "runtime/sync/recursive_mutex.hpp"
#include "runtime/sync/rw_lock.hpp"
#include "runtime/sync/seq_lock.hpp"
#include "runtime/sync/ticket_lock.hpp"
#include "runtime/sync/word_lock.hpp"
#include "runtime/thread/global_lock.hpp"

namespace threadmill::explore {
namespace {

// Each of kThreads takes the lock kRounds times, and counts.
template <class Lock, unsigned kThreads, unsigned kRounds>
class Exclusion : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const final { return kThreads; }

 private:
  void run(unsigned) final {
    for (unsigned round = 0; round < kRounds; ++round) {
      lock_.lock();
      ++counter_;
      lock_.unlock();
    }
  }
  void check() final { expect(counter_ == kThreads * kRounds, "an increment is lost"); }

  Lock lock_;
  Plain<unsigned> counter_;
};

// try_lock against lock: exactly as many increments as successes.
class TryLock final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return 2; }

 private:
  void run(unsigned thread) override {
    if (thread == 0) {
      mutex_.lock();
    } else if (!mutex_.try_lock()) {
      return;
    }
    ++counter_;
    ++successes_[thread];
    mutex_.unlock();
  }
  void check() override {
    expect(successes_[0] == 1, "lock() returned without the mutex");
    expect(counter_ == successes_[0] + successes_[1], "an increment is lost");
    expect(!mutex_.is_locked(), "the mutex is still held");
  }

  Mutex mutex_;
  Plain<unsigned> counter_;
  unsigned successes_[2] = {};
};

// The sleeper sleeps only while the word is 0; the waker changes it under the bucket's
// lock, as P1 (parking_lot.hpp) asks. So the sleeper slept if and only if it was woken.
class ParkAgainstUnpark final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return 2; }

 private:
  void run(unsigned thread) override {
    if (thread == 0) {
      slept_ = park(word_, std::uint8_t{0}) == ParkResult::woken;
      if (slept_) expect(data_ == 1, "woken before the waker was ready");
      return;
    }
    data_ = 1;
    unpark_one(word_, [this](bool unparked, bool more) noexcept {
      woke_ = unparked;
      expect(!more, "somebody else is said to wait");
      word_.store(1, relaxed);  // relaxed: under the bucket's lock
    });
  }
  void check() override { expect(slept_ == woke_, "a wake-up without a sleeper"); }

  Atomic<std::uint8_t> word_;
  Plain<int> data_;
  bool slept_ = false;
  bool woke_ = false;
};

// Two sleepers, and a third thread that wakes until nobody is left: each sleeper is woken
// once, and `more` is not false while another one waits.
class ParkByTwo final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return 3; }

 private:
  void run(unsigned thread) override {
    if (thread < 2) {
      slept_[thread] = park(word_, std::uint8_t{0}) == ParkResult::woken;
      return;
    }
    bool unparked = true;
    bool expected = true;
    while (unparked) {
      unpark_one(word_, [&](bool found, bool more) noexcept {
        expect(!found || expected, "nobody was said to wait, and somebody did");
        unparked = found;
        expected = more;
        word_.store(1, relaxed);  // relaxed: under the bucket's lock
      });
      if (unparked) ++woken_;
    }
  }
  void check() override {
    expect(unsigned{slept_[0]} + unsigned{slept_[1]} == woken_, "a wake-up is lost");
  }

  Atomic<std::uint8_t> word_;
  bool slept_[2] = {};
  unsigned woken_ = 0;
};

// Two words whose sleepers share a bucket: a wake-up reaches the right one. Thread t
// sleeps on word t, the last thread wakes the sleepers of the words one after the other,
// that of word 0 last.
template <unsigned kSleepers>
class ParkInOneBucket final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return kSleepers + 1; }

 private:
  static constexpr std::size_t kWords = 512;

  void set_up() override {
    // As parking_lot.cpp does it; with 256 buckets, the first word has a companion.
    const auto bucket = [](const Atomic<std::uint8_t>& word) {
      return reinterpret_cast<std::uintptr_t>(word.address()) * 0x9e3779b97f4a7c15u >>
             56;
    };
    while (second_ < kWords && bucket(words_[second_]) != bucket(words_[0])) ++second_;
    expect(second_ < kWords, "no two words share a bucket");
  }
  Atomic<std::uint8_t>& word(unsigned number) {
    return words_[number == 0 ? 0 : second_];
  }
  void run(unsigned thread) override {
    if (thread < kSleepers) {
      slept_[thread] = park(word(thread), std::uint8_t{0}) == ParkResult::woken;
      return;
    }
    for (const unsigned i : {1u, 0u}) {
      unpark_one(word(i), [&](bool unparked, bool more) noexcept {
        expect(!more, "a sleeper on another word was counted");
        woke_[i] = unparked;
        word(i).store(1, relaxed);  // relaxed: under the bucket's lock
      });
    }
  }
  void check() override {
    expect(slept_[0] == woke_[0] && slept_[1] == woke_[1],
           "a wake-up reached another word's sleeper");
  }

  Atomic<std::uint8_t> words_[kWords];
  std::size_t second_ = 1;
  bool slept_[2] = {};
  bool woke_[2] = {};
};

// Whoever has the smaller ticket is first.
template <unsigned kThreads>
class TicketOrder final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return kThreads; }

 private:
  void run(unsigned) override {
    const std::uint32_t ticket = lock_.take_ticket();
    lock_.wait_for(ticket);
    expect(ticket == served_, "tickets are served out of order");
    ++served_;
    lock_.unlock();
  }
  void check() override { expect(served_ == kThreads, "an increment is lost"); }

  TicketLock lock_;
  Plain<std::uint32_t> served_;
};

// The holder sees at some moment that the others ask, or not; if so, it hands over, and one
// of them has had the lock before it has it again. Who asks may come too late for that.
template <unsigned kAskers>
class GlobalLockHandOver final : public Scenario {
 public:
  GlobalLockHandOver() { lock_.lock(); }
  [[nodiscard]] unsigned threads() const override { return 1 + kAskers; }

 private:
  void run(unsigned thread) override {
    if (thread == 0) {
      if (lock_.is_asked_for()) {
        lock_.hand_over();
        expect(turns_ != 0, "who hands over has it again at once");
      }
    } else {
      lock_.ask(lock_.word());
      lock_.lock();
    }
    ++turns_;
    lock_.unlock();
  }
  void check() override { expect(turns_ == 1 + kAskers, "a turn is lost"); }

  GlobalLock lock_;
  Plain<unsigned> turns_;
};

// Who sees that its ticket is served has the lock, without waiting.
class TicketPoll final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return 2; }

 private:
  void run(unsigned) override {
    const std::uint32_t ticket = lock_.take_ticket();
    if (!lock_.is_served(ticket)) lock_.wait_for(ticket);
    ++served_;
    lock_.unlock();
  }
  void check() override { expect(served_ == 2, "an increment is lost"); }

  TicketLock lock_;
  Plain<std::uint32_t> served_;
};

// Thread 0 sets the event, the others wait for it and see what was done before.
template <unsigned kThreads>
class EventIsAwaited final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return kThreads; }

 private:
  void run(unsigned thread) override {
    if (thread == 0) {
      data_ = 1;
      event_.set();
      return;
    }
    event_.wait();
    expect(data_ == 1, "the event was set too early");
  }

  Event event_;
  Plain<int> data_;
};

// The waiter ends the event as soon as it sees it set (G3).
class EventEndedByWaiter final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return 2; }

 private:
  void set_up() override { event_ = new (buffer_allocate(sizeof(Event))) Event; }
  void run(unsigned thread) override {
    if (thread == 0) {
      event_->set();
      return;
    }
    event_->wait();
    buffer_free(event_, sizeof(Event));
  }

  Event* event_ = nullptr;
};

// The first kFailures initialisers fail; their callers know, and the others go on.
template <unsigned kThreads, unsigned kFailures>
class OnceIsMade final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return kThreads; }

 private:
  void run(unsigned thread) override {
    made_[thread] = once_.call([this]() noexcept {
      ++attempts_;
      return attempts_ > kFailures;
    });
    if (made_[thread]) expect(attempts_ == kFailures + 1, "it was not made, or twice");
  }
  void check() override {
    unsigned made = 0;
    for (const bool one : made_) made += one ? 1 : 0;
    expect(made == kThreads - kFailures, "a caller was told the wrong thing");
    expect(attempts_ == kFailures + 1, "an initialiser was called too often");
    expect(once_.is_done(), "it was not made");
  }

  Once once_;
  Plain<unsigned> attempts_;
  bool made_[kThreads] = {};
};

// Writers count, readers see a number that does not change meanwhile.
template <unsigned kWriters, unsigned kReaders>
class ReadersAndWriters final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return kWriters + kReaders; }

 private:
  void run(unsigned thread) override {
    if (thread < kWriters) {
      lock_.lock();
      ++counter_;
      lock_.unlock();
      return;
    }
    lock_.lock_shared();
    expect(counter_ <= kWriters, "a number that nobody wrote");
    lock_.unlock_shared();
  }
  void check() override {
    expect(counter_ == kWriters, "an increment is lost");
    expect(lock_.try_lock(), "somebody has it still");
  }

  RwLock lock_;
  Plain<unsigned> counter_;
};

// try_lock and try_lock_shared against each other: nobody sleeps.
class RwLockTry final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return 2; }

 private:
  void run(unsigned thread) override {
    if (thread == 0) {
      if (!lock_.try_lock()) return;
      ++counter_;
      lock_.unlock();
    } else if (lock_.try_lock_shared()) {
      expect(counter_ <= 1, "a number that nobody wrote");
      lock_.unlock_shared();
    }
  }
  void check() override { expect(lock_.try_lock(), "somebody has it still"); }

  RwLock lock_;
  Plain<unsigned> counter_;
};

// Writers write two equal words, a reader never finds them different, nor goes back.
template <unsigned kWriters, unsigned kReads>
class SeqLockIsWhole final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return kWriters + 1; }

 private:
  struct Pair {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
  };

  void run(unsigned thread) override {
    if (thread < kWriters) {
      lock_.store({thread + 1, thread + 1});
      return;
    }
    std::uint64_t last = 0;
    for (unsigned i = 0; i < kReads; ++i) {
      const Pair pair = lock_.load();
      expect(pair.first == pair.second, "half of a value was read");
      expect(last == 0 || pair.first != 0, "a value came back");
      last = pair.first;
    }
  }
  void check() override { expect(lock_.load().first != 0, "nothing was written"); }

  SeqLock<Pair> lock_;
};

// Each takes it twice, one inside the other, kRounds times.
template <unsigned kThreads, unsigned kRounds>
class RecursiveExclusion final : public Scenario {
 public:
  [[nodiscard]] unsigned threads() const override { return kThreads; }

 private:
  void run(unsigned thread) override {
    const std::uint32_t self = thread + 1;
    for (unsigned round = 0; round < kRounds; ++round) {
      mutex_.lock(self);
      mutex_.lock(self);
      ++counter_;
      mutex_.unlock(self);
      expect(mutex_.is_held_by(self), "it was let go with one level left");
      mutex_.unlock(self);
    }
  }
  void check() override {
    expect(counter_ == kThreads * kRounds, "an increment is lost");
    expect(mutex_.is_held_by(0), "somebody holds it still");
  }

  RecursiveMutex mutex_;
  Plain<unsigned> counter_;
};

constexpr EngineLimits kSpurious{.spurious = 1};

}  // namespace

void add_sync_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<Exclusion<Mutex, 2, 1>>(
      "mutex-by-two", "two threads exclude each other, no wake-up is lost", 228));
  list.push_back(scenario<Exclusion<Mutex, 2, 2>>(
      "mutex-by-two-twice", "the same, two rounds each", kTooMany));
  list.push_back(scenario<Exclusion<Mutex, 3, 1>>(
      "mutex-by-three", "three threads exclude each other, no wake-up is lost",
      kTooMany));
  list.push_back(scenario<Exclusion<Mutex, 2, 1>>(
      "mutex-spurious", "two threads, a sleeper may wake without cause", 1'300,
      kSpurious));
  list.push_back(scenario<TryLock>("mutex-try-lock",
                                   "try_lock() succeeds only on a free mutex", 118));
  list.push_back(scenario<Exclusion<Mutex, 3, 2>>(
      "mutex-by-three-twice", "three threads, two rounds: sleepers are starved",
      kTooMany));
  list.push_back(scenario<ParkAgainstUnpark>(
      "park-against-unpark", "a sleeper sleeps if and only if it is woken", 30));
  list.push_back(scenario<ParkAgainstUnpark>(
      "park-spurious", "the same, the sleeper may wake without cause", 84, kSpurious));
  list.push_back(scenario<ParkByTwo>(
      "park-by-two", "two sleepers on one word, woken one after the other", 131'447));
  list.push_back(scenario<ParkInOneBucket<1>>(
      "park-in-one-bucket", "a wake-up for a word passes the sleeper on another one",
      196));
  list.push_back(scenario<ParkInOneBucket<2>>(
      "park-two-in-one-bucket", "sleepers on two words in one bucket", kTooMany));
  list.push_back(scenario<TicketOrder<2>>("ticket-lock-by-two",
                                          "two tickets are served in order", 12));
  list.push_back(scenario<TicketOrder<3>>("ticket-lock-by-three",
                                          "three tickets are served in order", 1'428));
  list.push_back(scenario<TicketOrder<2>>(
      "ticket-lock-spurious", "two tickets, a sleeper may wake without cause", 24,
      kSpurious));
  list.push_back(scenario<TicketPoll>("ticket-lock-poll",
                                      "who finds its ticket served has the lock", 16));
  list.push_back(scenario<Exclusion<WordLock, 2, 1>>(
      "word-lock-by-two", "two threads exclude each other, no wake-up is lost", 12));
  list.push_back(scenario<Exclusion<WordLock, 3, 1>>(
      "word-lock-by-three", "three threads exclude each other, no wake-up is lost",
      7'128));
  list.push_back(scenario<Exclusion<WordLock, 2, 2>>(
      "word-lock-spurious", "two threads, two rounds, a sleeper may wake without cause",
      2'726, kSpurious));
  list.push_back(scenario<Exclusion<GlobalLock, 2, 1>>(
      "global-lock-by-two", "two threads exclude each other, no wake-up is lost", 28));
  list.push_back(scenario<Exclusion<GlobalLock, 3, 1>>(
      "global-lock-by-three", "three threads exclude each other, no wake-up is lost",
      146'130));
  list.push_back(scenario<Exclusion<GlobalLock, 2, 1>>(
      "global-lock-spurious", "two threads, a sleeper may wake without cause", 102,
      kSpurious));
  list.push_back(scenario<GlobalLockHandOver<1>>(
      "global-lock-hand-over", "who asks for it has it before the holder has it again",
      365));
  list.push_back(scenario<GlobalLockHandOver<2>>("global-lock-two-ask",
                                                 "the same, two ask", kTooMany));
  list.push_back(scenario<EventIsAwaited<2>>(
      "event-by-two", "one thread waits for an event that another one sets", 6));
  list.push_back(scenario<EventIsAwaited<3>>(
      "event-by-three", "two threads wait for an event that another one sets", 154));
  list.push_back(scenario<EventIsAwaited<2>>(
      "event-spurious", "the same, the waiter may wake without cause", 11, kSpurious));
  list.push_back(scenario<EventEndedByWaiter>(
      "event-ended-by-waiter", "the waiter frees the event it has waited for", 6));
  list.push_back(scenario<OnceIsMade<2, 0>>(
      "once-by-two", "two callers, the initialiser is called once", 30));
  list.push_back(scenario<OnceIsMade<3, 0>>(
      "once-by-three", "three callers, the initialiser is called once", 39'987));
  list.push_back(scenario<OnceIsMade<3, 1>>(
      "once-fails", "three callers, the first initialiser fails, the second one not",
      1'041'890));
  list.push_back(scenario<OnceIsMade<2, 1>>(
      "once-spurious", "two callers, the first one fails, one may wake without cause",
      54, kSpurious));
  list.push_back(scenario<ReadersAndWriters<1, 1>>(
      "rw-lock-by-two", "a reader and a writer exclude each other", 121));
  list.push_back(scenario<ReadersAndWriters<2, 0>>(
      "rw-lock-two-writers", "two writers exclude each other", 232));
  list.push_back(scenario<ReadersAndWriters<1, 2>>(
      "rw-lock-two-readers", "two readers, and a writer that waits for both",
      kTooMany));
  list.push_back(scenario<ReadersAndWriters<2, 1>>(
      "rw-lock-by-three", "a reader and two writers", kTooMany));
  list.push_back(scenario<ReadersAndWriters<1, 1>>(
      "rw-lock-spurious", "a reader and a writer, who may wake without cause", 726,
      kSpurious));
  list.push_back(scenario<RwLockTry>(
      "rw-lock-try", "a reader and a writer that try, and do not wait", 6));
  list.push_back(scenario<SeqLockIsWhole<1, 1>>(
      "seq-lock-by-two", "a reader never gets half of what a writer writes", 30));
  list.push_back(
      scenario<SeqLockIsWhole<1, 2>>("seq-lock-read-twice", "the same, two reads", 59));
  list.push_back(scenario<SeqLockIsWhole<2, 1>>("seq-lock-by-three",
                                                "two writers and a reader", kTooMany));
  list.push_back(scenario<RecursiveExclusion<2, 1>>(
      "recursive-mutex-by-two", "two threads take it twice each", 456));
  list.push_back(scenario<RecursiveExclusion<2, 2>>(
      "recursive-mutex-by-two-twice", "the same, two rounds each", kTooMany));
}

}  // namespace threadmill::explore
