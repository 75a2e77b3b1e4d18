#include "state/grant_table.hpp"

#include <algorithm>

namespace ditto::state {
namespace {

/// Whether `demand` waits for a holder that has to come down to `left`: also while that has been told of less than this
/// takes from it, since it counts on the rest until it has answered and can be told more.
bool waits_for(const Grant& grant, const Demand& demand, Caching left) noexcept {
  return must_wait(demand, grant.kind, grant.held, left) || (grant.breaking && any(without(grant.told, left)));
}

/// What `demand` leaves of a grant.
Caching left_of(const Grant& grant, const Demand& demand) noexcept {
  if (any(grant.notices & demand.told_as)) return grant.held;
  return left_by(demand, grant.kind, grant.held);
}

/// An oplock that may not keep changes is level II (MS-SMB2, 2.2.14).
Caching possible(GrantKind kind, Caching caching) noexcept {
  return kind == GrantKind::Oplock && !any(caching & Caching::Write) ? caching & Caching::Read : caching;
}

}  // namespace

const Grant* GrantTable::find(GrantId id) const noexcept {
  const auto found = std::ranges::find(grants_, id, &Grant::id);
  return found == grants_.end() ? nullptr : &*found;
}

const Grant* GrantTable::find(const Holder& holder) const noexcept {
  const auto found = std::ranges::find(grants_, holder, &Grant::holder);
  return found == grants_.end() ? nullptr : &*found;
}

Grant* GrantTable::find_mutable(GrantId id) noexcept { return const_cast<Grant*>(find(id)); }

Caching GrantTable::grantable(const Holder& holder, Caching wanted) const noexcept {
  for (const Grant& other : grants_) {
    if (other.holder == holder) continue;
    if (any(other.held & Caching::Write)) return Caching::None;
    wanted = without(wanted, Caching::Write);
  }
  return usable(wanted);
}

const Grant* GrantTable::grant(const Wanted& wanted) {
  const Caching allowed = possible(wanted.kind, grantable(wanted.holder, wanted.caching));
  if (const Grant* has = find(wanted.holder)) {
    Grant& own = *find_mutable(has->id);
    if (own.breaking || within(allowed, own.held)) return &own;
    settle(own, own.held | allowed);
    return &own;
  }
  if (!any(allowed) || grants_.size() >= max_grants) return nullptr;
  return &grants_.emplace_back(Grant{.id = wanted.id,
                                     .holder = wanted.holder,
                                     .kind = wanted.kind,
                                     .held = allowed,
                                     .tells = wanted.tells ? Grant::Tells::Whenever : Grant::Tells::Never,
                                     .notices = wanted.notices});
}

void GrantTable::settle(Grant& grant, Caching held) {
  grant.held = held;
  ++grant.epoch;
}

void GrantTable::recall(Grant& grant, Caching to, Moment deadline, Effects& effects) {
  const bool acknowledge = must_acknowledge(grant.kind, grant.held);
  ++grant.epoch;
  effects.push_back(Recall{file_, grant.id, grant.holder, grant.held, to, acknowledge, grant.epoch});
  if (!acknowledge) {
    grant.held = to;
    return;
  }
  grant.breaking = true;
  grant.told = grant.goal = to;
  grant.deadline = deadline;
}

bool GrantTable::demand(const Demand& demand, const Holder& actor, Moment deadline, Effects& effects) {
  bool wait = false;
  for (Grant& grant : grants_) {
    if (grant.holder == actor) continue;
    const Caching left = left_of(grant, demand);
    if (left == grant.held) continue;
    wait |= waits_for(grant, demand, left);
    if (grant.breaking) {
      grant.goal = usable(grant.goal & left);
    } else {
      recall(grant, left, deadline, effects);
    }
  }
  std::erase_if(grants_, [](const Grant& grant) { return !any(grant.held); });
  return wait;
}

bool GrantTable::ask_back(GrantId id, Moment deadline, Effects& effects) {
  Grant* const grant = find_mutable(id);
  if (!grant) return false;
  if (grant->breaking) {
    grant->goal = Caching::None;
  } else {
    recall(*grant, Caching::None, deadline, effects);
    if (!any(grant->held)) give_back(id);
  }
  return true;
}

Grant* GrantTable::writer_beside(const Holder& actor) noexcept {
  const auto found = std::ranges::find_if(grants_, [&](const Grant& grant) {
    return any(grant.held & Caching::Write) && grant.tells != Grant::Tells::Never && grant.holder != actor;
  });
  return found == grants_.end() ? nullptr : &*found;
}

bool GrantTable::blocks(const Demand& demand, const Holder& actor) const noexcept {
  return std::ranges::any_of(grants_, [&](const Grant& grant) {
    if (grant.holder == actor) return false;
    const Caching left = left_of(grant, demand);
    return left != grant.held && waits_for(grant, demand, left);
  });
}

Answer<Caching> GrantTable::acknowledge(GrantId id, std::uint32_t epoch, Caching kept, Moment deadline,
                                        Effects& effects) {
  Grant* grant = find_mutable(id);
  if (!grant || !grant->breaking || grant->epoch != epoch) return refuse(Refusal::NotHeld);
  if (!within(kept, grant->told)) return refuse(Refusal::NotHeld);
  const Caching goal = grant->goal;
  grant->breaking = false;
  grant->deadline = never;
  settle(*grant, usable(kept));
  const Caching held = grant->held;
  if (!any(held)) {
    give_back(id);
  } else if (!within(held, goal)) {
    recall(*grant, usable(held & goal), deadline, effects);
    if (!any(grant->held)) give_back(id);
  }
  return held;
}

bool GrantTable::give_back(GrantId id) noexcept {
  return std::erase_if(grants_, [&](const Grant& grant) { return grant.id == id; }) != 0;
}

std::size_t GrantTable::drop_client(ClientId client) noexcept {
  return std::erase_if(grants_, [&](const Grant& grant) { return grant.holder.client == client; });
}

bool GrantTable::revoke(GrantId id, Effects& effects) {
  const Grant* grant = find(id);
  if (!grant) return false;
  effects.push_back(Revoked{file_, id, grant->holder});
  return give_back(id);
}

bool GrantTable::advance(Moment now, Effects& effects) {
  bool any_ended = false;
  for (Grant& grant : grants_) {
    if (!grant.breaking || grant.deadline > now) continue;
    any_ended = true;
    grant.breaking = false;
    grant.deadline = never;
    // Whatever it was asked to keep (MS-SMB2, 3.3.6.5).
    settle(grant, Caching::None);
    effects.push_back(Revoked{file_, grant.id, grant.holder});
  }
  std::erase_if(grants_, [](const Grant& grant) { return !any(grant.held); });
  return any_ended;
}

Moment GrantTable::next_deadline() const noexcept {
  Moment next = never;
  for (const Grant& grant : grants_) next = std::min(next, grant.deadline);
  return next;
}

}  // namespace ditto::state
