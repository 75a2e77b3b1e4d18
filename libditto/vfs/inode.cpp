#include "vfs/inode.hpp"

#include <algorithm>

#include "vfs/streams.hpp"

namespace ditto::vfs {
namespace {

constexpr std::int64_t relatime_seconds = 24 * 60 * 60;

}  // namespace

bool access_time_due(const Attributes& a, Timestamp now) noexcept {
  if (a.access_time <= a.modify_time || a.access_time <= a.change_time) return now != a.access_time;
  return now.seconds - a.access_time.seconds >= relatime_seconds;
}

void Pending::apply_to(InodeRecord& record) const noexcept {
  Attributes& a = record.attributes;
  if (has_change) a.change = std::max(a.change, change);
  if (has_access) a.access_time = access_time;
}

bool Inode::touch_access(Timestamp now) noexcept {
  if (!access_time_due(state_.load().record.attributes, now)) return false;
  // Access times are a courtesy: nobody waits for them.
  const std::unique_lock lock(state_mutex_, std::try_to_lock);
  if (!lock) return false;
  InodeState state = state_.load();
  if (state.removed() || state.presence != InodeState::Presence::Present) return false;
  if (!access_time_due(state.record.attributes, now)) return false;
  pending_.has_access = true;
  pending_.access_time = now;
  state.record.attributes.access_time = now;
  state_.store(state);
  return true;
}

void Inode::load_with_list(InodeView& view) const noexcept {
  const std::lock_guard lock(state_mutex_);
  static_cast<InodeState&>(view) = state_.load();
  if (view.record.attributes.acl != 0) view.acl = acl_;
}

bool Inode::pending_any() const noexcept {
  const std::lock_guard lock(state_mutex_);
  return pending_.any();
}

bool Inode::clean(Lsn durable, const Rollbacks& rollbacks) const noexcept {
  const std::lock_guard lock(state_mutex_);
  return !pending_.any() && !fence && last_.lsn <= durable && holds.load(std::memory_order_relaxed) == 0 &&
         rollbacks.fate_of(last_) != Rollbacks::Fate::Lost;
}

Pending Inode::pending() const noexcept {
  const std::lock_guard lock(state_mutex_);
  return pending_;
}

void Inode::publish(const InodeRecord& record, InodeState::Presence presence) noexcept {
  highest_change_ = std::max(highest_change_, record.attributes.change);
  state_.store(
      {.record = record, .rests_on = rests_on_, .epoch = epoch_, .generation = generation_, .presence = presence});
}

// Data that went to an object in place is still there, beside a record that was rolled back and knows nothing of it:
// such contents get a change counter that nobody has seen.
void Inode::restore_lost(const InodeRecord& record, const Rollbacks& rollbacks) noexcept {
  if (record.object != 0 && rollbacks.fate_of(last_) == Rollbacks::Fate::Lost) {
    pending_.has_change = true;
    pending_.change = highest_change_ + 1;
    pending_.object = record.object;
  }
  if (pending_.object != record.object) pending_.has_change = false;
}

void Inode::loaded(bool found, const InodeRecord& record, std::shared_ptr<const Acl> acl, Stamp seen,
                   const Rollbacks& rollbacks) noexcept {
  const std::lock_guard lock(state_mutex_);
  restore_lost(record, rollbacks);
  acl_ = std::move(acl);
  last_ = seen;
  rests_on_ = seen.lsn;
  epoch_ = seen.epoch;
  tail_clean = false;
  unverified = {};
  listed = false;
  ++generation_;
  if (!found) {
    pending_ = {};
    publish(record, InodeState::Presence::Gone);
    return;
  }
  InodeRecord merged = record;
  pending_.apply_to(merged);
  publish(merged, InodeState::Presence::Present);
}

void Inode::committed(const InodeRecord& record, const std::shared_ptr<const Acl>& acl, const Pending& taken,
                      Stamp stamp, Publish how) noexcept {
  const std::lock_guard lock(state_mutex_);
  pending_.has_change = false;
  if (acl_ != acl) acl_ = acl;
  InodeRecord shown = record;
  // A reader may have noted a later access while the transaction ran.
  if (pending_.has_access && (!taken.has_access || pending_.access_time != taken.access_time)) {
    shown.attributes.access_time = pending_.access_time;
  } else {
    pending_.has_access = false;
  }
  last_ = stamp;
  epoch_ = stamp.epoch;
  if (how == Publish::Stable) rests_on_ = stamp.lsn;
  publish(shown, InodeState::Presence::Present);
}

void Inode::erased(const InodeRecord& record, Stamp stamp) noexcept {
  const std::lock_guard lock(state_mutex_);
  pending_ = {};
  last_ = stamp;
  epoch_ = stamp.epoch;
  rests_on_ = stamp.lsn;
  ++generation_;
  publish(record, InodeState::Presence::Gone);
}

void Inode::share_rights(const InodeView& of) noexcept {
  const std::lock_guard lock(state_mutex_);
  InodeState state = state_.load();
  if (has_rights_of(state.record.attributes, of.record.attributes) && acl_ == of.acl) return;
  take_rights(state.record.attributes, of.record.attributes);
  acl_ = of.acl;
  state_.store(state);
}

void Inode::measured(std::uint64_t space_used) noexcept {
  const std::lock_guard lock(state_mutex_);
  InodeState state = state_.load();
  state.record.attributes.space_used = space_used;
  state_.store(state);
}

}  // namespace ditto::vfs
