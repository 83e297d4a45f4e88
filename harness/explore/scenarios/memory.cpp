// SPDX-License-Identifier: Apache-2.0
//
// Object memory: blocks that other threads than the owner of the page free, and pages
// that are given back (memory/page.hpp, G1 and G2; catalogue F14, F19).
//
// A block that gets lost keeps its page from being given back, which the general end
// check sees; a block that is had twice is found by its number.
#include "harness/explore/fixture/runtime_scenario.hpp"
#include "harness/explore/scenarios/families.hpp"
#include "harness/explore/scenarios/objects.hpp"

namespace threadmill::explore {
namespace {

// The longest object there is, so that few of them fill a page.
struct Big : Leaf {
  using Leaf::Leaf;
  static constexpr const char* kTypeName = "big";
  std::byte rest[kMaxObjectBytes - sizeof(Leaf)];
};
static_assert(sizeof(Big) == kMaxObjectBytes);

constexpr unsigned kPerPage = (kPageBytes - sizeof(Page)) / (kMaxObjectBytes + 1);

// A full page of thread 0, whose first objects are merged: whoever drops them frees the
// block.
class FullPage : public RuntimeScenario {
 public:
  using RuntimeScenario::RuntimeScenario;

 protected:
  void prepare() override {
    as_thread(0, [this] { fill(); });
  }
  void fill() {
    for (Big*& object : objects_) object = make<Big>(1, deaths_).release();
    const Page& page = page_of(objects_[0]);
    expect(page.in_use == page.block_count, "the page is not full");
    for (unsigned i = 0; i < 2; ++i) {
      incref(*objects_[i]);
      expect(!merge(*objects_[i], 0), "an object died");
      decref(*objects_[i]);
    }
  }
  // Thread `thread` drops object `i`, which ends.
  void free_block(unsigned i) { decref(*std::exchange(objects_[i], nullptr)); }
  // Makes an object, which stays until the end.
  void take_block(int number) {
    Big* made = make<Big>(number, deaths_).release();
    expect(made != nullptr, "out of memory");
    made_[number - 2] = made;
  }
  void judge() override {
    for (unsigned i = 0; i < 3; ++i) {
      if (made_[i] != nullptr)
        expect(made_[i]->number == static_cast<int>(i) + 2, "a block was given twice");
    }
  }
  void drop() override {
    for (Big* object : objects_) {
      if (object != nullptr) decref(*object);
    }
    for (Big* object : made_) {
      if (object != nullptr) decref(*object);
    }
  }

 private:
  Big* objects_[kPerPage] = {};
  Big* made_[3] = {};
  unsigned deaths_ = 0;
};

// The owner, whose page is full, finds the freed block or takes another page.
class FreeAgainstAllocate final : public FullPage {
 public:
  FreeAgainstAllocate() : FullPage(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      take_block(2);
    else
      free_block(0);
  }
};

// The owner takes the freed blocks, and the page is announced again at once (G2).
class AnnouncedTwice final : public FullPage {
 public:
  AnnouncedTwice() : FullPage(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0) {
      take_block(2);
      take_block(3);
    } else {
      free_block(0);
      free_block(1);
    }
  }
};

// Two threads free blocks of one page: one of them announces it.
class FreeByTwo final : public FullPage {
 public:
  FreeByTwo() : FullPage(2) {}

 private:
  void prepare() override {
    as_guest([this] { fill(); });
  }
  void part(unsigned thread) override { free_block(thread); }
};

// The same, and the owner allocates.
class FreeByTwoAgainstAllocate final : public FullPage {
 public:
  FreeByTwoAgainstAllocate() : FullPage(3) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      take_block(2);
    else
      free_block(thread - 1);
  }
};

// The owner has left; the next holder of its slot inherits the page, and the block.
class FreeAgainstNextHolder final : public FullPage {
 public:
  FreeAgainstNextHolder() : FullPage(2) {}

 private:
  void prepare() override {
    FullPage::prepare();
    vacate(0);
  }
  void part(unsigned thread) override {
    if (thread == 0) {
      const Attached here(runtime());
      take_block(2);
    } else {
      free_block(0);
    }
  }
};

// A collection takes the remote lists while a block is freed.
class FreeAgainstCollection final : public FullPage {
 public:
  FreeAgainstCollection() : FullPage(2) {}

 private:
  void part(unsigned thread) override {
    if (thread == 0)
      (void)runtime().gc().collect();
    else
      free_block(0);
  }
};

// The last object of a page dies, a collection gives the page back, and it is laid out
// for objects of another size: a late reader of the first object has stopped before (G1).
class PageUsedAnew final : public RuntimeScenario {
 public:
  PageUsedAnew() : RuntimeScenario(2) {}

 private:
  void prepare() override {
    as_thread(0, [this] { holder_ = make<Node>(9, deaths_).release(); });
    as_thread(0, [this] { holder_->next.store(make<Leaf>(1, deaths_)); });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      const int seen = number_of(holder_->next.load());
      expect(seen == 1 || seen == 0, "a field has what nobody stored");
      return;
    }
    holder_->next.store(nullptr);
    (void)runtime().gc().collect();
    // Takes the page, if it was given back.
    const auto big = make<Big>(2, deaths_);
    set_maybe_weak(*big);
    expect(big->number == 2, "a block was given twice");
  }
  void drop() override { decref(*holder_); }

  Node* holder_ = nullptr;
  unsigned deaths_ = 0;
};

