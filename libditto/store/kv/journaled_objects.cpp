#include "store/kv/journaled_objects.hpp"

#include <algorithm>

namespace ditto::store {

void JournaledObjects::note(ObjectId object, Lsn lsn) {
  const std::lock_guard lock(mutex_);
  objects_.try_emplace(object, Records{lsn, lsn}).first->second.last = lsn;
}

void JournaledObjects::synced(ObjectId object, Lsn up_to) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(object);
  if (found == objects_.end()) return;
  ++settled_;
  if (found->second.last <= up_to) {
    objects_.erase(found);
  } else {
    found->second.first = std::max(found->second.first, up_to + 1);
  }
}

void JournaledObjects::all_synced(Lsn up_to) {
  const std::lock_guard lock(mutex_);
  std::erase_if(objects_, [&](const auto& object) { return object.second.last <= up_to; });
  for (auto& [object, records] : objects_) records.first = std::max(records.first, up_to + 1);
}

Lsn JournaledObjects::last(ObjectId object) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(object);
  return found == objects_.end() ? 0 : found->second.last;
}

std::uint64_t JournaledObjects::settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

std::vector<ObjectId> JournaledObjects::up_to(Lsn up_to) const {
  const std::lock_guard lock(mutex_);
  std::vector<ObjectId> objects;
  for (const auto& [object, records] : objects_) {
    if (records.first <= up_to) objects.push_back(object);
  }
  return objects;
}

}  // namespace ditto::store
