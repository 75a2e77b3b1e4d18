#include "state/recovery/object_records.hpp"

#include <utility>

namespace ditto::state {

void ObjectRecords::begin(Incarnation incarnation) {
  const std::lock_guard lock(mutex_);
  incarnation_ = incarnation;
  kept_.clear();
}

void ObjectRecords::add(Persist::What what, ObjectRecord record, std::vector<Persist>& changes) {
  Persist& change = changes.emplace_back();
  change.what = what;
  change.token = tokens_.next();
  change.object = std::move(record);
}

Answer<PersistToken> ObjectRecords::put(ObjectRecord record, std::vector<Persist>& changes) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(record.number);
  if (found != kept_.end() && found->second.as == Kept::As::Over) {
    kept_.erase(found);
    return refuse(Refusal::Cancelled);
  }
  if (found == kept_.end() && kept_.size() >= max_records) {
    kept_[record.number].as = Kept::As::Refused;
    return refuse(Refusal::LimitReached);
  }
  record.incarnation = incarnation_;
  kept_[record.number].record = record;
  add(Persist::What::PutObject, std::move(record), changes);
  return changes.back().token;
}

void ObjectRecords::lessen(std::uint64_t number, const ShareMode& mode, std::vector<Persist>& changes) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(number);
  if (found != kept_.end() && found->second.as == Kept::As::Refused) {
    kept_.erase(found);
    return;
  }
  if (any(mode.deny)) {
    if (found == kept_.end() || found->second.record.mode == mode) return;
    found->second.record.mode = mode;
    return add(Persist::What::PutObject, found->second.record, changes);
  }
  if (found == kept_.end()) {
    kept_[number].as = Kept::As::Over;
    return;
  }
  add(Persist::What::RemoveObject, std::move(found->second.record), changes);
  kept_.erase(found);
}

void ObjectRecords::replaced(const ObjectRecord& old, std::vector<Persist>& changes) {
  const std::lock_guard lock(mutex_);
  add(Persist::What::RemoveObject, old, changes);
}

std::size_t ObjectRecords::size() const {
  const std::lock_guard lock(mutex_);
  return kept_.size();
}

}  // namespace ditto::state
