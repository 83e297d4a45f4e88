// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/scenarios/naming.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/explore/engine.hpp"
#include "runtime/memory/heap.hpp"
#include "runtime/object/header.hpp"
#include "runtime/object/type.hpp"
#include "runtime/thread/slot.hpp"
#include "runtime/thread/world.hpp"

namespace threadmill::explore {
namespace {

Slot* named = nullptr;
std::vector<const void*> blocks;  // in the order in which they were named

std::string name_of_field(std::size_t offset) {
  switch (offset) {
    case 0:
      return "word0";
    case 8:
      return "shared";
    case 12:
      return "type";
    case 14:
      return "lock";
    case 15:
      return "flags";
    default:
      return fmt::format("+{}", offset);
  }
}

// "list#2.shared"
std::string name_in_page(const void* address) {
  Page& page = page_of(address);
  const auto offset = page.offset_of(address);
  if (page.block_bytes == 0 || offset < page.first_block) {
    return fmt::format("page.+{}", offset);
  }
  const void* block = page.block(page.index_of(address));
  auto found = std::find(blocks.begin(), blocks.end(), block);
  if (found == blocks.end()) found = blocks.insert(blocks.end(), block);
  const auto& object = *static_cast<const Object*>(block);
  const TypeId id = object.type.load(relaxed);  // relaxed: nobody else runs
  const Type* type = id < kMaxTypes ? threadmill::detail::type_table[id] : nullptr;
  return fmt::format("{}#{}.{}", type == nullptr ? "block" : type->name,
                     found - blocks.begin() + 1,
                     name_of_field(offset - page.offset_of(block)));
}

std::string name_in_slot(const Slot& slot, const void* address) {
  if (address == slot.state.address()) return fmt::format("slot{}.state", slot.id);
  if (address == slot.seen_epoch.address())
    return fmt::format("slot{}.seen_epoch", slot.id);
  if (address >= &slot.inbox && address < &slot.inbox + 1)
    return fmt::format("slot{}.inbox", slot.id);
  return {};
}

std::string name_in_world(const World& world, const void* address) {
  if (address == world.pause_word.address()) return "pause_word";
  if (address == world.countdown.address()) return "countdown";
  if (address == world.stopped.address()) return "stopped";
  if (address == world.epoch.address()) return "epoch";
  if (address >= &world.stop_lock && address < &world.stop_lock + 1) return "stop_lock";
  std::string name;
  world.for_each_slot([&](const Slot& slot) {
    if (name.empty()) name = name_in_slot(slot, address);
  });
  if (!name.empty()) return name;
  if (address >= &world && address < &world + 1) return "slot_table";
  return {};
}

}  // namespace

void name_runtime_of(Slot* slot) noexcept {
  named = slot;
  blocks.clear();
}

std::string name_of_address(const void* address) {
  if (named == nullptr) return {};
  std::string name = name_in_world(named->world, address);
  if (name.empty() && named->heap->arena().contains(address))
    name = name_in_page(address);
  return name;
}

}  // namespace threadmill::explore