// The same while threads run: a heap has more empty pages than it keeps, and gives one back
// when the reader has moved on (memory/empty_pages.hpp).
class PageGivenBack final : public RuntimeScenario {
 public:
  PageGivenBack() : RuntimeScenario(2) {}

 private:
  static constexpr unsigned kPages = Heap::kSpare + 1;

  void prepare() override {
    as_thread(0, [this] {
      holder_ = make<Node>(9, deaths_).release();
      Ref<Big> all[kPages][kPerPage];
      for (auto& page : all) {
        for (Ref<Big>& object : page) object = make<Big>(1, deaths_);
      }
      current_ = make<Big>(2, deaths_).release();
      holder_->next.store(all[0][0]);
      for (unsigned i = 1; i < kPages; ++i) last_[i] = all[i][0].release();
    });
  }
  void part(unsigned thread) override {
    if (thread == 1) {
      const int seen = number_of(holder_->next.load());
      expect(seen == 1 || seen == 0, "a field has what nobody stored");
      return;
    }
    holder_->next.store(nullptr);
    for (unsigned i = 1; i < kPages; ++i) decref(*std::exchange(last_[i], nullptr));
    for (int i = 0; i < 2; ++i) safepoint();
    // Takes the page, if it was given back.
    const auto other = make<Dict>();
    set_maybe_weak(*other);
    expect(other->size() == 0, "a block was given twice");
  }
  void judge() override {
    for (int i = 0; i < 3; ++i) safepoint();
    expect(!slot_of(0).gives_pages, "an empty page stays, and nobody reads it");
  }
  void drop() override {
    decref(*holder_);
    decref(*current_);
  }

  Node* holder_ = nullptr;
  Big* current_ = nullptr;
  Big* last_[kPages] = {};
  unsigned deaths_ = 0;
};

// A thread has left, and its page waits, as another had not moved on: that one gives it
// back, or the next holder of the slot (memory/limbo.hpp).
class PageLeftByTwo final : public RuntimeScenario {
 public:
  PageLeftByTwo() : RuntimeScenario(2, 1) {}

 private:
  void prepare() override {
    as_guest([this] {
      Ref<Big> objects[kPerPage + 1];
      for (Ref<Big>& object : objects) object = make<Big>(1, deaths_);
    });
  }
  void part(unsigned thread) override {
    if (thread == 0)
      safepoint();
    else
      const Attached second(runtime());
  }

  unsigned deaths_ = 0;
};

// What is left of a full page is freed while its owner leaves: one of the two gives the
// page back (memory/heap.hpp, H5).
class PageFreedAsOwnerLeaves final : public FullPage {
 public:
  PageFreedAsOwnerLeaves() : FullPage(2) {}

 private:
  static_assert(2 * kMaxObjectBytes >= Heap::kTellBytes);

  void prepare() override {
    FullPage::prepare();
    as_thread(0, [this] {
      take_block(2);  // of another page, which stays
      for (unsigned i = 2; i < kPerPage; ++i) free_block(i);
    });
    before_ = runtime().page_bytes();
  }
  void part(unsigned thread) override {
    if (thread == 0) return;
    free_block(0);
    free_block(1);
  }
  void judge() override {
    FullPage::judge();
    const std::size_t in_limbo =
        slot_of(0).world.pages_in_limbo.load(relaxed) * kPageBytes;
    expect(runtime().page_bytes() - in_limbo == before_ - kPageBytes,
           "an empty page stays with a vacant slot");
  }

  std::size_t before_ = 0;
};

}  // namespace

void add_memory_scenarios(std::vector<ScenarioInfo>& list) {
  list.push_back(scenario<FreeAgainstAllocate>(
      "free-against-allocate", "a block is freed while its owner looks for one", 4));
  list.push_back(scenario<AnnouncedTwice>(
      "free-announced-twice", "a page is announced again as its owner takes the list",
      1'201));
  list.push_back(scenario<FreeByTwo>(
      "free-by-two", "two threads free blocks of one page, whose owner is gone", 4));
  list.push_back(scenario<FreeByTwoAgainstAllocate>(
      "free-by-two-against-allocate", "the same while the owner looks for a block",
      64));
  list.push_back(scenario<FreeAgainstNextHolder>(
      "free-against-next-holder",
      "a block of a vacant slot's page is freed while a thread enters and allocates",
      4));
  list.push_back(scenario<FreeAgainstCollection>(
      "free-against-collection", "a block is freed as a pause takes what was freed",
      6));
  list.push_back(scenario<PageUsedAnew>(
      "page-used-anew",
      "a page is given back and laid out anew under a reader of a dead object", 258));
  list.push_back(scenario<PageGivenBack>(
      "page-given-back", "the same without a pause: a heap has too many empty pages",
      111'222));
  list.push_back(scenario<PageLeftByTwo>(
      "page-left-by-two",
      "a page that a thread left waiting is given back as others come and move on", 5));
  list.push_back(
      scenario<PageFreedAsOwnerLeaves>("page-freed-as-owner-leaves",
                                       "what others free in pages of a thread that "
                                       "leaves is taken back by one of them"));
}

}  // namespace threadmill::explore
