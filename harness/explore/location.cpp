// SPDX-License-Identifier: Apache-2.0
#include "harness/explore/location.hpp"

namespace threadmill::explore {

Location& LocationTable::add(const void* address, std::size_t place) {
  if (used_ == locations_.size()) locations_.push_back(std::make_unique<Location>());
  Location& location = *locations_[used_];
  location.forget();
  location.address = address;
  location.number = static_cast<std::uint32_t>(used_);
  location.bytes = 0;
  entries_[place] = {address, &location, generation_};
  ++used_;
  if (used_ * 2 > entries_.size()) grow();
  return location;
}

void LocationTable::grow() {
  entries_.assign(entries_.size() * 2, Entry{});
  for (std::size_t i = 0; i < used_; ++i) {
    std::size_t place = place_of(locations_[i]->address);
    while (entries_[place].generation == generation_) place = (place + 1) & mask();
    entries_[place] = {locations_[i]->address, locations_[i].get(), generation_};
  }
}

void LocationTable::reset_generations() noexcept {
  for (Entry& entry : entries_) entry.generation = 0;
  generation_ = 1;
}

}  // namespace threadmill::explore
