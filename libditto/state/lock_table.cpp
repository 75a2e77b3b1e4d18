#include "state/lock_table.hpp"

#include <algorithm>

namespace ditto::state {

bool conflict(const ByteLock& held, const ByteLock& wanted) noexcept {
  if (held.kind == LockKind::Shared && wanted.kind == LockKind::Shared) return false;
  if (held.owner == wanted.owner) {
    // MS-FSA, 2.1.4.10: an open may read-lock what it has write-locked, and nothing else twice.
    const bool own_again = held.kind == LockKind::Exclusive && wanted.kind == LockKind::Shared;
    if (wanted.owner.rules == LockRules::Posix || own_again) return false;
  }
  return held.range.overlaps(wanted.range);
}

const ByteLock* LockTable::find_conflict(const ByteLock& wanted) const noexcept {
  for (const ByteLock& held : locks_) {
    if (held.range.first > wanted.range.last) break;
    if (conflict(held, wanted)) return &held;
  }
  return nullptr;
}

const ByteLock* LockTable::find_mandatory(const ByteRange& range, LockKind io,
                                          const LockOwner& reader_or_writer) const noexcept {
  if (mandatory_ == 0) return nullptr;
  for (const ByteLock& held : locks_) {
    if (held.range.first > range.last) break;
    if (held.owner.rules != LockRules::Smb || !held.range.overlaps(range)) continue;
    // A shared lock keeps everybody from writing, its owner too.
    const bool forbids = held.kind == LockKind::Exclusive ? held.owner != reader_or_writer : io == LockKind::Exclusive;
    if (forbids) return &held;
  }
  return nullptr;
}

void LockTable::insert(const ByteLock& lock) {
  const auto behind =
      std::ranges::upper_bound(locks_, lock.range.first, {}, [](const ByteLock& l) { return l.range.first; });
  locks_.insert(behind, lock);
  if (lock.owner.rules == LockRules::Smb) ++mandatory_;
}

std::vector<ByteLock>::iterator LockTable::erase(std::vector<ByteLock>::iterator lock) {
  if (lock->owner.rules == LockRules::Smb) --mandatory_;
  return locks_.erase(lock);
}

bool LockTable::cut(const LockOwner& owner, const ByteRange& range) {
  std::vector<ByteLock> left;
  bool any = false;
  for (auto at = locks_.begin(); at != locks_.end();) {
    if (at->range.first > range.last) break;
    if (at->owner != owner || !at->range.overlaps(range)) {
      ++at;
      continue;
    }
    any = true;
    const ByteLock old = *at;
    at = erase(at);
    if (old.range.first < range.first) left.push_back({{old.range.first, range.first - 1}, old.kind, owner});
    if (old.range.last > range.last) left.push_back({{range.last + 1, old.range.last}, old.kind, owner});
  }
  for (const ByteLock& piece : left) insert(piece);
  return any;
}

void LockTable::add(const ByteLock& lock) {
  if (lock.owner.rules == LockRules::Smb) return insert(lock);
  cut(lock.owner, lock.range);
  ByteLock whole = lock;
  for (auto at = locks_.begin(); at != locks_.end();) {
    if (at->owner == lock.owner && at->kind == lock.kind && at->range.touches(whole.range)) {
      whole.range.first = std::min(whole.range.first, at->range.first);
      whole.range.last = std::max(whole.range.last, at->range.last);
      at = erase(at);
    } else {
      ++at;
    }
  }
  insert(whole);
}

bool LockTable::remove(const LockOwner& owner, const ByteRange& range) {
  if (owner.rules == LockRules::Posix) return cut(owner, range);
  auto found = locks_.end();
  for (auto at = locks_.begin(); at != locks_.end(); ++at) {
    if (at->owner != owner || at->range != range) continue;
    found = at;
    if (at->kind == LockKind::Exclusive) break;
  }
  if (found == locks_.end()) return false;
  erase(found);
  return true;
}

std::size_t LockTable::remove_owner(const LockOwner& owner) {
  const std::size_t gone = std::erase_if(locks_, [&](const ByteLock& lock) { return lock.owner == owner; });
  if (owner.rules == LockRules::Smb) mandatory_ -= gone;
  return gone;
}

std::size_t LockTable::remove_client(ClientId client) {
  const std::size_t gone = std::erase_if(locks_, [&](const ByteLock& lock) { return lock.owner.client == client; });
  mandatory_ = static_cast<std::size_t>(
      std::ranges::count_if(locks_, [](const ByteLock& lock) { return lock.owner.rules == LockRules::Smb; }));
  return gone;
}

namespace {

/// What is left of `held` when `range` is cut out of it, less itself.
std::ptrdiff_t growth_by_cutting(const ByteRange& held, const ByteRange& range) noexcept {
  return std::ptrdiff_t{held.first < range.first} + std::ptrdiff_t{held.last > range.last} - 1;
}

}  // namespace

std::ptrdiff_t LockTable::growth_by_adding(const ByteLock& lock) const noexcept {
  std::ptrdiff_t growth = 1;
  if (lock.owner.rules == LockRules::Smb) return growth;
  for (const ByteLock& held : locks_) {
    if (held.owner != lock.owner) continue;
    if (held.kind == lock.kind) {
      if (held.range.touches(lock.range)) --growth;
    } else if (held.range.overlaps(lock.range)) {
      growth += growth_by_cutting(held.range, lock.range);
    }
  }
  return growth;
}

std::ptrdiff_t LockTable::growth_by_removing(const LockOwner& owner, const ByteRange& range) const noexcept {
  std::ptrdiff_t growth = 0;
  if (owner.rules == LockRules::Smb) return growth;  // it never grows
  for (const ByteLock& held : locks_) {
    if (held.range.first > range.last) break;
    if (held.owner == owner && held.range.overlaps(range)) growth += growth_by_cutting(held.range, range);
  }
  return growth;
}

bool LockTable::holds_any(const LockOwner& owner) const noexcept {
  return std::ranges::any_of(locks_, [&](const ByteLock& lock) { return lock.owner == owner; });
}

}  // namespace ditto::state
