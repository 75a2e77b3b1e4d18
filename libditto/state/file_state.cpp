#include "state/file_state.hpp"

#include <algorithm>
#include <utility>

namespace ditto::state {
namespace {

/// What an open demands that meets a share mode it conflicts with: that holders close what they only keep open (MS-FSA,
/// 2.1.5.1.2: OPEN_BREAK_H). A delegation's holder may have opens that it told nobody of.
constexpr Demand give_up_handles{
    .name = "share mode", .lease = Caching::Handle, .read_delegation = true, .write_delegation = true};

/// What waits until something was claimed that is from before a restart.
constexpr Demand until_claimed{.name = "reclaim"};

/// What waits until a holder has said what it keeps to itself.
constexpr Demand until_told{.name = "what is kept"};

Operation how_to_open(Share access) noexcept {
  return any(access & (Share::Write | Share::Delete)) ? Operation::OpenWrite : Operation::OpenRead;
}

/// Who denies reading is as much in the way of delegations to read, whose holders open for themselves, as who writes
/// (RFC 8881, 10.4).
const Demand& demand_to_open(Operation how, const ShareMode& mode) noexcept {
  const bool denies = how == Operation::OpenRead && any(mode.deny & Share::Read);
  return demand_of(denies ? Operation::OpenWrite : how);
}

}  // namespace

const Open* FileState::find_open(OpenId id) const noexcept {
  const auto found = std::ranges::find(opens_, id, &Open::id);
  return found == opens_.end() ? nullptr : &*found;
}

const Open* FileState::find_conflict(const ShareMode& mode, OpenId except) const noexcept {
  for (const Open& open : opens_) {
    if (open.id != except && !compatible(open.mode, mode)) return &open;
  }
  return nullptr;
}

Verdict FileState::enter(Operation operation, const Actor& actor, const ByteRange& range, Moment deadline,
                         Effects& effects) {
  const Demand& demand = demand_of(operation);
  if (demand.mandatory) {
    if (const ByteLock* lock = locks_.table().find_mandatory(range, *demand.mandatory, actor.locks)) {
      return Verdict::refused(Refusal::LockConflict, lock->owner.client);
    }
  }
  // An open that was closed, or dropped, while its request was on the way is none.
  if (any(demand.denied_by) && !find_open(actor.open)) {
    for (const Open& open : opens_) {
      if (any(open.mode.deny & demand.denied_by)) return Verdict::refused(Refusal::ShareConflict, open.holder.client);
    }
  }
  if (actor.open == 0 && reserved_.forbid(demand, range)) return Verdict::wait(until_claimed);
  return grants_.demand(demand, actor.holder, deadline, effects) ? Verdict::wait(demand) : Verdict::proceed();
}

Verdict FileState::know(const Holder& actor, Moment since, Moment deadline, Effects& effects) {
  Grant* writer = grants_.writer_beside(actor);
  if (!writer) return Verdict::proceed();
  if (writer->tells == Grant::Tells::Mute) {
    const Demand& demand = demand_of(Operation::OpenRead);
    return grants_.demand(demand, actor, deadline, effects) ? Verdict::wait(demand) : Verdict::proceed();
  }
  if (writer->tells == Grant::Tells::Whenever && writer->kept_at && *writer->kept_at >= since) {
    Verdict verdict = Verdict::proceed();
    verdict.kept = writer->kept;
    writer->kept.fresh = false;
    return verdict;
  }
  if (std::exchange(writer->tells, Grant::Tells::Asked) != Grant::Tells::Asked) {
    effects.push_back(Query{file_, writer->id, writer->holder});
  }
  return Verdict::wait(until_told);
}

void FileState::told(GrantId id, const std::optional<Kept>& kept, Moment now, Effects& effects) {
  Grant* grant = grants_.find_mutable(id);
  if (!grant || grant->tells != Grant::Tells::Asked) return;
  grant->tells = kept ? Grant::Tells::Whenever : Grant::Tells::Mute;
  if (kept) {
    const Kept& last = grant->kept;
    const bool again = last.told && !last.fresh && last.modified == kept->modified && last.size == kept->size;
    grant->kept = {.told = true, .modified = kept->modified, .size = kept->size, .fresh = !again};
  }
  grant->kept_at = now;
  resume_unblocked(effects);
}

Verdict FileState::share_verdict(const ShareMode& mode, const Holder& holder, OpenId except, Moment deadline,
                                 Effects& effects) {
  const Open* conflicting = find_conflict(mode, except);
  if (!conflicting) return Verdict::proceed();
  // Perhaps its holder keeps it open only in case it is wanted again.
  if (mode_conflicts_with_handles(*conflicting, holder)) {
    grants_.demand(give_up_handles, holder, deadline, effects);
    return Verdict::wait(give_up_handles);
  }
  return Verdict::refused(Refusal::ShareConflict, conflicting->holder.client);
}

bool FileState::mode_conflicts_with_handles(const Open& conflicting, const Holder& holder) const noexcept {
  if (conflicting.holder == holder) return false;
  const Grant* grant = grants_.find(conflicting.holder);
  return grant && any(grant->held & Caching::Handle);
}

Verdict FileState::reserved_verdict(const ShareMode& mode, Share denied, const Promise* promise) const noexcept {
  const bool reclaims = promise && promise->reclaims;
  if (reserved_.forbid(mode, promise ? &promise->who : nullptr)) {
    return reclaims ? Verdict::refused(Refusal::ShareConflict) : Verdict::wait(until_claimed);
  }
  if (!reclaims || !promise->kept) return Verdict::proceed();
  const Share may_deny = denied | reserved_.denied_by(promise->who);
  return (mode.deny | may_deny) == may_deny ? Verdict::proceed() : Verdict::refused(Refusal::NotHeldBefore);
}

Verdict FileState::open(const Open& wanted, Operation how, Moment deadline, Effects& effects, const Promise* promise) {
  if (delete_pending_) return Verdict::refused(Refusal::DeletePending);
  if (opens_.size() >= max_opens) return Verdict::refused(Refusal::LimitReached);
  const Verdict shared = share_verdict(wanted.mode, wanted.holder, 0, deadline, effects);
  if (shared.kind != Verdict::Kind::Proceed) return shared;
  const Verdict reserved = reserved_verdict(wanted.mode, Share::None, promise);
  if (reserved.kind != Verdict::Kind::Proceed) return reserved;
  const Demand& demand = demand_to_open(how, wanted.mode);
  if (grants_.demand(demand, wanted.holder, deadline, effects)) return Verdict::wait(demand);
  opens_.push_back(wanted);
  opens_.back().recorded = promise && promise->kept && any(wanted.mode.deny);
  return Verdict::proceed();
}

Verdict FileState::upgrade(OpenId id, const ShareMode& more, Moment deadline, Effects& effects,
                           const Promise* promise) {
  const auto found = std::ranges::find(opens_, id, &Open::id);
  if (found == opens_.end()) return Verdict::refused(Refusal::NoSuchOpen);
  // Whoever denies something denies it to its own next OPEN as well (RFC 7530, 9.9; RFC 8881, 9.7).
  if (!compatible(found->mode, more)) return Verdict::refused(Refusal::ShareConflict, found->holder.client);
  const ShareMode both{found->mode.access | more.access, found->mode.deny | more.deny};
  const Verdict shared = share_verdict(both, found->holder, id, deadline, effects);
  if (shared.kind != Verdict::Kind::Proceed) return shared;
  const Verdict reserved = reserved_verdict(both, found->mode.deny, promise);
  if (reserved.kind != Verdict::Kind::Proceed) return reserved;
  const Demand& demand = demand_to_open(how_to_open(both.access), both);
  if (grants_.demand(demand, found->holder, deadline, effects)) return Verdict::wait(demand);
  found->mode = both;
  found->recorded = found->recorded || (promise && promise->kept && any(both.deny));
  return Verdict::proceed();
}

Answer<void> FileState::downgrade(OpenId id, const ShareMode& less, Effects& effects) {
  const auto found = std::ranges::find(opens_, id, &Open::id);
  if (found == opens_.end()) return refuse(Refusal::NoSuchOpen);
  if ((less.access | found->mode.access) != found->mode.access || (less.deny | found->mode.deny) != found->mode.deny) {
    return refuse(Refusal::NotOpenedAs);
  }
  found->mode = less;
  if (found->recorded) effects.push_back(Lessened{id, less});
  found->recorded = found->recorded && any(less.deny);
  resume_unblocked(effects);
  return {};
}

bool FileState::close(OpenId id, Effects& effects) {
  const auto found = std::ranges::find(opens_, id, &Open::id);
  if (found == opens_.end()) return false;
  if (found->recorded) effects.push_back(Lessened{id, {}});
  opens_.erase(found);
  resume_unblocked(effects);
  return true;
}

const Grant* FileState::grant(const GrantTable::Wanted& wanted) {
  if (delete_pending_) return nullptr;
  GrantTable::Wanted possible = wanted;
  for (const Open& open : opens_) {
    if (open.holder == wanted.holder || !any(open.mode.access)) continue;
    possible.caching = without(possible.caching, Caching::Write);
    // Who delegates reading promises that nobody has it open to write (RFC 8881, 10.4); SMB breaks at the first write.
    const bool writer = any(open.mode.access & Share::Write);
    if (writer && wanted.kind == GrantKind::Delegation) return grants_.find(wanted.holder);
  }
  if (wanted.kind == GrantKind::Delegation) {
    // Its client locks by itself (RFC 8881, 10.4), and knows of no lock but its own. NLM's are held without an open.
    for (const ByteLock& lock : locks_.table().all()) {
      if (lock.owner.client == wanted.holder.client) continue;
      if (lock.kind == LockKind::Exclusive) return grants_.find(wanted.holder);
      possible.caching = without(possible.caching, Caching::Write);
    }
  }
  return grants_.grant(possible);
}

Answer<Caching> FileState::acknowledge(GrantId id, std::uint32_t epoch, Caching kept, Moment deadline,
                                       Effects& effects) {
  const Answer<Caching> held = grants_.acknowledge(id, epoch, kept, deadline, effects);
  if (held) resume_unblocked(effects);
  return held;
}

bool FileState::give_back(GrantId id, Effects& effects) {
  const bool there = grants_.give_back(id);
  if (there) resume_unblocked(effects);
  return there;
}

bool FileState::revoke(GrantId id, Effects& effects) {
  const bool there = grants_.revoke(id, effects);
  if (there) resume_unblocked(effects);
  return there;
}

bool FileState::blocks(const Parked& parked) const noexcept {
  if (parked.demand == &until_claimed) return !reserved_.empty();
  if (parked.demand == &until_told) {
    const Grant* writer = grants_.writer_beside(parked.holder);
    return writer && writer->tells == Grant::Tells::Asked;
  }
  return grants_.blocks(*parked.demand, parked.holder);
}

Answer<void> FileState::park(const Parked& request) {
  if (parked_.size() >= max_parked) return refuse(Refusal::LimitReached);
  parked_.push_back(request);
  return {};
}

bool FileState::withdraw(TicketId ticket) noexcept {
  return std::erase_if(parked_, [&](const Parked& parked) { return parked.ticket == ticket; }) != 0;
}

/// Whoever no grant keeps waiting starts over; a share mode or a lock that is in its way it will meet then.
void FileState::resume_unblocked(Effects& effects) {
  std::erase_if(parked_, [&](const Parked& parked) {
    if (blocks(parked)) return false;
    effects.push_back(Resume{parked.ticket, {}});
    return true;
  });
}

std::vector<ObjectRecord> FileState::claimed(OpenId id, const Claimant& who, Effects& effects) {
  const Open* open = find_open(id);
  if (!open && !grants_.find(id)) return {};
  std::vector<ObjectRecord> made_good = reserved_.take(who, open ? open->mode : ShareMode{});
  if (!made_good.empty()) resume_after_claim(effects);
  return made_good;
}

void FileState::end_reservations(Effects& effects) {
  reserved_.clear();
  resume_after_claim(effects);
}

/// Whoever waited for that starts over, also where something is reserved still: perhaps it is none of its business.
void FileState::resume_after_claim(Effects& effects) {
  std::erase_if(parked_, [&](const Parked& parked) {
    if (parked.demand != &until_claimed) return false;
    effects.push_back(Resume{parked.ticket, {}});
    return true;
  });
}

void FileState::drop_client(ClientId client, Moment now, Effects& effects) {
  std::erase_if(opens_, [&](const Open& open) {
    if (open.holder.client != client) return false;
    if (open.recorded) effects.push_back(Lessened{open.id, {}});
    return true;
  });
  std::erase_if(parked_, [&](const Parked& parked) {
    if (parked.holder.client != client) return false;
    effects.push_back(Resume{parked.ticket, Refusal::Cancelled});
    return true;
  });
  grants_.drop_client(client);
  locks_.drop_client(client, now, effects);
  resume_unblocked(effects);
}

void FileState::clear(Effects& effects) {
  opens_.clear();
  for (const Parked& parked : parked_) effects.push_back(Resume{parked.ticket, Refusal::Cancelled});
  parked_.clear();
  while (!grants_.empty()) grants_.revoke(grants_.all().front().id, effects);
  locks_.clear(effects);
}

void FileState::advance(Moment now, Effects& effects) {
  if (grants_.advance(now, effects)) resume_unblocked(effects);
  std::erase_if(parked_, [&](const Parked& parked) {
    if (parked.deadline > now) return false;
    effects.push_back(Resume{parked.ticket, Refusal::TimedOut});
    return true;
  });
  locks_.advance(now, effects);
}

Moment FileState::next_deadline() const noexcept {
  Moment next = std::min(grants_.next_deadline(), locks_.next_deadline());
  for (const Parked& parked : parked_) next = std::min(next, parked.deadline);
  return next;
}

bool FileState::concerns_readers() const noexcept {
  if (locks_.table().any_mandatory() || !reserved_.empty()) return true;
  const auto denies = [](const Open& open) { return any(open.mode.deny & Share::Read); };
  const auto caches = [](const Grant& grant) { return any(grant.held & Caching::Write); };
  return std::ranges::any_of(opens_, denies) || std::ranges::any_of(grants_.all(), caches);
}

bool FileState::concerns_writers() const noexcept {
  if (locks_.table().any_mandatory() || !grants_.empty() || !reserved_.empty()) return true;
  return std::ranges::any_of(opens_,
                             [](const Open& open) { return any(open.mode.deny & (Share::Write | Share::Delete)); });
}

}  // namespace ditto::state
