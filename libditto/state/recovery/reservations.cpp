#include "state/recovery/reservations.hpp"

#include <algorithm>

namespace ditto::state {
namespace {

/// Others will have to give up what the record's holder may cache.
bool costs_caching(const ObjectRecord& record, const Demand& demand, GrantKind kind) noexcept {
  return left_by(demand, kind, record.caching) != record.caching;
}

bool forbids(const ObjectRecord& record, const Demand& demand, const ByteRange& range) noexcept {
  switch (record.kind) {
    case ObjectRecord::Kind::Open: return any(record.mode.deny & demand.denied_by);
    case ObjectRecord::Kind::Lock:
      return demand.mandatory && record.range.overlaps(range) &&
             (record.lock == LockKind::Exclusive || *demand.mandatory == LockKind::Exclusive);
    case ObjectRecord::Kind::Delegation: return costs_caching(record, demand, GrantKind::Delegation);
    case ObjectRecord::Kind::Directory: return costs_caching(record, demand, GrantKind::Lease);
    case ObjectRecord::Kind::Handle:
      return any(record.mode.deny & demand.denied_by) || costs_caching(record, demand, GrantKind::Lease);
  }
  return false;
}

bool has_mode(const ObjectRecord& record) noexcept {
  return record.kind == ObjectRecord::Kind::Open || record.kind == ObjectRecord::Kind::Handle;
}

bool covers(const ShareMode& mode, const ShareMode& part) noexcept {
  return (mode.access | part.access) == mode.access && (mode.deny | part.deny) == mode.deny;
}

}  // namespace

bool Reservations::forbid(const Demand& demand, const ByteRange& range) const noexcept {
  return std::ranges::any_of(all_, [&](const ObjectRecord& record) { return forbids(record, demand, range); });
}

bool Reservations::forbid(const ShareMode& mode, const Claimant* except) const noexcept {
  return std::ranges::any_of(all_, [&](const ObjectRecord& record) {
    return has_mode(record) && !compatible(record.mode, mode) && !(except && record.who == *except);
  });
}

Share Reservations::denied_by(const Claimant& who) const noexcept {
  Share denied = Share::None;
  for (const ObjectRecord& record : all_) {
    if (record.who == who && has_mode(record)) denied = denied | record.mode.deny;
  }
  return denied;
}

std::vector<ObjectRecord> Reservations::take(const Claimant& who, const ShareMode& mode) {
  std::vector<ObjectRecord> taken;
  const auto is_made_good = [&](const ObjectRecord& record) {
    if (record.who != who) return false;
    if (record.kind == ObjectRecord::Kind::Delegation) return true;
    return record.kind == ObjectRecord::Kind::Open && covers(mode, record.mode);
  };
  std::erase_if(all_, [&](const ObjectRecord& record) {
    if (!is_made_good(record)) return false;
    taken.push_back(record);
    return true;
  });
  return taken;
}

}  // namespace ditto::state
