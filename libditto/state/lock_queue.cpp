#include "state/lock_queue.hpp"

#include <algorithm>

namespace ditto::state {

LockQueue::~LockQueue() {
  for (const Waiter& waiter : waiters_) graph_.stop(waiter.request.ticket);
  count_all_off();
}

bool LockQueue::has_room(ClientId client, std::ptrdiff_t growth) const {
  if (growth <= 0) return true;
  const auto more = static_cast<std::size_t>(growth);
  return table_.size() + more <= max_locks && (!counts_ || counts_->has_room(client, more));
}

void LockQueue::count(ClientId client, std::ptrdiff_t growth) {
  if (counts_) counts_->change(client, growth);
}

void LockQueue::add(const ByteLock& lock) {
  count(lock.owner.client, table_.growth_by_adding(lock));
  table_.add(lock);
}

void LockQueue::count_all_off() {
  for (const ByteLock& lock : table_.all()) count(lock.owner.client, -1);
}

const ByteLock* LockQueue::held_or_kept(const ByteLock& wanted, Place before) const noexcept {
  if (const ByteLock* held = table_.find_conflict(wanted)) return held;
  for (Place i = 0; i < before; ++i) {
    if (waiters_[i].reserved && conflict(waiters_[i].request.lock, wanted)) return &waiters_[i].request.lock;
  }
  return nullptr;
}

bool LockQueue::waits_before(const ByteLock& wanted, Place before) const noexcept {
  return std::any_of(waiters_.begin(), waiters_.begin() + static_cast<std::ptrdiff_t>(before),
                     [&](const Waiter& earlier) { return conflict(earlier.request.lock, wanted); });
}

LockQueue::Place LockQueue::place_of_poll(const LockRequest& request) const noexcept {
  const auto same = [&](const Waiter& waiter) {
    return waiter.request.waiting == Waiting::Polling && waiter.request.lock == request.lock;
  };
  return static_cast<Place>(std::ranges::find_if(waiters_, same) - waiters_.begin());
}

LockOutcome LockQueue::lock(const LockRequest& request, Moment now, Effects& effects) {
  advance(now, effects);  // the time of some may have run out, and no tick has said so
  const Place poll = place_of_poll(request);
  const ByteLock* holder = held_or_kept(request.lock, poll);
  // Whoever does not wait may pass those that still have to wait for others: it would not make them wait longer for
  // what they could have now.
  const bool must_queue = !holder && request.waiting != Waiting::No && waits_before(request.lock, poll);
  if (!holder && !must_queue) {
    if (!has_room(request.lock.owner.client, table_.growth_by_adding(request.lock))) {
      return {.kind = LockOutcome::Kind::Refused, .refusal = Refusal::LimitReached};
    }
    if (poll != waiters_.size()) remove(poll);
    add(request.lock);
    changed(now, effects);
    return {};
  }
  const ByteLock in_the_way = holder ? *holder : request.lock;
  // Whose time is over does not begin to wait.
  if (request.waiting == Waiting::No || request.until <= now)
    return {.kind = LockOutcome::Kind::Denied, .holder = in_the_way};
  if (poll != waiters_.size()) {
    waiters_[poll].request.until = std::max(waiters_[poll].request.until, request.until);
    return {.kind = LockOutcome::Kind::Denied, .holder = in_the_way};
  }
  return enqueue(request, in_the_way, now);
}

LockOutcome LockQueue::enqueue(const LockRequest& request, const ByteLock& holder, Moment now) {
  const bool parked = request.waiting == Waiting::Parked;
  if (waiters_.size() >= max_waiters) {
    // Whoever polls asks again anyway.
    if (!parked) return {.kind = LockOutcome::Kind::Denied, .holder = holder};
    return {.kind = LockOutcome::Kind::Refused, .refusal = Refusal::LimitReached};
  }
  waiters_.push_back({request});
  waiters_.back().request.since = now;
  if (!renew_edges(waiters_.size() - 1)) {
    waiters_.pop_back();
    return {.kind = LockOutcome::Kind::Refused, .refusal = Refusal::Deadlock};
  }
  return {.kind = parked ? LockOutcome::Kind::Parked : LockOutcome::Kind::Denied, .holder = holder};
}

std::optional<ByteLock> LockQueue::test(const ByteLock& wanted) const {
  const ByteLock* holder = held_or_kept(wanted, waiters_.size());
  return holder ? std::optional(*holder) : std::nullopt;
}

Answer<bool> LockQueue::unlock(const LockOwner& owner, const ByteRange& range, Moment now, Effects& effects) {
  const std::size_t before = table_.size();
  if (!has_room(owner.client, table_.growth_by_removing(owner, range))) return refuse(Refusal::LimitReached);
  const bool any = table_.remove(owner, range);
  count(owner.client, static_cast<std::ptrdiff_t>(table_.size()) - static_cast<std::ptrdiff_t>(before));
  if (any) changed(now, effects);
  return any;
}

bool LockQueue::withdraw(TicketId ticket, Moment now, Effects& effects) {
  const auto found = std::ranges::find(waiters_, ticket, [](const Waiter& w) { return w.request.ticket; });
  if (found == waiters_.end()) return false;
  remove(static_cast<Place>(found - waiters_.begin()));
  changed(now, effects);
  return true;
}

std::optional<TicketId> LockQueue::find_parked(const ByteLock& wanted) const noexcept {
  for (const Waiter& waiter : waiters_) {
    if (waiter.request.waiting == Waiting::Parked && waiter.request.lock == wanted) return waiter.request.ticket;
  }
  return std::nullopt;
}

template <class Whose>
void LockQueue::drop_waiters(Whose whose, Effects& effects) {
  for (Place i = waiters_.size(); i-- > 0;) {
    if (!whose(waiters_[i].request.lock.owner)) continue;
    if (waiters_[i].request.waiting == Waiting::Parked) {
      effects.push_back(Resume{waiters_[i].request.ticket, Refusal::Cancelled});
    }
    remove(i);
  }
}

std::size_t LockQueue::drop_owner(const LockOwner& owner, Moment now, Effects& effects) {
  drop_waiters([&](const LockOwner& each) { return each == owner; }, effects);
  const std::size_t gone = table_.remove_owner(owner);
  count(owner.client, -static_cast<std::ptrdiff_t>(gone));
  changed(now, effects);
  return gone;
}

std::size_t LockQueue::drop_client(ClientId client, Moment now, Effects& effects) {
  drop_waiters([&](const LockOwner& each) { return each.client == client; }, effects);
  const std::size_t gone = table_.remove_client(client);
  count(client, -static_cast<std::ptrdiff_t>(gone));
  changed(now, effects);
  return gone;
}

void LockQueue::clear(Effects& effects) {
  drop_waiters([](const LockOwner&) { return true; }, effects);
  count_all_off();
  table_ = LockTable();
}

void LockQueue::advance(Moment now, Effects& effects) {
  if (next_deadline() <= now) changed(now, effects);
}

Moment LockQueue::next_deadline() const noexcept {
  Moment next = never;
  for (const Waiter& waiter : waiters_) next = std::min(next, waiter.request.until);
  return next;
}

void LockQueue::remove(Place place) {
  graph_.stop(waiters_[place].request.ticket);
  waiters_.erase(waiters_.begin() + static_cast<std::ptrdiff_t>(place));
}

std::vector<LockOwner> LockQueue::blockers(Place place) const {
  const ByteLock& wanted = waiters_[place].request.lock;
  std::vector<LockOwner> found;
  table_.each_conflict(wanted, [&](const ByteLock& held) { found.push_back(held.owner); });
  for (Place i = 0; i < place; ++i) {
    if (conflict(waiters_[i].request.lock, wanted)) found.push_back(waiters_[i].request.lock.owner);
  }
  return found;
}

bool LockQueue::renew_edges(Place place) {
  const LockRequest& request = waiters_[place].request;
  // SMB has no notion of a deadlock: its clients cancel what lasts too long.
  if (request.lock.owner.rules != LockRules::Posix) return true;
  return graph_.wait(request.ticket, request.lock.owner, blockers(place));
}

/// Gives what is free to whoever is first and still waits, and tells the graph what the others wait for now.
void LockQueue::changed(Moment now, Effects& effects) {
  for (Place i = waiters_.size(); i-- > 0;) {
    if (waiters_[i].request.until > now) continue;
    if (waiters_[i].request.waiting == Waiting::Parked) {
      effects.push_back(Resume{waiters_[i].request.ticket, Refusal::TimedOut});
    }
    remove(i);
  }
  for (Place i = 0; i < waiters_.size();) {
    Waiter& waiter = waiters_[i];
    const bool free = !table_.find_conflict(waiter.request.lock) && !waits_before(waiter.request.lock, i);
    if (free && waiter.request.waiting == Waiting::Parked) {
      add(waiter.request.lock);  // there was room when it came, and no more wait than may
      effects.push_back(Resume{waiter.request.ticket, {}});
      remove(i);
      i = 0;  // what it held before may be free now, for somebody before it
      continue;
    }
    if (free && !waiter.reserved) {
      waiter.request.until = now + reservation;
      effects.push_back(LockAvailable{file_, waiter.request.lock.owner});
    }
    waiter.reserved = free;
    if (renew_edges(i)) {
      ++i;
      continue;
    }
    if (waiter.request.waiting == Waiting::Parked) effects.push_back(Resume{waiter.request.ticket, Refusal::Deadlock});
    remove(i);
  }
}

}  // namespace ditto::state
