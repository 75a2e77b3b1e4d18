// Time and durability: leases that run out, grace that ends, and what was persisted.
#include <algorithm>
#include <utility>

#include "state/clients/clients.hpp"

namespace ditto::state {

namespace {

std::size_t count_of(const auto& waiting, auto what) {
  return static_cast<std::size_t>(
      std::ranges::count_if(waiting, [&](const auto& each) { return each.second.what == what; }));
}

}  // namespace

void Clients::advance(Moment now, ClientEffects& effects) {
  const std::lock_guard lock(mutex_);
  if (now < next_ && (completing_ != 0 || !grace_.is_due(now))) return;
  completing_ = count_of(waiting_, Waiting::For::Completion);
  Moment next = expire_unconfirmed(now);
  for (auto at = entries_.begin(); at != entries_.end();) {
    Entry& entry = (at++)->second;
    next = std::min(next, visit(entry, now, effects));
    prune(entry);
  }
  end_grace_if_due(now, effects);
  next_ = next;
}

Moment Clients::next_deadline() const {
  const std::lock_guard lock(mutex_);
  return completing_ != 0 ? next_ : std::min(next_, grace_.deadline());
}

// RFC 8881, 18.35.4: not confirmed within a lease.
Moment Clients::expire_unconfirmed(Moment now) {
  while (!unconfirmed_.empty()) {
    const auto [made, id] = *unconfirmed_.begin();
    if (now < after(made, limits_.lease_ns)) return after(made, limits_.lease_ns);
    drop_unconfirmed(*by_id_.at(id));
  }
  return never;
}

/// What time does to one client; when to look at it again.
Moment Clients::visit(Entry& entry, Moment now, ClientEffects& effects) {
  if (!entry.confirmed) return never;
  Client& client = *entry.confirmed;
  for (const auto& owner : client.owners.expire(now))
    effects.unconfirmed.push_back({.client = client.id, .owner = owner});
  client.lease.lapse(now, limits_.lease_ns);
  const Moment runs_out = after(client.lease.renewed_at(), limits_.lease_ns);
  switch (client.lease.standing()) {
    case Standing::Live: return runs_out;
    case Standing::Courtesy: break;
    case Standing::Revoking:
    case Standing::Gone: return never;
  }
  // Courtesy is for state; a client without any goes with its lease.
  const Moment goes =
      std::max(client.has_state() ? after(runs_out, limits_.courtesy_ns) : runs_out, client.book.retry_at);
  if (now < goes) return goes;
  if (client.lease.seize(now, limits_.lease_ns)) revoke(entry, effects);
  if (!entry.confirmed || client.lease.standing() != Standing::Live) return never;
  return after(client.lease.renewed_at(), limits_.lease_ns);
}

void Clients::end_grace_if_due(Moment now, ClientEffects& effects) {
  // Who is about to be done is neither cut off nor let off.
  if (!grace_.is_due(now) || completing_ != 0) return;
  Persist& end = persist(Persist::What::EndGrace, {}, effects);
  end.keep_from = incarnation_;
  // Who reclaimed something and is not done may believe to hold what others get from now on. RFC 8881, 8.4.3.
  for (const auto& [key, entry] : entries_) {
    if (key.protocol != Protocol::Nfs41 || !entry.confirmed) continue;
    Client& client = *entry.confirmed;
    if (client.recorded == Client::Recorded::No || client.reclaim_complete || client.book.revoking != 0) continue;
    client.cut_off = true;
    end.cut_off.push_back(client.record());
  }
  waiting_[end.token] = {.what = Waiting::For::EndOfGrace};
  grace_.ending();
}

Answer<StateBegun> Clients::begin_state(Client& client, ClientEffects& effects) {
  const Standing standing = client.lease.standing();
  if (standing == Standing::Revoking || standing == Standing::Gone) return refuse(Refusal::Expired);
  if (client.recorded == Client::Recorded::Yes) return StateBegun{.ready = true};
  const std::lock_guard lock(mutex_);
  if (client.lease.standing() == Standing::Gone) return refuse(Refusal::Expired);
  if (client.recorded == Client::Recorded::Yes) return StateBegun{.ready = true};
  if (client.recorded == Client::Recorded::No) {
    client.book.recording = persist(Persist::What::Put, client.record(), effects).token;
    waiting_[client.book.recording] = {.what = Waiting::For::Record, .client = client.id};
    client.recorded = Client::Recorded::Writing;
  }
  return StateBegun{.token = client.book.recording};
}

Answer<void> Clients::may_reclaim(const Client& client) const {
  const bool may = grace_.phase() == Grace::Phase::Running && client.reclaims && !client.reclaim_complete;
  if (!may) return refuse(Refusal::NoGrace);
  return {};
}

Answer<void> Clients::may_grant(const Client& client) const {
  const bool complete = client.key.protocol != Protocol::Nfs41 || client.reclaim_complete;  // RFC 8881, 18.51.3
  if (!complete || grace_.phase() != Grace::Phase::Over) return refuse(Refusal::Grace);
  return {};
}

Answer<void> Clients::reclaim_complete(Client& client, bool one_file_system, Moment now, ClientEffects& effects) {
  // File systems do not move between servers, so there is never something to complete for one of them.
  if (one_file_system) return {};
  const std::lock_guard lock(mutex_);
  if (client.lease.standing() == Standing::Gone) return refuse(Refusal::Expired);
  if (client.reclaim_complete) return refuse(Refusal::CompleteAlready);
  if (client.book.completing != 0) return refuse(Refusal::Delay);
  if (client.recorded == Client::Recorded::No || client.book.revoking != 0) {
    complete(client, now, effects);
    return {};
  }
  // Nobody is told that it is done before the record says so: a restart would refuse it what it gets next.
  ClientRecord record = client.record();
  record.reclaim_complete = true;
  record.cut_off = false;
  client.book.completing = persist(Persist::What::Put, std::move(record), effects).token;
  waiting_[client.book.completing] = {.what = Waiting::For::Completion, .client = client.id};
  ++completing_;
  return {};
}

void Clients::complete(Client& client, Moment now, ClientEffects& effects) {
  client.reclaim_complete = true;
  client.cut_off = false;
  if (client.reclaims) grace_.done(client.key);
  end_grace_if_due(now, effects);
}

void Clients::persisted(PersistToken token, Moment now, ClientEffects& effects) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return;
  const Waiting waiting = found->second;
  waiting_.erase(found);
  if (waiting.what == Waiting::For::EndOfGrace) {
    grace_.ended();
    effects.grace_over = true;
    return;
  }
  if (waiting.what == Waiting::For::Completion) {
    completing_ = count_of(waiting_, Waiting::For::Completion);
    // It may have gone meanwhile.
    if (const auto client = clients_.find(waiting.client)) {
      client->book.completing = 0;
      complete(*client, now, effects);
    } else {
      end_grace_if_due(now, effects);
    }
    return;
  }
  Entry& entry = *by_id_.at(waiting.client);
  Client& client = *entry.confirmed;
  if (waiting.what == Waiting::For::Record) {
    client.recorded = Client::Recorded::Yes;
    client.book.recording = 0;
    return;
  }
  if (waiting.what == Waiting::For::Mark) {
    client.book.marked = true;
    client.book.marking = 0;
    return;
  }
  const std::shared_ptr<Client> revoked = std::exchange(entry.confirmed, nullptr);
  forget(*revoked);
  keep_revoked(revoked->id, effects);
  if (revoked->reclaims) grace_.done(revoked->key);
  effects.gone.push_back({.client = revoked->id});
  prune(entry);
}

void Clients::failed(PersistToken token, Moment now) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return;
  const Waiting waiting = found->second;
  waiting_.erase(found);
  const Moment retry_at = after(now, limits_.retry_ns);
  next_ = std::min(next_, retry_at);
  if (waiting.what == Waiting::For::EndOfGrace) {
    grace_.failed(retry_at);
    return;
  }
  if (waiting.what == Waiting::For::Completion) {
    // It has until `retry_at` to come again: until then it still counts.
    if (const auto client = clients_.find(waiting.client)) client->book.completing = 0;
    return;
  }
  Client& client = *by_id_.at(waiting.client)->confirmed;
  if (waiting.what == Waiting::For::Record) {
    client.recorded = Client::Recorded::No;
    client.book.recording = 0;
    return;
  }
  if (waiting.what == Waiting::For::Mark) {
    client.taken_from = false;
    client.book.marking = 0;
    return;
  }
  client.book.revoking = 0;
  client.book.retry_at = retry_at;
  client.lease.give_back();
}

}  // namespace ditto::state
