#include "vfs/inode.hpp"

#include <algorithm>

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
  if (has_size) a.size = size;
  if (has_times) {
    a.modify_time = modify_time;
    a.change_time = change_time;
    a.change = std::max(a.change, change);
    a.space_used = space_used;
  }
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

bool Inode::pending_any() const noexcept {
  const std::lock_guard lock(state_mutex_);
  return pending_.any();
}

bool Inode::clean(Lsn durable, const Rollbacks& rollbacks) const noexcept {
  const std::lock_guard lock(state_mutex_);
  return !pending_.any() && !fence && last_.lsn <= durable && holds.load(std::memory_order_relaxed) == 0 &&
         attachment.load(std::memory_order_relaxed) == nullptr && rollbacks.fate_of(last_) != Rollbacks::Fate::Lost;
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

// What a transaction had taken along and the store took back is pending again. Data that went to an object in place is
// still there, beside a record that knows nothing of it: such contents get a change counter that nobody has seen.
void Inode::restore_lost(const InodeRecord& record, const Rollbacks& rollbacks) noexcept {
  const auto lost = [&](bool had, Stamp stamp) { return had && rollbacks.fate_of(stamp) == Rollbacks::Fate::Lost; };
  if (lost(unsettled_.has_size, unsettled_size_) && !pending_.has_size) {
    pending_.has_size = true;
    pending_.size = unsettled_.size;
    pending_.object = unsettled_.object;
  }
  if (lost(unsettled_.has_times, unsettled_times_) && !pending_.has_times) {
    pending_.has_times = true;
    pending_.modify_time = unsettled_.modify_time;
    pending_.change_time = unsettled_.change_time;
    pending_.space_used = unsettled_.space_used;
    pending_.object = unsettled_.object;
  }
  unsettled_ = {};
  if (record.object == 0 || pending_.object != record.object) pending_.has_size = pending_.has_times = false;
  if (record.object == 0 || !lost(true, last_)) return;
  if (!pending_.has_times) {
    const Attributes& a = record.attributes;
    pending_.has_times = true;
    pending_.modify_time = a.modify_time;
    pending_.change_time = a.change_time;
    pending_.space_used = a.space_used;
    pending_.object = record.object;
  }
  pending_.change = highest_change_ + 1;
}

void Inode::loaded(bool found, const InodeRecord& record, Stamp seen, const Rollbacks& rollbacks) noexcept {
  const std::lock_guard lock(state_mutex_);
  restore_lost(record, rollbacks);
  last_ = seen;
  rests_on_ = seen.lsn;
  epoch_ = seen.epoch;
  tail_clean = false;
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

void Inode::keep_unsettled(const Pending& taken, Stamp stamp) noexcept {
  if (taken.data()) unsettled_.object = taken.object;
  if (taken.has_size) {
    unsettled_.has_size = true;
    unsettled_.size = taken.size;
    unsettled_size_ = stamp;
  }
  if (taken.has_times) {
    unsettled_.has_times = true;
    unsettled_.modify_time = taken.modify_time;
    unsettled_.change_time = taken.change_time;
    unsettled_.space_used = taken.space_used;
    unsettled_times_ = stamp;
  }
}

void Inode::committed(const InodeRecord& record, const Pending& taken, Stamp stamp, Publish how) noexcept {
  const std::lock_guard lock(state_mutex_);
  keep_unsettled(taken, stamp);
  pending_.has_size = pending_.has_times = false;
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
  keep_unsettled(pending_, stamp);
  pending_ = {};
  last_ = stamp;
  epoch_ = stamp.epoch;
  rests_on_ = stamp.lsn;
  ++generation_;
  publish(record, InodeState::Presence::Gone);
}

void Inode::wrote(const InodeRecord& record, bool new_size) noexcept {
  const std::lock_guard lock(state_mutex_);
  const Attributes& a = record.attributes;
  if (new_size) pending_.has_size = true, pending_.size = a.size;
  pending_.object = record.object;
  pending_.has_times = true;
  pending_.modify_time = a.modify_time;
  pending_.change_time = a.change_time;
  pending_.change = a.change;
  pending_.space_used = a.space_used;
  InodeRecord shown = record;
  if (pending_.has_access) shown.attributes.access_time = pending_.access_time;
  publish(shown, InodeState::Presence::Present);
}

void Inode::measured(std::uint64_t space_used) noexcept {
  const std::lock_guard lock(state_mutex_);
  InodeState state = state_.load();
  state.record.attributes.space_used = space_used;
  if (pending_.has_times) pending_.space_used = space_used;
  state_.store(state);
}

}  // namespace ditto::vfs
